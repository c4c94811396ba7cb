/** A bare TCP connection, which sends exactly what the test writes and reads answers one by one. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const ANSWER_WITHIN_MS = 15_000;

export class RawConnection {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#closed = true;
      });
    }
    // A server that refuses early may reset the connection; what it sent before is what counts.
    socket.on('error', () => undefined);
  }

  static async open(base: string): Promise<RawConnection> {
    const { hostname, port } = new URL(base);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Sends bytes; resolves when the system has taken them or the other side has closed. */
  async write(data: string | Buffer): Promise<void> {
    if (!this.#socket.writable) return;
    await new Promise<void>((resolve) => {
      this.#socket.write(data, () => resolve());
    });
  }

  /** Ends the sending side; answers can still be read. */
  finish(): void {
    this.#socket.end();
  }

  /** Closes the connection at once, as a crashing client does. */
  destroy(): void {
    this.#socket.destroy();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Everything received that has not been read as an answer. */
  get rest(): string {
    return this.#received.toString('latin1');
  }

  /** Waits until the server has closed the connection. */
  async untilClosed(withinMs = ANSWER_WITHIN_MS): Promise<void> {
    await this.#until(() => this.#closed, withinMs, 'the connection stayed open');
  }

  /** Reads the next answer. `head` says that it has no body, whatever its headers say. */
  async answer({ head = false, withinMs = ANSWER_WITHIN_MS } = {}): Promise<RawAnswer> {
    let end = -1;
    const blockEnds = (): boolean => {
      end = this.#received.indexOf('\r\n\r\n');
      return end !== -1;
    };
    await this.#until(() => blockEnds() || this.#closed, withinMs, 'no answer');
    if (!blockEnds()) throw new Error(`closed without an answer; received: ${this.rest}`);
    const [start = '', ...lines] = this.#received.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const length = head ? 0 : Number(headers['content-length'] ?? 0);
    const total = end + 4 + length;
    await this.#until(() => this.#received.length >= total || this.#closed, withinMs, 'half an answer');
    const text = this.#received.subarray(end + 4, total).toString('utf8');
    this.#received = this.#received.subarray(total);
    const status = Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(start)?.[1]);
    if (Number.isNaN(status)) throw new Error(`no status line: ${start}`);
    return { status, headers, text };
  }

  async #until(done: () => boolean, withinMs: number, what: string): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!done()) {
      if (Date.now() > deadline) throw new Error(`${what} within ${withinMs} ms; received: ${this.rest.slice(0, 500)}`);
      await delay(2);
    }
  }
}

/** A request as text. A given body sets Content-Length unless `headers` says otherwise. */
export function requestText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): string {
  const known = Object.keys(headers).map((name) => name.toLowerCase());
  const sized = known.includes('content-length') || known.includes('transfer-encoding');
  const all = {
    Host: 'localhost',
    ...(body === undefined || sized ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, '', body ?? ''].join('\r\n');
}
