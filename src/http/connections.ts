/** What is under way on each connection, and the answer to what never became a request. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DomainError } from '../domain/errors.ts';
import { reasonOf, renderError } from './errors.ts';

const LINGER_MS = 1000;

// Requests with a time limit of their own.
const unhurried = new WeakSet<IncomingMessage>();

/** Takes a request out of the time limit that others have to arrive: whoever reads its body watches its pace. */
export function allowSlowArrival(request: IncomingMessage): void {
  unhurried.add(request);
}

/** Whose error body an answer has when nobody can tell the path. */
const UNKNOWN_PATH = '/cdp';

/** What Node tells of a request it gave up on. */
export interface BrokenRequest extends NodeJS.ErrnoException {
  /** The data in which parsing failed. */
  readonly rawPacket?: Buffer;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export class Connections {
  readonly #maxHeaderBytes: number;
  readonly #open = new WeakMap<Socket, Set<Exchange>>();
  readonly #latest = new WeakMap<Socket, Exchange>();
  readonly #broken = new WeakSet<Socket>();
  #count = 0;

  constructor(maxHeaderBytes: number) {
    this.#maxHeaderBytes = maxHeaderBytes;
  }

  /** Requests that arrived and are not answered yet. */
  get requests(): number {
    return this.#count;
  }

  watch(server: Server): void {
    server.prependListener('request', (request, response) => {
      const { socket } = request;
      const exchange = { request, response };
      const open = this.#open.get(socket) ?? new Set();
      this.#open.set(socket, open.add(exchange));
      this.#latest.set(socket, exchange);
      this.#count += 1;
      response.once('close', () => {
        open.delete(exchange);
        this.#count -= 1;
      });
    });
    // The body is asked for once it is wanted, not before the key was looked at; other expectations are ignored.
    for (const event of ['checkContinue', 'checkExpectation']) {
      server.on(event, (request, response) => server.emit('request', request, response));
    }
    server.on('connect', (_request, socket) => {
      const problem = new DomainError('method_not_allowed', 'CONNECT is not served: this is no proxy');
      endWith(socket, render(problem, UNKNOWN_PATH, ['Allow: DELETE, GET, HEAD, POST, PUT']));
    });
  }

  /** Answers what the parser or the clock gave up on, after the requests before it, and closes the connection. */
  async answerBroken(reason: BrokenRequest, socket: Socket): Promise<void> {
    // Each further piece of what cannot be read is reported again, also once the answer to the first is on its way.
    if (this.#broken.has(socket)) return;
    const arriving = this.#latest.get(socket)?.request;
    // Told once per request, which goes on.
    if (reason.code === 'ERR_HTTP_REQUEST_TIMEOUT' && arriving !== undefined && unhurried.has(arriving)) return;
    if (reason.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    this.#broken.add(socket);
    const latest = this.#latest.get(socket);
    const unfinished = latest?.request.complete === false ? latest : undefined;
    const before = [...(this.#open.get(socket) ?? [])].filter((each) => each !== unfinished);
    await Promise.all(before.map(({ response }) => closed(response)));
    // A request refused before its body came has had its answer; a second one would be taken for that of the next.
    if (unfinished?.response.headersSent === true || !socket.writable) socket.destroy();
    else endWith(socket, render(this.#problemOf(reason), unfinished?.request.url ?? unreadPath(reason)));
  }

  #problemOf(error: NodeJS.ErrnoException): DomainError {
    if (error.code === 'HPE_HEADER_OVERFLOW') {
      const limit = `${this.#maxHeaderBytes / 1024} KiB`;
      return new DomainError('headers_too_large', `The request headers are too large; at most ${limit}`);
    }
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
      return new DomainError('timeout', 'The request did not arrive in time');
    }
    return new DomainError('invalid', 'The request is not valid HTTP');
  }
}

/** The path of a request that could not be read, as far as it can be seen: the last request line in what arrived. */
function unreadPath({ rawPacket }: BrokenRequest): string {
  const lines = rawPacket?.toString('latin1').matchAll(/(?:^|[\r\n}])[A-Z]+ (\/[^ \r\n]*)/g) ?? [];
  return [...lines].at(-1)?.[1] ?? UNKNOWN_PATH;
}

/** An error answer as it goes over the wire, for what never became a request; its form is that of the path's API. */
function render(problem: DomainError, path: string, headers: readonly string[] = []): string {
  const requestUuid = randomUUID();
  const { status, body: content } = renderError(problem, path, requestUuid);
  const body = JSON.stringify(content);
  return [
    `HTTP/1.1 ${status} ${reasonOf(status)}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestUuid}`,
    ...headers,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Sends the last answer of a connection; a client that does not close its side then is not waited for. */
function endWith(socket: Duplex, answer: string): void {
  socket.end(answer);
  // Not at once: data still on its way would make the system throw the answer away.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

async function closed(response: ServerResponse): Promise<void> {
  if (response.closed) return;
  await new Promise((resolve) => {
    response.once('close', resolve);
  });
}
