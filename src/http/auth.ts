/** Who calls: reads the `Authorization` header, finds the key, and decides whether it may open this kind of route. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashKey, type KeyWithApplication, looksMistyped } from '../domain/access/api-keys.ts';
import type { Core } from '../domain/core.ts';
import { DomainError } from '../domain/errors.ts';
import type { KeyUse } from './key-use.ts';
import type { Limits } from './limits.ts';
import { replayOf } from './replay-context.ts';

export type Principal = KeyWithApplication;

/**
 * Which keys open a route: those of the generic CDP platform, generic keys (for reading, the read-only ones too), or any
 * key that is alive.
 */
export type Access = 'customer_data' | 'integration' | 'integration-read' | 'any';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key in use; set before any handler of a route that asks for one. */
    principal: Principal | undefined;
  }
}

const PLATFORM_LABELS: Record<string, string> = {
  none: 'a generic key',
  customer_data: 'a Customer Data Platform key',
  segment: 'a Segment key',
  mparticle: 'an mParticle key',
  emarsys: 'an Emarsys key',
};

export interface Authenticator {
  /** Authenticates the request for a kind of route. @throws DomainError `unauthorized`, `too_many_requests` */
  authenticate(request: FastifyRequest, reply: FastifyReply, access: Access): Promise<Principal>;
}

export function createAuthenticator(
  core: Core,
  limits: Limits,
  keyUse: KeyUse,
  options: { allowThirdPartyKeysOnIntegrationApi: boolean },
): Authenticator {
  async function refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    message: string,
    reason: string,
    sent: { secret?: string; found?: KeyWithApplication | undefined },
  ): Promise<never> {
    // Never more of a key than its first four characters.
    const prefix = sent.secret?.slice(0, 4);
    request.log.info(
      { requestId: request.id, reason, key: prefix ?? '', address: request.clientAddress },
      'key refused',
    );
    if (request.capture !== undefined) {
      const { key, application } = sent.found ?? {};
      request.capture.refusal = { cause: `key refused: ${reason}`, prefix, key, application };
    }
    limits.countAuthFailure(request, reply);
    throw new DomainError('unauthorized', message);
  }

  return {
    async authenticate(request, reply, access) {
      const replay = replayOf();
      if (replay !== undefined) {
        request.principal = replay.principal;
        return replay.principal;
      }
      const secret = readApiKey(request.headers.authorization);
      if (secret === undefined) {
        const { authorization } = request.headers;
        return refuse(request, reply, missingKeyMessage(authorization), 'no ApiKey-v1 credential', {});
      }
      const found = await core.storage.findApiKey(hashKey(secret));
      const now = core.now();
      if (found === undefined || found.key.deletedAt !== undefined || now >= found.key.expires) {
        let reason = 'expired';
        if (found === undefined) reason = looksMistyped(secret) ? 'unknown, looks mistyped' : 'unknown';
        else if (found.key.deletedAt !== undefined) reason = 'deleted';
        return refuse(request, reply, 'API key missing, unknown or expired', reason, { secret, found });
      }
      const refusal = refusalOf(found, access, options.allowThirdPartyKeysOnIntegrationApi);
      if (refusal !== undefined) return refuse(request, reply, refusal, 'not for this API', { secret, found });
      request.principal = found;
      keyUse.record(found.key.id, now);
      limits.countRequest(reply, found);
      return found;
    },
  };
}

/** The key of an `ApiKey-v1` header: any case, one space or more, no blanks inside the key. */
export function readApiKey(header: string | undefined): string | undefined {
  const match = /^ApiKey-v1 +([^\s]{1,500})$/i.exec(header ?? '');
  return match?.[1];
}

function missingKeyMessage(header: string | undefined): string {
  const base = 'API key missing, unknown or expired';
  if (header === undefined || header === '') return `${base} (send the header Authorization: ApiKey-v1 <key>)`;
  return `${base} (the Authorization header must read: ApiKey-v1 <key>)`;
}

function refusalOf({ key }: Principal, access: Access, laxIntegration: boolean): string | undefined {
  if (access === 'any') return undefined;
  const what = key.type === 'staging' ? 'a Test key' : (PLATFORM_LABELS[key.platform] ?? key.platform);
  if (access === 'customer_data') {
    if (key.platform === 'customer_data' && key.type === '') return undefined;
    return `API key is not valid for customer data platforms (it is ${what}; create one of platform Customer Data Platform)`;
  }
  if (key.type === '' && (key.platform === 'none' || laxIntegration)) {
    if (access === 'integration' && key.readOnly) return 'API key is read-only';
    return undefined;
  }
  return `API key is not valid for the Integration API (it is ${what}; create one without a third-party integration)`;
}
