/**
 * HTTP as bytes on a socket: malformed requests are sent unchanged, several requests can be in flight on one
 * connection, and a connection can be cut at any byte.
 */

import { connect, type Socket } from 'node:net';

/** The connection ended before the answer was complete. */
export class ConnectionLost extends Error {}

/** Nothing arrived in time: the server hangs. */
export class NoAnswer extends Error {}

export interface Answer {
  readonly status: number;
  /** By lower-case name; repeated headers are joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; throws if it is not JSON. */
  json<T>(): T;
}

export interface RawRequest {
  readonly method: string;
  /** Exactly as sent in the request line. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: Buffer | undefined;
  /** Sends the body in chunks of this size instead of announcing its length. */
  readonly chunkSize?: number | undefined;
}

const CRLF = '\r\n';

/** The bytes of a request. Header values are written as UTF-8. */
export function encode({ method, target, headers, body, chunkSize }: RawRequest): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: rollcall.test',
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  if (body === undefined) return Buffer.from(`${lines.join(CRLF)}${CRLF}${CRLF}`);
  if (chunkSize === undefined) lines.push(`Content-Length: ${body.length}`);
  else lines.push('Transfer-Encoding: chunked');
  const head = Buffer.from(`${lines.join(CRLF)}${CRLF}${CRLF}`);
  if (chunkSize === undefined) return Buffer.concat([head, body]);
  const pieces: Buffer[] = [head];
  for (let start = 0; start < body.length; start += chunkSize) {
    const piece = body.subarray(start, start + chunkSize);
    pieces.push(Buffer.from(`${piece.length.toString(16)}${CRLF}`), piece, Buffer.from(CRLF));
  }
  pieces.push(Buffer.from(`0${CRLF}${CRLF}`));
  return Buffer.concat(pieces);
}

interface Waiting {
  readonly headOnly: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** One keep-alive connection; answers are matched to requests in the order they were sent. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #waiting: Waiting[] = [];
  #received: Buffer = Buffer.alloc(0);
  #closed = false;
  #endedByAnswer = false;

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', () => this.#lose());
    socket.on('close', () => this.#lose());
    socket.on('end', () => this.#lose());
  }

  /** @param timeoutMs the time after which an unanswered request counts as hanging */
  static async open(url: string, timeoutMs = 20_000): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error) => reject(new ConnectionLost(error.message)));
    });
    return new RawConnection(socket, timeoutMs);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** True once an answer has announced that the connection will close. */
  get endedByAnswer(): boolean {
    return this.#endedByAnswer;
  }

  /** Sends the bytes of one request. @throws ConnectionLost, NoAnswer */
  async send(bytes: Buffer, { headOnly = false } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new ConnectionLost('the connection is closed'));
        return;
      }
      const hang = (): void => {
        reject(new NoAnswer(`no answer within ${this.#timeoutMs} ms`));
        this.destroy();
      };
      this.#waiting.push({ headOnly, resolve, reject, timer: setTimeout(hang, this.#timeoutMs) });
      this.#socket.write(bytes);
    });
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.destroy();
    this.#lose();
  }

  #lose(): void {
    this.#closed = true;
    for (const { reject, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      reject(new ConnectionLost('the connection ended before the answer'));
    }
  }

  #receive(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    for (;;) {
      const parsed = parseAnswer(this.#received, this.#waiting[0]?.headOnly ?? false);
      if (parsed === undefined) return;
      this.#received = this.#received.subarray(parsed.length);
      if (parsed.answer.status < 200) continue;
      const waiting = this.#waiting.shift();
      // An answer that nobody asked for would shift all that follow, and is a fault of its own.
      if (waiting === undefined) throw new Error(`unasked answer: ${parsed.answer.status} ${parsed.answer.text}`);
      clearTimeout(waiting.timer);
      waiting.resolve(parsed.answer);
      if (parsed.answer.headers['connection'] === 'close') {
        this.#endedByAnswer = true;
        this.destroy();
        return;
      }
    }
  }
}

function parseAnswer(bytes: Buffer, headOnly: boolean): { answer: Answer; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split(CRLF);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw new Error(`no status line: ${statusLine}`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const start = headEnd + 4;
  const body =
    headOnly || status === 204 || status === 304 || status < 200
      ? { bytes: Buffer.alloc(0), end: start }
      : bodyOf(bytes, start, headers);
  if (body === undefined) return undefined;
  const text = body.bytes.toString('utf8');
  return { answer: { status, headers, text, json: <T>() => JSON.parse(text) as T }, length: body.end };
}

function bodyOf(
  bytes: Buffer,
  start: number,
  headers: Record<string, string>,
): { bytes: Buffer; end: number } | undefined {
  if (headers['transfer-encoding'] !== 'chunked') {
    const end = start + Number(headers['content-length'] ?? 0);
    return bytes.length < end ? undefined : { bytes: bytes.subarray(start, end), end };
  }
  const pieces: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf(CRLF, at);
    if (lineEnd === -1) return undefined;
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + length + 2;
    if (bytes.length < end) return undefined;
    if (length === 0) return { bytes: Buffer.concat(pieces), end };
    pieces.push(bytes.subarray(lineEnd + 2, end - 2));
    at = end;
  }
}
