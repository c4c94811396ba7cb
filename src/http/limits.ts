/** What keeps one caller from taking everything: requests per second and key, requests in flight per profile, wrong keys per address. */

import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import type { Principal } from './auth.ts';

// Published for the hosted product: one request for a profile runs and two wait.
const MAX_IN_FLIGHT_PER_PROFILE = 3;
// Published for the Management API, per second: of one operation, and of sign-ins of the whole account.
const MAX_PER_OPERATION = 3;
const MAX_SIGN_INS = 6;

export interface Limits {
  /** Counts a request of this key. @throws DomainError `too_many_requests`; sets the RateLimit headers when there is a limit */
  countRequest(request: FastifyRequest, reply: FastifyReply, principal: Principal): Promise<void>;
  /** Strict mode only: counts a request as in flight for a profile until its response. @throws DomainError `too_many_requests` */
  enterProfile(reply: FastifyReply, environment: string, profileId: string): void;
  /**
   * Strict mode only: counts a request of the back office, by credential and operation. Console sessions are exempt.
   * @throws DomainError `too_many_requests`
   */
  countBackOffice(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Counts a refused key. @throws DomainError `too_many_requests` when the address sent too many lately */
  countAuthFailure(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

export async function createLimits(
  app: FastifyInstance,
  options: { strict: boolean; rateLimit: number | undefined; maxAuthFailuresPerMinute: number },
): Promise<Limits> {
  await app.register(rateLimit, { global: false });
  // Two stores: keys and addresses must never share a bucket.
  const perKey = app.createRateLimit({
    max: (request) => limitOf(request),
    timeWindow: 1000,
    keyGenerator: (request) => `key:${request.principal?.key.id ?? ''}`,
  });
  const perOperation = app.createRateLimit({
    max: (request) => (request.backOffice === undefined ? MAX_SIGN_INS : MAX_PER_OPERATION),
    timeWindow: 1000,
    keyGenerator: (request) => `${credentialOf(request)} ${request.routeOptions.config.operation ?? ''}`,
  });
  const perAddress = app.createRateLimit({
    max: options.maxAuthFailuresPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => `address:${request.ip}`,
  });
  const inFlight = new Map<string, number>();
  const profiles = new WeakMap<FastifyRequest, string>();

  function limitOf(request: FastifyRequest): number {
    return request.principal?.key.rateLimit ?? options.rateLimit ?? Number.MAX_SAFE_INTEGER;
  }

  function leaveProfile(request: FastifyRequest): void {
    const key = profiles.get(request);
    if (key === undefined) return;
    profiles.delete(request);
    const left = (inFlight.get(key) ?? 1) - 1;
    if (left === 0) inFlight.delete(key);
    else inFlight.set(key, left);
  }

  if (options.strict) {
    // Before the answer goes out: a client that has it may send its next request at once.
    app.addHook('onSend', async (request) => leaveProfile(request));
  }

  return {
    async countRequest(request, reply, principal) {
      if (principal.key.rateLimit === undefined && options.rateLimit === undefined) return;
      const state = await perKey(request);
      if (state.isAllowed) return;
      const seconds = Math.max(1, state.ttlInSeconds);
      setRateLimitHeaders(reply, state.max, state.remaining, seconds);
      if (state.isExceeded) throw tooManyRequests(seconds);
    },
    enterProfile(reply, environment, profileId) {
      if (!options.strict) return;
      const key = `${environment}:${profileId}`;
      const count = inFlight.get(key) ?? 0;
      if (count >= MAX_IN_FLIGHT_PER_PROFILE) {
        if (!reply.hasHeader('ratelimit-limit')) setRateLimitHeaders(reply, MAX_IN_FLIGHT_PER_PROFILE, 0, 1);
        throw tooManyRequests(1);
      }
      if (reply.raw.closed) return;
      inFlight.set(key, count + 1);
      profiles.set(reply.request, key);
      // When the client is gone, perhaps nothing is sent.
      reply.raw.once('close', () => leaveProfile(reply.request));
    },
    async countBackOffice(request, reply) {
      if (!options.strict || request.backOffice?.session?.kind === 'console') return;
      const state = await perOperation(request);
      if (state.isAllowed || !state.isExceeded) return;
      const seconds = Math.max(1, state.ttlInSeconds);
      setRateLimitHeaders(reply, state.max, 0, seconds);
      throw tooManyRequests(seconds);
    },
    async countAuthFailure(request, reply) {
      const state = await perAddress(request);
      if (state.isAllowed || !state.isExceeded) return;
      const seconds = Math.max(1, state.ttlInSeconds);
      setRateLimitHeaders(reply, state.max, 0, seconds);
      throw tooManyRequests(seconds);
    },
  };
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
