/** The only map from error codes to HTTP statuses, and the only error handler. */

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type ErrorCode } from '../domain/errors.ts';
import { type ErrorBody, INTEGRATION_ERROR } from './error-bodies.ts';
import { explainMismatch, type JsonSchema } from './explain.ts';
import { answeredVerdicts, namingRows, tellPreferences } from './rows.ts';
import type { Surfaces } from './surface.ts';

// Not by an import, which would touch everything in the module and load its WebSocket client, a tenth of the cost of a
// start.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** The HTTP name of a status; empty for an unknown one. */
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
    /** The refusal of the request; undefined for internal errors, which are not exposed. */
    failure: DomainError | undefined;
  }
}

/** How text is written in a path. */
export const UTF8_ESCAPES = 'percent-escapes must be UTF-8: ü is %C3%BC';

/** Any error as status, body and headers. */
export function renderError(
  error: DomainError | undefined,
  errorBody: ErrorBody,
  requestUuid: string,
): { status: number; body: object; headers: Record<string, string> } {
  const status = error === undefined ? 500 : STATUS[error.code];
  const headers: Record<string, string> = {};
  if (status === 429 || status === 503) headers['retry-after'] = String(error?.retryAfter ?? 1);
  const body = errorBody.render({
    message: error === undefined ? 'Internal error' : oneLine(error.message),
    status,
    requestUuid,
    problems: error?.problems.map((problem) => ({ ...problem, message: oneLine(problem.message) })) ?? [],
    isInvalid: error?.code === 'invalid',
  });
  return { status, body, headers };
}

/** The error body for a URL: that of its surface. */
export function errorBodyAt(surfaces: Surfaces, url: string): ErrorBody {
  return surfaces.at(url)?.errorBody ?? INTEGRATION_ERROR;
}

/** Messages quote what was sent; a control character in it, such as a line break, must not end the line. */
function oneLine(message: string): string {
  return message.replace(/[\p{Cc}\u2028\u2029]/gu, '\ufffd');
}

/** The error as a `DomainError`; undefined for internal errors, which are not exposed. */
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
      return undecodablePath(request.originalUrl);
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

/** The reason a path cannot be decoded: a `%` that does not start an escape, or escaped bytes that are not UTF-8. */
function undecodablePath(url: string): DomainError {
  const title = 'Invalid value';
  const path = url.split('?', 1)[0] ?? '';
  if (/%(?![\da-f]{2})/i.test(path)) {
    const cause = 'the path contains a % that does not start a valid escape';
    const message = "The path contains a '%' that does not start a valid escape; write a literal % as %25";
    return new DomainError('invalid', [{ title, message, cause }]);
  }
  const cause = 'percent-escapes in the path are not UTF-8';
  const message = `The path contains escapes that are not UTF-8; ${UTF8_ESCAPES}`;
  return new DomainError('invalid', [{ title, message, cause }]);
}

/** The verdicts on refused rows, for a client that requested lenient handling or verdicts. */
function reportOf(request: FastifyRequest): object {
  const { verdicts, rows } = request;
  if (verdicts === undefined || rows === undefined || rows.preferences.length === 0) return {};
  return { report: answeredVerdicts(request, verdicts) };
}

export type ErrorHandler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Answers any error thrown anywhere; an internal error is logged in full and shown to nobody. */
export function createErrorHandler(surfaces: Surfaces): ErrorHandler {
  return function handleError(error, request, reply) {
    const thrown = toDomainError(error, request);
    const known = thrown === undefined ? undefined : namingRows(request, thrown);
    request.failure = known;
    if (known === undefined) request.log.error({ err: error, requestId: request.id }, 'unexpected error');
    const { status, body, headers } = renderError(known, errorBodyAt(surfaces, request.originalUrl), request.id);
    tellPreferences(request, reply);
    return reply
      .code(status)
      .headers(headers)
      .type('application/json')
      .send(JSON.stringify({ ...body, ...reportOf(request) }));
  };
}
