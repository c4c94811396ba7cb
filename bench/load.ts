/**
 * The load generator, in its own process: requests are rendered before the clock starts and written to raw sockets, one
 * at a time on each, so that the sender uses as little of the machine as possible. Reads its task from standard input,
 * and prints its measurements as one line of JSON.
 */

import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface LoadTask {
  readonly port: number;
  readonly key: string;
  readonly audienceIds: readonly number[];
  readonly profiles: number;
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly seconds: number;
  /** ms */
  readonly p50: number;
  readonly p99: number;
}

const RENDERED = 20_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/** Pseudo-random numbers, the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Single-profile updates: attributes, two adds, one delete. */
function render(task: LoadTask): Buffer[] {
  const next = numbers(task.seed);
  const audience = (): number => task.audienceIds[next(task.audienceIds.length)] ?? 0;
  return Array.from({ length: RENDERED }, () => {
    const body = JSON.stringify({
      attributes: { Tier: ['gold', 'silver', 'bronze'][next(3)] },
      audiencesChanges: { adds: [audience(), audience()], deletes: [audience()] },
    });
    return Buffer.from(
      `PUT /cdp/customer_profile/p${next(task.profiles)} HTTP/1.1\r\nHost: bench\r\nAuthorization: ApiKey-v1 ${task.key}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

/** Sends one request after another until told to stop. */
function run(
  socket: Socket,
  requests: readonly Buffer[],
  first: number,
  done: (ok: boolean, ms: number) => boolean,
): void {
  let at = first;
  let started = performance.now();
  let pending: Buffer | undefined;
  const send = (): void => {
    started = performance.now();
    socket.write(requests[at % requests.length] as Buffer);
    at += 1;
  };
  socket.on('data', (chunk: Buffer) => {
    const data = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
    const headEnd = data.indexOf(HEAD_END);
    const head = headEnd === -1 ? '' : data.toString('latin1', 0, headEnd);
    const length = Number(/\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (headEnd === -1 || data.length < headEnd + HEAD_END.length + length) {
      pending = data;
      return;
    }
    pending = undefined;
    if (done(head.startsWith('HTTP/1.1 200'), performance.now() - started)) send();
    else socket.destroy();
  });
  send();
}

async function measure(task: LoadTask): Promise<LoadResult> {
  const requests = render(task);
  const sockets = await Promise.all(
    Array.from({ length: task.connections }, async () => {
      const socket = connect({ port: task.port, host: '127.0.0.1', noDelay: true });
      await new Promise((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
      });
      return socket;
    }),
  );
  const times: number[] = [];
  let failures = 0;
  const started = performance.now();
  const until = started + task.seconds * 1000;
  let open = sockets.length;
  await new Promise<void>((resolve) => {
    for (const [index, socket] of sockets.entries()) {
      socket.on('close', () => {
        open -= 1;
        if (open === 0) resolve();
      });
      run(socket, requests, Math.floor((index * requests.length) / sockets.length), (ok, ms) => {
        if (ok) times.push(ms);
        else failures += 1;
        return performance.now() < until;
      });
    }
  });
  const seconds = (performance.now() - started) / 1000;
  times.sort((a, b) => a - b);
  const quantile = (part: number): number => times[Math.floor(times.length * part)] ?? 0;
  return { requests: times.length, failures, seconds, p50: quantile(0.5), p99: quantile(0.99) };
}

const task = JSON.parse(await text(process.stdin)) as LoadTask;
process.stdout.write(`${JSON.stringify(await measure(task))}\n`);
