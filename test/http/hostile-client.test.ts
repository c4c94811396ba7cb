/**
 * Clients that send as much as they can and read nothing, against a server with a heap of 512 MB, while another client
 * writes. The process survives, every write of the other client succeeds, and the memory is released. `npm run soak`
 * runs this for longer and prints figures.
 */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { forkModule } from '../fork-module.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { authorization, send, until } from './client.ts';
import { requestText } from './raw-connection.ts';
import type { Write } from './steady-writer-main.ts';

const MIB = 1024 * 1024;
const LARGE = 10 * MIB - 100;
const isSoak = process.env['ROLLCALL_SOAK'] === '1';
const ROUNDS = isSoak ? 10 * Number(process.env['ROLLCALL_SOAK_MINUTES'] ?? 2) : 1;
/** How long each attack lasts, in ms. */
const ATTACK_MS = isSoak ? 1000 : 300;

vi.setConfig({ testTimeout: isSoak ? 12 * 60 * 60 * 1000 : 120_000 });

let server: ServerProcess;
let auth: Record<string, string>;
let token: string;
beforeAll(async () => {
  const heap = `${process.env['NODE_OPTIONS'] ?? ''} --max-old-space-size=512`.trim();
  server = await startServerProcess({ ephemeral: true, env: { NODE_OPTIONS: heap } });
  auth = authorization(server.keys['customerData'] ?? '');
  const credentials = { email: 'admin@example.com', password: server.adminPassword };
  const signIn = { method: 'POST', path: '/v1/sessions', body: JSON.stringify(credentials) };
  const signedIn = await send(server.url, signIn);
  expect(signedIn.status).toBe(201);
  ({ token } = signedIn.json() as { token: string });
});
afterAll(async () => {
  expect(server.output().stderr).not.toMatch(/unexpected error|"level":[56]0|heap/);
  expect(await server.stop()).toBe(0);
});

/** Resident memory of the server in MiB; 0 where the system does not report it. */
function residentMib(): number {
  if (process.platform !== 'linux') return 0;
  const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/**
 * Writes continuously until it is told to stop, in its own process, so that its figures show the server's load and not
 * that of the attack.
 */
class Writer {
  readonly waits: number[] = [];
  readonly failures: string[] = [];
  readonly #child = forkModule(new URL('steady-writer-main.ts', import.meta.url), [
    server.url,
    server.keys['customerData'] ?? '',
  ]);
  readonly #ended = once(this.#child, 'exit');

  constructor() {
    this.#child.on('message', (write) => {
      const { ms, failure } = write as Write;
      this.waits.push(ms);
      if (failure !== undefined) this.failures.push(failure);
    });
  }

  async stop(): Promise<void> {
    this.#child.send('stop');
    expect((await this.#ended)[0]).toBe(0);
  }

  summary(): string {
    const sorted = [...this.waits].sort((a, b) => a - b);
    const below = (percent: number): string =>
      `${(sorted[Math.floor((sorted.length * percent) / 100)] ?? 0).toFixed(1)} ms`;
    return `${sorted.length} writes, p50 ${below(50)}, p99 ${below(99)}, longest ${sorted.at(-1)?.toFixed(0)} ms`;
  }
}

/** Sends bytes over a new connection, and reads nothing or discards what arrives. */
function attack(bytes: string | Buffer, { reads = false } = {}): Socket {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  if (reads) socket.resume();
  else socket.pause();
  socket.write(bytes);
  return socket;
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
/** The smallest possible request: 1700 of them fit into one read. */
const tiny = (path: string): string => `GET ${path} HTTP/1.1\r\nHost:x\r\n\r\n`;
const filled = (head: string, piece: string): string =>
  head + piece.repeat(Math.floor((LARGE - head.length) / piece.length));
const post = (path: string, body: string, headers: Record<string, string> = {}): Buffer =>
  Buffer.from(requestText('POST', path, headers, body));
const put = (body: string, headers: Record<string, string> = {}): Buffer =>
  Buffer.from(requestText('PUT', '/cdp/v2/customer_profiles/audiences', { ...auth, ...headers }, body));
const half = { 'Content-Length': String(LARGE) };
const largestUseful = (): string =>
  JSON.stringify({ data: times(1000, () => ({ customerProfileId: `ü😀${'漢'.repeat(940)}${randomUUID()}` })) });

const ATTACKS: readonly (readonly [title: string, start: () => Socket[]])[] = [
  ['unread /openapi.json, 1700 at a time', () => times(8, () => attack(tiny('/openapi.json').repeat(1700)))],
  [
    'unread /docs, 1700 at a time',
    () => times(8, () => attack(tiny('/docs/static/swagger-ui-bundle.js').repeat(1700))),
  ],
  ['unread /metrics, 1700 at a time', () => times(8, () => attack(tiny('/metrics').repeat(1700)))],
  ['read /metrics, 1700 at a time', () => times(4, () => attack(tiny('/metrics').repeat(1700), { reads: true }))],
  ['unread errors, without end', () => times(8, () => attack(tiny('/x').repeat(20_000)))],
  [
    '30 sign-ins of 10 MB',
    () => {
      const body = post('/v1/sessions', filled('{"data":[', '{},'));
      return times(30, () => attack(body, { reads: true }));
    },
  ],
  [
    '30 updates of 10 MB of objects',
    () => {
      const body = put(filled('{"data":[', '{},'));
      return times(30, () => attack(body, { reads: true }));
    },
  ],
  [
    'ten updates of 10 MB of opening brackets',
    () => {
      const body = put(filled('', '['));
      return times(30, () => attack(body, { reads: true }));
    },
  ],
  [
    'ten of the most values there may be, all of other names',
    () => {
      const values = Array.from({ length: 49_000 }, (_, index) => `{"k${index}":0}`).join();
      const body = put(`{"note":[${values}],"data":[]}`);
      return times(10, () => attack(body, { reads: true }));
    },
  ],
  [
    'ten of the largest bodies of use',
    () => {
      const body = put(largestUseful());
      return times(10, () => attack(body, { reads: true }));
    },
  ],
  [
    'half-sent bodies, known and unknown',
    () => {
      const [known, unknown] = [put(' '.repeat(3 * MIB), half), post('/v1/sessions', ' '.repeat(15_000), half)];
      return [...times(30, () => attack(known)), ...times(100, () => attack(unknown))];
    },
  ],
  [
    'open streams that nobody reads, more than there may be',
    () => {
      const bytes = requestText('GET', '/v1/access_logs/stream', { Authorization: `Bearer ${token}` });
      return times(60, () => attack(bytes));
    },
  ],
  ['half-sent headers', () => times(300, () => attack(`PUT /cdp/x HTTP/1.1\r\nX-A: ${'a'.repeat(30_000)}`))],
];

/** Each attack lasts until the other client has completed a write during it. */
async function attackAll(rounds: number, writer: Writer): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const [title, start] of ATTACKS) {
      const before = writer.waits.length;
      const sockets = start();
      await delay(ATTACK_MS);
      await until(
        async () => `${title}: ${writer.waits.length - before} writes`,
        () => writer.waits.length > before + 1,
        { seconds: 60 },
      );
      for (const socket of sockets) socket.destroy();
    }
  }
}

interface Figures {
  readonly heldBack: number;
  readonly unread: number;
  readonly bodies: number;
  /** Memory in use, in MiB. */
  readonly memory: number;
}

async function figures(): Promise<Figures> {
  const { text } = await send(server.url, { method: 'GET', path: '/metrics' });
  const read = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    heldBack: read('rollcall_held_back_requests'),
    unread: read('rollcall_unread_answer_bytes'),
    bodies: read('rollcall_request_bodies_bytes'),
    memory: (read('nodejs_heap_size_used_bytes') + read('nodejs_external_memory_bytes')) / MIB,
  };
}

test('a hostile client neither ends the server nor fails the writes of another, and leaves nothing behind', async () => {
  const calm = new Writer();
  await delay(isSoak ? 30_000 : 1000);
  await calm.stop();
  const before = { ...(await figures()), resident: residentMib() };
  const writer = new Writer();
  let most = 0;
  const watching = setInterval(() => {
    most = Math.max(most, residentMib());
  }, 50);
  await attackAll(ROUNDS, writer);
  await writer.stop();
  clearInterval(watching);
  expect(server.child.exitCode).toBe(null);
  expect(calm.failures).toEqual([]);
  expect(writer.failures).toEqual([]);
  const after = await until(
    figures,
    ({ heldBack, unread, bodies, memory }) =>
      heldBack === 0 && unread < MIB && bodies === 0 && memory < before.memory + 50,
    { seconds: 60, everyMs: 500 },
  );
  console.log(
    [
      `without attack: ${calm.summary()}`,
      `under attack: ${writer.summary()}`,
      `resident: ${before.resident.toFixed(0)} MiB before, ${most.toFixed(0)} at most, ${residentMib().toFixed(0)} after`,
      `in use: ${before.memory.toFixed(0)} MiB before, ${after.memory.toFixed(0)} after`,
    ].join('\n'),
  );
  // A heap of 512 MB, plus what bodies and answers may use outside it.
  expect(most).toBeLessThan(1024);
});
