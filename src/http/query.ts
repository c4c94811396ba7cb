/** Query parameters as the published contract reads them. */

import type { FastifyRequest } from 'fastify';
import { invalid } from '../domain/errors.ts';

/**
 * A boolean parameter: `true`, `false`, `1` or `0` in any case; absent or empty is false.
 * @throws DomainError `invalid` for anything else, or for one given twice
 */
export function readFlag(request: FastifyRequest, name: string): boolean {
  const value = (request.query as Record<string, unknown>)[name];
  if (value === undefined || value === '') return false;
  if (typeof value === 'string') {
    if (/^(true|1)$/i.test(value)) return true;
    if (/^(false|0)$/i.test(value)) return false;
  }
  throw invalid(`Query parameter ${name}: expected true or false`, { parameter: name });
}
