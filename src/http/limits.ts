/**
 * Keeps one caller from taking everything: requests per second per key, requests in flight per profile, wrong keys per
 * address.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KeyWithApplication } from '../domain/access/api-keys.ts';
import { DomainError } from '../domain/errors.ts';
import { networkOf } from './client-address.ts';
import { type Counted, WindowCounter } from './window-counter.ts';

// Published for the hosted product: one request per profile runs and two wait.
const MAX_IN_FLIGHT_PER_PROFILE = 3;
// Published for the Management API, per second: for one operation, and for sign-ins of the whole account.
const MAX_PER_OPERATION = 3;
const MAX_SIGN_INS = 6;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
// About 100 bytes each.
const MAX_CALLERS = 20_000;

export interface Limits {
  /**
   * Counts a request with this key. @throws DomainError `too_many_requests`; sets the RateLimit headers if there is a
   * limit
   */
  countRequest(reply: FastifyReply, principal: KeyWithApplication): void;
  /**
   * Only in strict mode: counts a request as in flight for a profile until its response.
   * @param busy the refusal of an API that has one of its own
   * @throws DomainError `busy`, or `too_many_requests` without it
   */
  enterProfile(reply: FastifyReply, environment: string, integrationId: string, busy?: () => DomainError): void;
  /**
   * Only in strict mode: counts a request to the back office, by credential and operation. Console sessions are exempt.
   * @throws DomainError `too_many_requests`
   */
  countBackOffice(request: FastifyRequest, reply: FastifyReply): void;
  /** Counts a refused key. @throws DomainError `too_many_requests` when the address has sent too many lately */
  countAuthFailure(request: FastifyRequest, reply: FastifyReply): void;
  /**
   * Counts a request that needs no key. @throws DomainError `too_many_requests` if the address has recently sent too
   * many
   */
  countStranger(request: FastifyRequest, reply: FastifyReply): void;
}

/** @param elapsed a monotonic clock, in ms */
export function createLimits(
  app: FastifyInstance,
  options: { strict: boolean; rateLimit: number | undefined; maxAuthFailuresPerMinute: number },
  elapsed: () => number,
): Limits {
  const perKey = new WindowCounter(SECOND_MS, MAX_CALLERS, elapsed);
  const perOperation = new WindowCounter(SECOND_MS, MAX_CALLERS, elapsed);
  const perNetwork = new WindowCounter(MINUTE_MS, MAX_CALLERS, elapsed);
  const strangers = new WindowCounter(MINUTE_MS, MAX_CALLERS, elapsed);
  const inFlight = new Map<string, number>();
  const profiles = new WeakMap<FastifyRequest, string>();

  function leaveProfile(request: FastifyRequest): void {
    const key = profiles.get(request);
    if (key === undefined) return;
    profiles.delete(request);
    const left = (inFlight.get(key) ?? 1) - 1;
    if (left === 0) inFlight.delete(key);
    else inFlight.set(key, left);
  }

  if (options.strict) {
    // Before the response is sent: a client that has it may send its next request at once.
    app.addHook('onSend', async (request) => leaveProfile(request));
  }

  return {
    countRequest(reply, { key }) {
      const limit = key.rateLimit ?? options.rateLimit;
      if (limit !== undefined) assertWithin(reply, perKey.add(String(key.id)), limit, { announced: true });
    },
    enterProfile(reply, environment, integrationId, busy) {
      if (!options.strict) return;
      const key = `${environment}:${integrationId}`;
      const count = inFlight.get(key) ?? 0;
      if (count >= MAX_IN_FLIGHT_PER_PROFILE) {
        if (busy !== undefined) throw busy();
        if (!reply.hasHeader('ratelimit-limit')) setRateLimitHeaders(reply, MAX_IN_FLIGHT_PER_PROFILE, 0, 1);
        throw tooManyRequests(1);
      }
      if (reply.raw.closed) return;
      inFlight.set(key, count + 1);
      profiles.set(reply.request, key);
      // When the client is gone, nothing may be sent.
      reply.raw.once('close', () => leaveProfile(reply.request));
    },
    countBackOffice(request, reply) {
      if (!options.strict || request.backOffice?.session?.kind === 'console') return;
      const limit = request.backOffice === undefined ? MAX_SIGN_INS : MAX_PER_OPERATION;
      const caller = `${credentialOf(request)} ${request.routeOptions.config.operation ?? ''}`;
      assertWithin(reply, perOperation.add(caller), limit);
    },
    countAuthFailure(request, reply) {
      const counted = perNetwork.add(networkOf(request.clientAddress));
      assertWithin(reply, counted, options.maxAuthFailuresPerMinute);
    },
    countStranger(request, reply) {
      const counted = strangers.add(networkOf(request.clientAddress));
      assertWithin(reply, counted, options.maxAuthFailuresPerMinute);
    },
  };
}

/** @param announced whether the headers are set even while requests remain */
function assertWithin(
  reply: FastifyReply,
  { count, endsIn }: Counted,
  limit: number,
  { announced = false }: { announced?: boolean } = {},
): void {
  const seconds = Math.max(1, Math.ceil(endsIn / SECOND_MS));
  if (announced || count > limit) setRateLimitHeaders(reply, limit, Math.max(0, limit - count), seconds);
  if (count > limit) throw tooManyRequests(seconds);
}

function credentialOf({ backOffice }: FastifyRequest): string {
  if (backOffice === undefined) return '';
  return backOffice.session === undefined
    ? `key:${backOffice.actor.managementKeyId ?? ''}`
    : `session:${backOffice.session.id}`;
}

function tooManyRequests(seconds: number): DomainError {
  return new DomainError('too_many_requests', 'Too many requests', { retryAfter: seconds });
}

/** The IETF RateLimit header fields, in the form most clients read (draft 03 onwards). */
function setRateLimitHeaders(reply: FastifyReply, limit: number, remaining: number, resetSeconds: number): void {
  reply.headers({
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetSeconds),
  });
}
