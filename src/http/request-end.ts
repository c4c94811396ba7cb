/**
 * Reports the end of each request once: its response was sent, or it was decided and nobody is there to receive the
 * response. Fastify's own `onResponse` only fires for responses that were completely handed to the network.
 */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasDisconnected } from './connections.ts';
import { addMark } from './undeclared.ts';

declare module 'fastify' {
  interface FastifyRequest {
    progress: Progress | undefined;
  }
}

/** The progress of a request. */
interface Progress {
  /** Its status is known. */
  isAnswered: boolean;
  /** Nothing can be sent any more. */
  isClosed: boolean;
  isOver: boolean;
}

export type RequestEndListener = (request: FastifyRequest, reply: FastifyReply) => void;

// The pause between the parts of a response to a client that closed its sending side: time for a reset to arrive.
const ROUND_TRIP_MS = 100;

/**
 * Installs the hooks; must come before all others, since they may refuse.
 * @returns a function that calls a listener at the end of each request, with the status it has or would have had; if
 * the client disconnected first, that is among the request's marks
 */
export function installRequestEnd(app: FastifyInstance): (listener: RequestEndListener) => void {
  const listeners: RequestEndListener[] = [];
  app.decorateRequest('progress', undefined);

  const end = (request: FastifyRequest, reply: FastifyReply, progress: Progress): void => {
    if (progress.isOver) return;
    progress.isOver = true;
    if (!reply.raw.writableFinished && hasLeft(request.raw)) addMark(request, { kind: 'client gone' });
    for (const listener of listeners) listener(request, reply);
  };

  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = reply;
    const progress = { isAnswered: false, isClosed: raw.closed, isOver: false };
    request.progress = progress;
    raw.once('close', () => {
      progress.isClosed = true;
      if (progress.isAnswered) end(request, reply, progress);
    });
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { progress } = request;
    if (progress === undefined) return done();
    progress.isAnswered = true;
    // Later, when the other hooks have seen the response.
    if (progress.isClosed || request.raw.socket.destroyed) setImmediate(end, request, reply, progress);
    else if (hasDisconnected(request.raw) && reply.raw.socket === request.raw.socket)
      sendInTwoParts(request.raw.socket);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (request.progress !== undefined) end(request, reply, request.progress);
    done();
  });

  return (listener) => {
    listeners.push(listener);
  };
}

/** Whether the client closed its side of the connection, or both sides. */
function hasLeft(request: IncomingMessage): boolean {
  const error: NodeJS.ErrnoException | null = request.socket.errored;
  return hasDisconnected(request) || /^(ECONNRESET|EPIPE)$/.test(error?.code ?? '');
}

/**
 * Sends the response in two parts to a client that sends no more. A client that still reads gets it completely; one
 * that is gone answers the first byte with a reset, so that the rest fails: nothing else would distinguish the two.
 */
function sendInTwoParts(socket: Socket): void {
  const write = socket.write.bind(socket) as (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;
  // Not corked: Node undoes that at the end of a response.
  const held: Parameters<typeof write>[] = [];
  socket.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (held.length > 0) held.push([chunk, ...rest]);
    else {
      const [encoding] = rest;
      const bytes =
        typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding | undefined) : Buffer.from(chunk);
      write(bytes.subarray(0, 1));
      held.push([bytes.subarray(1), ...rest.filter((each) => typeof each === 'function')]);
      setTimeout(() => {
        Reflect.deleteProperty(socket, 'write');
        for (const each of held) write(...each);
      }, ROUND_TRIP_MS);
    }
    return true;
  };
}
