/** IDs in paths. */

import type { FastifyRequest } from 'fastify';
import { looksUnfilled } from '../access-log/marks.ts';
import { codePointLength, isStorableText, MAX_ID_LENGTH } from '../domain/environment.ts';
import { type DomainError, invalid } from '../domain/errors.ts';
import { addMark } from './undeclared.ts';

/**
 * Checks the IDs in the path of a request, and marks those that look like an unfilled template.
 * @throws DomainError `invalid` for one that is empty, too long or not storable
 */
export function checkPathIds(request: FastifyRequest): void {
  const params = request.params as Readonly<Record<string, string>>;
  for (const name in params) {
    const id = params[name] ?? '';
    checkPathId(name, id);
    markUnfilledId(request, name, id);
  }
}

/** Marks a request that has an unfilled template in place of an ID. @param place where it is, such as `data[].id` */
export function markUnfilledId(request: FastifyRequest, place: string, id: string): void {
  if (looksUnfilled(id)) addMark(request, { kind: 'unfilled template', name: place });
}

/** The refusal of a path with an empty ID. */
export function emptyPathId(name: string): DomainError {
  return invalid(`${name}: the ID in the path is empty`, { parameter: name }, 'length');
}

/** @throws DomainError `invalid` for an ID in the path that is empty, too long or not storable */
export function checkPathId(name: string, id: string): void {
  if (id === '') throw emptyPathId(name);
  const source = { parameter: name };
  if (codePointLength(id) > MAX_ID_LENGTH) {
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
