/** Documentation that the operations of the Management API share. */

import { type TSchema, Type } from 'typebox';
import { INTEGRATION_ERROR } from '../../error-bodies.ts';
import { exampleOf } from '../../examples.ts';
import { type ErrorExample, errorResponses } from '../../wire.ts';

/** Management keys and sessions are accepted by everything that is not public. */
export const security = [{ ManagementKeyV1: [] }, { SessionToken: [] }, { ConsoleSession: [] }];

/** Only for signed-in users, never for a management key. */
export const sessionSecurity = [{ SessionToken: [] }, { ConsoleSession: [] }];

const COMMON: readonly ErrorExample[] = [
  { status: 400, when: 'The request is malformed', example: 'Request validation failed' },
  {
    status: 401,
    when: 'The credential is missing, unknown or expired',
    example: 'Sign in, or send Authorization: ManagementKey-v1 <key>',
  },
  {
    status: 403,
    when: 'The role or the management key does not allow it',
    example: 'This requires an admin; your role is read-only',
  },
  { status: 413, when: 'The body is too large', example: 'Body exceeds 10 MiB' },
  { status: 429, when: 'Too many requests', example: 'Too many requests' },
];

/** Documented responses: one success, and the errors any operation here may return besides its own. */
export function answers(
  status: 200 | 201 | 202,
  description: string,
  schema: TSchema,
  own: readonly ErrorExample[] = [],
): Record<number, object> {
  return {
    [status]: { description, content: { 'application/json': { schema, example: exampleOf(schema) } } },
    ...errorResponses(INTEGRATION_ERROR, [...own, ...COMMON]),
  };
}

/** Documented responses of an operation that succeeds with 204. */
export function emptyAnswers(description: string, own: readonly ErrorExample[] = []): Record<number, object> {
  return { 204: Type.Null({ description }), ...errorResponses(INTEGRATION_ERROR, [...own, ...COMMON]) };
}

export const notFound = (example: string): ErrorExample => ({ status: 404, when: 'Not found', example });
export const conflict = (when: string, example: string): ErrorExample => ({ status: 409, when, example });

/** Documentation of a body that is a form with a file, or with a file's text in a plain field. */
export function uploadBody(field: string, description: string): { consumes: string[]; body: TSchema } {
  const file = Type.String({ format: 'binary', contentMediaType: 'text/csv', description });
  return {
    consumes: ['multipart/form-data', 'application/x-www-form-urlencoded'],
    body: Type.Object({ [field]: file }),
  };
}
