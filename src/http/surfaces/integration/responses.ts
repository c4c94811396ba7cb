/** Parts of the documentation that all operations of the Integration API share. */

import { type TSchema, Type } from 'typebox';
import { INTEGRATION_ERROR } from '../../error-bodies.ts';
import { type ErrorExample, errorResponses } from '../../wire.ts';

export const TAG = 'Integration API';
export const security = [{ ApiKeyV1: [] }];

const COMMON: readonly ErrorExample[] = [
  { status: 400, when: 'The request is malformed', example: 'Request validation failed' },
  {
    status: 401,
    when: 'The key is missing, unknown, expired, deleted or of another kind',
    example: 'API key missing, unknown or expired',
  },
  { status: 429, when: 'Too many requests per second', example: 'Too many requests' },
];

export const TOO_LARGE: ErrorExample = { status: 413, when: 'The body is too large', example: 'Body exceeds 10 MiB' };

/** The error answers of an operation: its own, and those of every operation here. */
export const errors = (...own: readonly ErrorExample[]) => errorResponses(INTEGRATION_ERROR, [...own, ...COMMON]);

/** A success with a body. */
export const answer = (description: string, schema: TSchema, example: unknown, status: 200 | 201 = 200) => ({
  [status]: { description, content: { 'application/json': { schema, example } } },
});

/** A success without a body. */
export const emptyAnswer = (description: string) => ({ 204: Type.Null({ description }) });
