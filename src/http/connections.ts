/** What is under way on each connection, and the answer to what never became a request. */

import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { DomainError } from '../domain/errors.ts';
import { STATUS, thirdPartyEnvelope } from './errors.ts';

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
  }

  /** Answers what the parser or the clock gave up on, after the requests before it, and closes the connection. */
  async answerBroken(reason: NodeJS.ErrnoException, socket: Socket): Promise<void> {
    if (reason.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    // Each further piece of what cannot be read is reported again.
    if (this.#broken.has(socket)) return;
    this.#broken.add(socket);
    const latest = this.#latest.get(socket);
    const unfinished = latest?.request.complete === false ? latest : undefined;
    const before = [...(this.#open.get(socket) ?? [])].filter((each) => each !== unfinished);
    await Promise.all(before.map(({ response }) => closed(response)));
    // A request refused before its body came has had its answer; a second one would be taken for that of the next.
    if (unfinished?.response.headersSent === true || !socket.writable) socket.destroy();
    else socket.end(this.#render(reason));
  }

  #render(error: NodeJS.ErrnoException): string {
    const problem = this.#problemOf(error);
    const status = STATUS[problem.code];
    const requestUuid = randomUUID();
    const body = JSON.stringify(thirdPartyEnvelope(problem.message, status, requestUuid));
    return [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestUuid}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n');
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

async function closed(response: ServerResponse): Promise<void> {
  if (response.closed) return;
  await new Promise((resolve) => {
    response.once('close', resolve);
  });
}
