/** The `Idempotency-Key` header, with which a request can be sent repeatedly and is applied once. */

import { createHash, createHmac } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { invalid } from '../domain/errors.ts';
import type { Idempotency } from '../domain/memberships/commands.ts';
import type { ErrorExample } from './wire.ts';

const HEADER = 'Idempotency-Key';
const MAX_LENGTH = 255;

/** The documentation of the header, for operations that accept it. */
export const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_LENGTH,
      description:
        'Typically a UUID. For 24 hours, the same request with the same key gets the answer to the first one, with the header `Idempotent-Replayed: true`, and is not applied again. Only answers to requests that were applied are kept: a refused one can be corrected and sent again with the same key',
    }),
  ),
});

/** The additional error answers of operations that accept a key. */
export const IDEMPOTENCY_ERRORS: readonly ErrorExample[] = [
  {
    status: 400,
    when: 'Another request was sent with this `Idempotency-Key` in the last 24 hours',
    example: 'Request validation failed',
  },
  {
    status: 409,
    when: 'A request with this `Idempotency-Key` is still running',
    example: 'A request with this Idempotency-Key is still running; send it again in a moment',
  },
];

/** The key of a request, if it has one. @throws DomainError `invalid` when it is empty or too long */
export function readIdempotencyKey({ headers }: FastifyRequest): string | undefined {
  const sent = headers['idempotency-key'];
  if (sent === undefined) return undefined;
  const key = String(sent).trim();
  if (key === '' || key.length > MAX_LENGTH) {
    throw invalid(`Header ${HEADER}: length must be 1 to ${MAX_LENGTH}`, { parameter: HEADER }, 'length');
  }
  return key;
}

/**
 * The key of a request in the form the domain uses. A key is valid for one API key, one method and one path. Two
 * requests are the same if their query, their `Prefer` (which may say how the rows of a body are handled) and their body
 * are equal byte for byte. Both hashes are keyed with the key itself, so that nobody with access to the store can guess
 * what was sent, or whose it is.
 */
export function idempotencyOf(request: FastifyRequest): Idempotency | undefined {
  const key = readIdempotencyKey(request);
  if (key === undefined) return undefined;
  const { principal, method, routeOptions, params, originalUrl, headers, receivedBody } = request;
  const scope = [principal?.key.id, method, routeOptions.url, params];
  const query = originalUrl.split('?').slice(1).join('?');
  return {
    scope: createHmac('sha256', key).update(JSON.stringify(scope)).digest('hex'),
    fingerprint: createHmac('sha256', key)
      .update(
        createHash('sha256')
          .update(`${query}\n${String(headers.prefer)}`)
          .digest(),
      )
      .update(receivedBody ?? '')
      .digest('hex'),
  };
}

/** Tells the client that this is the answer to an earlier request. */
export function announceRepeat({ marks }: FastifyRequest, reply: FastifyReply): void {
  if (marks?.some(({ kind }) => kind === 'repeat') === true) reply.header('idempotent-replayed', 'true');
}
