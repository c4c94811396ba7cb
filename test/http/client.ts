/** One HTTP exchange over node:http, which sends paths exactly as written; fetch would normalize them. */

import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders | undefined;
  /** Sent unchanged. */
  readonly body?: string | Buffer | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; fails the test if it is not JSON. */
  readonly json: () => unknown;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Sends a request and reads the complete answer. */
export async function send(base: string, { method, path, headers = {}, body }: HttpRequest): Promise<HttpAnswer> {
  const { hostname, port } = new URL(base);
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { agent, hostname, port, method, path, headers: { ...length, ...headers } },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            json: (): unknown => JSON.parse(text),
          });
        });
      },
    );
    outgoing.on('error', reject);
    // A Buffer, because with a string, node would write the header block in the string's encoding.
    outgoing.end(typeof body === 'string' ? Buffer.from(body) : body);
  });
}

/** The header that carries a key. */
export function authorization(key: string): { Authorization: string } {
  return { Authorization: `ApiKey-v1 ${key}` };
}

/** Sends JSON with a key. */
export async function sendJson(
  base: string,
  key: string,
  method: string,
  path: string,
  body?: unknown,
  headers: OutgoingHttpHeaders = {},
): Promise<HttpAnswer> {
  return send(base, {
    method,
    path,
    headers: {
      ...authorization(key),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

/** Repeats a call until `done` returns true; fails after `seconds`. */
export async function until<T>(
  ask: () => Promise<T>,
  done: (value: T) => boolean,
  { seconds = 10, everyMs = 10 }: { seconds?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ask();
    if (done(value)) return value;
    if (Date.now() > deadline) throw new Error(`still not so after ${seconds} s: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
