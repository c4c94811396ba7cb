/** Hand-written responses to what never became a request: the last ones on their connections. */

import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { DomainError, unavailable } from '../domain/errors.ts';
import type { ErrorBody } from './error-bodies.ts';
import { reasonOf, renderError, UTF8_ESCAPES } from './errors.ts';
import { answerHeaders } from './security-headers.ts';

const LINGER_MS = 1000;

/** Why a request is not accepted: Node's error for one that it gave up on, or that the server is stopping. */
export interface BrokenRequest extends NodeJS.ErrnoException {
  /** The data that could not be parsed. */
  readonly rawPacket?: Buffer;
  /** The number of bytes of it that were parsed. */
  readonly bytesParsed?: number;
}

/** The reason for requests that have not arrived completely when the server stops. */
export const STOPPING: BrokenRequest = Object.assign(new Error('The server is stopping'), {
  code: 'ROLLCALL_STOPPING',
});

/** Answers CONNECT, which opens no path here. */
export function refuseConnect(socket: Duplex, errorBody: ErrorBody): void {
  const problem = new DomainError('method_not_allowed', 'CONNECT is not served: this is not a proxy');
  endWith(socket, render(socket, problem, errorBody, { allow: 'DELETE, GET, HEAD, POST, PUT' }));
}

/** Sends the last response on a connection. */
export function refuseBroken(
  socket: Duplex,
  reason: BrokenRequest,
  errorBody: ErrorBody,
  maxHeaderBytes: number,
): void {
  endWith(socket, render(socket, problemOf(reason, maxHeaderBytes), errorBody));
}

function problemOf(error: BrokenRequest, maxHeaderBytes: number): DomainError {
  if (error === STOPPING) return unavailable(error.message);
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    const limit = `${maxHeaderBytes / 1024} KiB`;
    return new DomainError('headers_too_large', `The request headers are too large; at most ${limit}`);
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new DomainError('timeout', 'The request did not arrive in time');
  }
  return new DomainError('invalid', problemOfTarget(error) ?? 'The request is not valid HTTP');
}

/** What is wrong with the path of a request line that could not be parsed; undefined if that is not the reason. */
function problemOfTarget({ rawPacket, bytesParsed = 0 }: BrokenRequest): string | undefined {
  const data = rawPacket?.toString('latin1') ?? '';
  const end = data.indexOf('\n', bytesParsed);
  const line = data.slice(data.lastIndexOf('\n', bytesParsed - 1) + 1, end === -1 ? undefined : end).trimEnd();
  // A line may start with the end of the body before it.
  const target = /^(?:.*\})?[A-Z]{3,10} (\/.*)$/.exec(line)?.[1]?.replace(/ HTTP\/\d\.\d$/, '');
  if (target === undefined) return undefined;
  if (/[^\0-\x7f]/.test(target)) return `The path contains characters that are not ASCII; ${UTF8_ESCAPES}`;
  if (/[ \t]/.test(target)) return 'The path contains a blank; write it as %20';
  return undefined;
}

/** The path of a request that could not be parsed, as far as it is visible: the last request line in the data. */
export function unreadPath({ rawPacket }: BrokenRequest): string | undefined {
  const lines = rawPacket?.toString('latin1').matchAll(/(?:^|[\r\n}])[A-Z]+ (\/[^ \r\n]*)/g) ?? [];
  return [...lines].at(-1)?.[1];
}

/** An error response as bytes on the wire. */
function render(
  socket: Duplex,
  problem: DomainError,
  errorBody: ErrorBody,
  more: Readonly<Record<string, string>> = {},
): string {
  const requestUuid = randomUUID();
  const { status, body: content, headers } = renderError(problem, errorBody, requestUuid);
  const body = JSON.stringify(content);
  return [
    `HTTP/1.1 ${status} ${reasonOf(status)}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestUuid}`,
    ...Object.entries({ ...answerHeaders('encrypted' in socket), ...headers, ...more }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

/** The wait for a client to close its side after the last response is limited. */
function endWith(socket: Duplex, answer: string): void {
  socket.end(answer);
  // Not at once: data still arriving would make the system discard the response.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
