/**
 * Limits the work on each connection. A client that sends faster than it reads is not read from, and its further
 * requests are held back. Unread responses and the number of connections are limited in total.
 */

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Server as TlsServer } from 'node:tls';
import { mayArriveSlowly } from './arrival-time.ts';
import type { ErrorBody } from './error-bodies.ts';
import { type BrokenRequest, refuseBroken, refuseConnect, STOPPING, unreadPath } from './last-answers.ts';

/** Requests of one connection that are processed at once. */
const MAX_OPEN = 8;
// All requests in the 64 KiB that are read at a time are parsed at once: 1700 of the smallest, per connection.
const MAX_HELD_BACK = 20_000;
/** Unread bytes on a connection beyond which its next request waits for a response to be read. */
const BACKED_UP_BYTES = 64 * 1024;
const WATCH_EVERY_MS = 100;
/** How long the close of a connection is delayed, when the server stops, so that the client can read its responses. */
const FLUSH_MS = 1000;

/** Whether the client closed its sending side. It still gets its responses, since it may continue to read. */
export function hasDisconnected(request: IncomingMessage): boolean {
  return request.socket.readableEnded;
}

export interface ConnectionLimits {
  /** The form of a response to a request for `url`, or to one whose URL is unknown. */
  readonly errorBodyAt: (url: string | undefined) => ErrorBody;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
  /** Bytes of responses that clients have not read, over all connections. */
  readonly maxUnreadBytes: number;
  /** Time after which a connection is closed whose client reads none of its responses. */
  readonly unreadMs: number;
}

export interface ConnectionFigures {
  readonly connections: number;
  /** Requests that have been parsed and wait for earlier ones on their connection. */
  readonly heldBack: number;
  /** Bytes of responses waiting to be read. */
  readonly unreadBytes: number;
  /** Connections closed because others needed their resources, since the start. */
  readonly cut: number;
}

interface Connection {
  readonly socket: Socket;
  /** Requests being processed, oldest first, until their responses are sent. */
  readonly open: ServerResponse[];
  /** Requests waiting behind them. */
  readonly held: ServerResponse[];
  latest: ServerResponse | undefined;
  /** Responses wait to be read; the connection is closed if none of them is read for a while. */
  isTimed: boolean;
  /** Its last response is on its way, or due. */
  isBroken: boolean;
}

const CONNECTION = Symbol('connection');
type TrackedSocket = Socket & { [CONNECTION]?: Connection };

function connectionOf(response: ServerResponse): Connection {
  const connection = (response.req.socket as TrackedSocket)[CONNECTION];
  if (connection === undefined) throw new Error('A request came over a connection that nobody watches');
  return connection;
}

export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #all = new Set<Connection>();
  readonly #answered: (this: ServerResponse) => void;
  #handle: RequestListener | undefined;
  #heldBack = 0;
  #cut = 0;
  #watching: NodeJS.Timeout | undefined;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
    const end = (response: ServerResponse): void => this.#end(response);
    // One for all requests.
    this.#answered = function answered() {
      end(this);
    };
  }

  figures(): ConnectionFigures {
    let unreadBytes = 0;
    for (const connection of this.#all) unreadBytes += unreadBytesOf(connection);
    return { connections: this.#all.size, heldBack: this.#heldBack, unreadBytes, cut: this.#cut };
  }

  /** Takes over a server: its requests reach `handle` when it is their turn. */
  take(server: Server, handle: RequestListener): void {
    this.#handle = handle;
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => this.#add(socket));
    server.on('request', (_request, response) => this.#arrive(response));
    // The client is asked for the body once it is wanted, not before the key was checked; other expectations are
    // ignored.
    for (const event of ['checkContinue', 'checkExpectation']) {
      server.on(event, (_request, response: ServerResponse) => this.#arrive(response));
    }
    server.on('connect', (_request, socket) => refuseConnect(socket, this.#limits.errorBodyAt(undefined)));
    server.on('timeout', (socket: TrackedSocket) => {
      const connection = socket[CONNECTION];
      // Processing a request may take as long as it needs.
      if (connection === undefined || connection.open.length === 0 || waitsForReader(connection)) socket.destroy();
    });
    // A client may say that it sends no more, and still want its responses.
    Object.assign(server, { httpAllowHalfOpen: true });
  }

  #add(socket: Socket): void {
    if (this.#all.size >= this.#limits.maxConnections && !this.#makeRoom()) {
      this.#cut += 1;
      socket.destroy();
      return;
    }
    const connection: Connection = { socket, open: [], held: [], latest: undefined, isTimed: false, isBroken: false };
    (socket as TrackedSocket)[CONNECTION] = connection;
    this.#all.add(connection);
    // Node resumes reading when a response has been read, whoever paused it.
    socket.on('resume', () => {
      if (connection.held.length > 0) socket.pause();
    });
    socket.once('close', () => {
      this.#forget(connection);
      // Node notifies the response whose turn it is; the ones behind it would never know.
      process.nextTick(() => {
        for (const response of connection.open.slice()) response.emit('close');
      });
    });
  }

  /** Closes a connection on which nothing is in progress; preferably one that never sent a request. */
  #makeRoom(): boolean {
    let idle: Connection | undefined;
    for (const connection of this.#all) {
      if (connection.open.length > 0) continue;
      idle ??= connection;
      if (connection.latest !== undefined) continue;
      idle = connection;
      break;
    }
    if (idle === undefined) return false;
    this.#close(idle);
    return true;
  }

  #close(connection: Connection): void {
    this.#cut += 1;
    // At once, not when it is closed: the next count must not include it.
    this.#forget(connection);
    connection.socket.destroy();
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection);
    this.#heldBack -= connection.held.length;
    connection.held.length = 0;
  }

  /** A request has arrived, perhaps without its body. */
  #arrive(response: ServerResponse): void {
    const connection = connectionOf(response);
    // Parsing continues to the end of what has been read.
    if (connection.socket.destroyed) return;
    connection.latest = response;
    if (connection.held.length === 0 && mayStart(connection)) {
      this.#start(connection, response);
      return;
    }
    connection.held.push(response);
    this.#heldBack += 1;
    if (connection.held.length === 1) connection.socket.pause();
    if (this.#heldBack > MAX_HELD_BACK) this.#close(this.#most(({ held }) => held.length));
  }

  #start(connection: Connection, response: ServerResponse): void {
    connection.open.push(response);
    response.on('close', this.#answered);
    if (this.#watching === undefined) this.#watch();
    this.#handle?.(response.req, response);
  }

  #end(response: ServerResponse): void {
    const connection = connectionOf(response);
    const { open, held, socket } = connection;
    const place = open.indexOf(response);
    if (place !== -1) open.splice(place, 1);
    if (held.length === 0 || socket.destroyed) return;
    while (held.length > 0 && mayStart(connection)) {
      this.#heldBack -= 1;
      this.#start(connection, held.shift() as ServerResponse);
    }
    if (held.length === 0) socket.resume();
  }

  /**
   * Checks the unread bytes while anything is in progress, and closes the connections with the most of them when they
   * are too many.
   */
  #watch(): void {
    this.#watching = setTimeout(() => {
      let total = 0;
      let isBusy = false;
      for (const connection of this.#all) {
        const unread = unreadBytesOf(connection);
        total += unread;
        isBusy ||= connection.open.length > 0;
        const isWaiting = waitsForReader(connection);
        if (isWaiting && !connection.isTimed) connection.socket.setTimeout(this.#limits.unreadMs);
        connection.isTimed = isWaiting;
      }
      while (total > this.#limits.maxUnreadBytes) {
        const most = this.#most(unreadBytesOf);
        total -= unreadBytesOf(most);
        this.#close(most);
      }
      this.#watching = undefined;
      if (isBusy) this.#watch();
    }, WATCH_EVERY_MS).unref();
  }

  #most(measure: (connection: Connection) => number): Connection {
    return [...this.#all].reduce((most, each) => (measure(each) > measure(most) ? each : most));
  }

  /** Answers what the parser or a time-out has given up on, after the requests before it, and closes the connection. */
  async refuse(reason: BrokenRequest, socket: TrackedSocket): Promise<void> {
    const connection = socket[CONNECTION];
    if (connection === undefined || reason.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    // Each further piece of unreadable data is reported again, even while the response to the first is on its way.
    if (connection.isBroken) return;
    const { latest, open, held } = connection;
    // Reported once per request, which continues.
    if (reason.code === 'ERR_HTTP_REQUEST_TIMEOUT' && latest !== undefined && mayArriveSlowly(latest.req)) return;
    connection.isBroken = true;
    const unfinished = latest?.req.complete === false ? latest : undefined;
    if (unfinished !== undefined && held.at(-1) === unfinished) {
      held.pop();
      this.#heldBack -= 1;
    }
    const before = [...open, ...held].filter((each) => each !== unfinished);
    await Promise.all(before.map(closed));
    // A request refused before its body arrived has had its response; a second one would be taken for that of the next
    // request.
    if (unfinished?.headersSent === true || !socket.writable) socket.destroy();
    else {
      const errorBody = this.#limits.errorBodyAt(unfinished?.req.url ?? unreadPath(reason));
      refuseBroken(socket, reason, errorBody, this.#limits.maxHeaderBytes);
    }
  }

  /**
   * Closes requests that were not accepted, because they have not arrived completely; waits until the others are
   * answered, for at most `graceMs`, and a moment for the responses to be read.
   */
  async finish(graceMs: number): Promise<void> {
    for (const { latest, socket } of this.#all) {
      if (latest?.req.complete === false) void this.refuse(STOPPING, socket);
    }
    const isUnderWay = (isDone: (response: ServerResponse) => boolean): boolean =>
      [...this.#all].some(({ open }) => open.some((each) => each.req.complete && !each.destroyed && !isDone(each)));
    const start = performance.now();
    while (isUnderWay((each) => each.writableEnded) && performance.now() - start < graceMs) await delay(5);
    const flushed = performance.now() + Math.min(FLUSH_MS, graceMs);
    while (isUnderWay((each) => each.closed) && performance.now() < flushed) await delay(5);
  }
}

function mayStart(connection: Connection): boolean {
  const { length } = connection.open;
  return length === 0 || (length < MAX_OPEN && unreadBytesOf(connection) < BACKED_UP_BYTES);
}

function unreadBytesOf({ open }: Connection): number {
  let bytes = 0;
  // For responses queued on the connection, the one whose turn it is gets the event.
  for (const response of open) bytes += response.writableLength;
  return bytes;
}

/** Reports whether a response waits for its client; one that is ready may instead wait for the response before it. */
function waitsForReader({ open: [first] }: Connection): boolean {
  return first !== undefined && first.writableLength > 0;
}

async function closed(response: ServerResponse): Promise<void> {
  if (response.closed || response.destroyed) return;
  await new Promise((resolve) => {
    response.once('close', resolve);
  });
}
