/** The one map from error codes to HTTP statuses, and the two published error bodies. */

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type ErrorCode, type Problem } from '../domain/errors.ts';
import { explainMismatch, type JsonSchema } from './explain.ts';

// Not by an import: that looks at all the module has, and thereby loads its WebSocket client, a tenth of what a start costs.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** What HTTP calls a status; empty for one it does not know. */
export function reasonOf(status: number): string {
  return STATUS_CODES[status] ?? '';
}

export const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  timeout: 408,
  conflict: 409,
  too_large: 413,
  too_many_requests: 429,
  headers_too_large: 431,
  unavailable: 503,
};

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request was refused with; undefined for what is ours and nobody's business. */
    failure: DomainError | undefined;
  }
}

const THIRD_PARTY_PATH = /^\/+(cdp|segment|mparticle|emarsys)(\/|$|\?)/i;

/** True for paths of the Third-party API, whose error body differs from that of the other APIs. */
export function isThirdPartyPath(url: string): boolean {
  return THIRD_PARTY_PATH.test(url);
}

/** The error body of the Third-party API: all three keys, always. */
export function thirdPartyEnvelope(message: string, status: number, requestUuid: string): object {
  return { Error: message, RequestUUID: requestUuid, StatusCode: status };
}

/** The error body of the Integration and Management API. */
export function integrationEnvelope(message: string, status: number, problems: readonly Problem[]): object {
  const errors = problems
    .filter((problem) => problem.source !== undefined)
    .map(({ title, message, source }) => ({ title, details: oneLine(message), source }));
  return { message, errors, StatusCode: status };
}

/** Any error as status, body and headers, for a request to `url`. */
export function renderError(
  error: DomainError | undefined,
  url: string,
  requestUuid: string,
): { status: number; body: object; headers: Record<string, string> } {
  const status = error === undefined ? 500 : STATUS[error.code];
  const message = error === undefined ? 'Internal error' : oneLine(error.message);
  const headers: Record<string, string> = {};
  if (status === 429 || status === 503) headers['retry-after'] = String(error?.retryAfter ?? 1);
  const body = isThirdPartyPath(url)
    ? thirdPartyEnvelope(message, status, requestUuid)
    : integrationEnvelope(summary(error, message), status, error?.problems ?? []);
  return { status, body, headers };
}

/** Messages quote what was sent; a line break or another control character in it must not end the line. */
function oneLine(message: string): string {
  return message.replace(/[\p{Cc}\u2028\u2029]/gu, '\ufffd');
}

/** With the details listed beside it, the message of the Integration API only sums up. */
function summary(error: DomainError | undefined, message: string): string {
  if (error?.code !== 'invalid') return message;
  return error.problems.some((problem) => problem.source !== undefined) ? 'Request validation failed' : message;
}

/** What went wrong, as a `DomainError`; undefined when it is ours and nobody's business. */
export function toDomainError(error: FastifyError, request: FastifyRequest): DomainError | undefined {
  if (error instanceof DomainError) return error;
  if (error.validation !== undefined) {
    const schema = request.routeOptions.schema?.body as JsonSchema | undefined;
    const problems = schema === undefined ? [] : explainMismatch(schema, request.body);
    return new DomainError(
      'invalid',
      problems.length > 0 ? problems : [{ title: 'Invalid value', message: error.message }],
    );
  }
  switch (error.code) {
    case 'FST_ERR_BAD_URL':
      return new DomainError('invalid', [
        {
          title: 'Invalid value',
          message: "The path holds a '%' that starts no valid escape; write a literal % as %25",
          cause: 'the path holds a % that starts no valid escape',
        },
      ]);
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new DomainError('invalid', 'A part of the path is too long');
    case 'ECONNRESET':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new DomainError('invalid', 'The request body ended early');
  }
  const code = Object.entries(STATUS).find(([, status]) => status === error.statusCode)?.[0];
  return code === undefined
    ? undefined
    : new DomainError(code as ErrorCode, error.message || reasonOf(error.statusCode ?? 500));
}

/** Answers any error thrown anywhere; what is not ours to explain is logged in full and shown to nobody. */
export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toDomainError(error, request);
  request.failure = known;
  if (known === undefined) request.log.error({ err: error, requestId: request.id }, 'unexpected error');
  const { status, body, headers } = renderError(known, request.originalUrl, request.id);
  return reply.code(status).headers(headers).type('application/json').send(JSON.stringify(body));
}
