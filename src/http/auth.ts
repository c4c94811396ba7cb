/** Identifies the caller: finds the key of a request, and asks its surface whether it may use the route. */

import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { findSentKey } from '../domain/access/api-key-administration.ts';
import { type ApiKey, hashKey, type KeyWithApplication } from '../domain/access/api-keys.ts';
import type { Core } from '../domain/core.ts';
import { DomainError } from '../domain/errors.ts';
import { missingCredential, readCredential } from './credentials.ts';
import type { KeyUse } from './key-use.ts';
import type { Limits } from './limits.ts';
import { replayOf } from './replay-context.ts';
import type { Surface, SurfaceKeys } from './surface.ts';

export type Principal = KeyWithApplication;

declare module 'fastify' {
  interface FastifyRequest {
    /** The key in use; set before any handler of a route that requires one. */
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

/** The last key sent on each connection, and its hash: nearly all requests of a connection have the same key. */
const lastSent = new WeakMap<Socket, { readonly secret: string; readonly hash: Buffer }>();

/** The hash of a key that was sent on a connection. Compares it only with what the same client sent before. */
function hashOn(socket: Socket, secret: string): Buffer {
  const last = lastSent.get(socket);
  if (last?.secret === secret) return last.hash;
  const hash = hashKey(secret);
  lastSent.set(socket, { secret, hash });
  return hash;
}

export interface Authenticator {
  /**
   * Authenticates the requests of a scope as its surface declares; before the body is read if the key is in a header.
   */
  guard(scope: FastifyInstance, surface: Surface): void;
}

export function createAuthenticator(core: Core, limits: Limits, keyUse: KeyUse, config: Config): Authenticator {
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

  async function authenticate(request: FastifyRequest, reply: FastifyReply, keys: SurfaceKeys): Promise<void> {
    const replay = replayOf();
    if (replay !== undefined) {
      request.principal = replay.principal;
      return;
    }
    const { credential } = keys;
    if (keys.isOpen?.(request) === true) {
      limits.countStranger(request, reply);
      return;
    }
    const secret = readCredential(credential, request);
    if (secret === undefined) {
      const { reason, remedy } = missingCredential(credential, request);
      return refuse(request, reply, `API key missing, unknown or expired (${remedy})`, reason, {});
    }
    const { found, refusal } = await findSentKey(core, secret, hashOn(request.raw.socket, secret));
    if (refusal !== undefined) {
      return refuse(request, reply, 'API key missing, unknown or expired', refusal, { secret, found });
    }
    const mismatch = keys.refuses(found.key, request, config);
    if (mismatch !== undefined) return refuse(request, reply, mismatch, 'not for this API', { secret, found });
    request.principal = found;
    keyUse.record(found.key.id, core.now());
    limits.countRequest(reply, found);
  }

  return {
    guard(scope, { keys }) {
      if (keys === undefined) return;
      const hook = async (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
        authenticate(request, reply, keys);
      if (keys.credential.in === 'header') scope.addHook('onRequest', hook);
      else scope.addHook('preValidation', hook);
    },
  };
}

/** Describes a key for people. */
export function describeKey({ type, platform }: ApiKey): string {
  return type === 'staging' ? 'a Test key' : (PLATFORM_LABELS[platform] ?? platform);
}
