/** IDs in paths. */

import type { FastifyRequest } from 'fastify';
import { codePointLength, isStorableText, MAX_ID_LENGTH } from '../domain/environment.ts';
import { invalid } from '../domain/errors.ts';

/** @throws DomainError `invalid` for an ID in the path that is empty, too long or not storable */
export function checkPathId(name: string, id: string): void {
  const source = { parameter: name };
  const length = codePointLength(id);
  if (length < 1 || length > MAX_ID_LENGTH) {
    throw invalid(`${name}: length must be 1 to ${MAX_ID_LENGTH}`, source, 'length');
  }
  if (!isStorableText(id)) throw invalid(`${name}: must not contain NUL characters`, source);
}

/** An ID assigned by the server, in the path, e.g. `applicationId`. @throws DomainError `invalid` for anything else */
export function readPathNumber(request: FastifyRequest, name: string): number {
  const text = (request.params as Record<string, string | undefined>)[name] ?? '';
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw invalid(`${name}: expected a number`, { parameter: name });
  return value;
}
