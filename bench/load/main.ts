/**
 * The load process: sends requests that were rendered before the clock started over raw sockets, so that it takes as
 * little of the machine as possible. Reads its task from the first line of standard input, prints a line when it is ready,
 * starts with the next line, and prints its measurements as JSON; the first wrong answer ends it.
 */

import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type Feed, feedOf } from './requests.ts';
import type { Latency, LoadResult, LoadTask } from './task.ts';

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Sends on one connection until there is nothing more to send. */
async function drive(
  socket: Socket,
  feed: Feed,
  connection: number,
  /** When the next request is due, by `performance.now()`; undefined to stop. */
  due: (index: number) => number | undefined,
  times: number[],
): Promise<number> {
  const reader = feed.reader();
  let index = 0;
  let started = 0;
  return new Promise((resolve, reject) => {
    const send = (bytes: Buffer, at: number): void => {
      started = at;
      socket.write(bytes);
    };
    const next = (): void => {
      const at = due(index);
      const bytes = at === undefined ? undefined : feed.request(connection, index);
      if (at === undefined || bytes === undefined) {
        socket.destroy();
        resolve(index);
        return;
      }
      const now = performance.now();
      // A request that had to wait for the previous answer counts from when it was due.
      if (at <= now) send(bytes, at);
      else setTimeout(() => send(bytes, performance.now()), at - now);
    };
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
    socket.on('data', (chunk: Buffer) => {
      const answer = reader.push(chunk);
      if (answer === undefined) return;
      times.push(performance.now() - started);
      const problem = feed.problem(answer, connection, index);
      if (problem !== undefined) {
        const sent = feed.request(connection, index)?.toString().slice(0, 600);
        reject(new Error(`${problem}\n${answer.body.toString().slice(0, 600)}\nto: ${sent}`));
        socket.destroy();
        return;
      }
      index += 1;
      next();
    });
    next();
  });
}

function latencyOf(times: readonly number[]): Latency {
  const sorted = Float64Array.from(times).sort();
  const quantile = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return {
    p50: quantile(0.5),
    p75: quantile(0.75),
    p90: quantile(0.9),
    p95: quantile(0.95),
    p99: quantile(0.99),
    p999: quantile(0.999),
    max: quantile(1),
  };
}

async function measure(task: LoadTask, feed: Feed, sockets: readonly Socket[]): Promise<LoadResult> {
  const { connections, seconds, pace } = task;
  const times: number[] = [];
  const cpu = process.cpuUsage();
  const started = performance.now();
  const end = seconds === undefined ? Number.POSITIVE_INFINITY : started + seconds * 1000;
  const answered = await Promise.all(
    sockets.map(async (socket, connection) => {
      const due = (index: number): number | undefined => {
        const now = performance.now();
        const at = pace === undefined ? now : started + ((index * connections + connection) * 1000) / pace;
        return now < end && at < end ? at : undefined;
      };
      return drive(socket, feed, connection, due, times);
    }),
  );
  const elapsed = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    requests: times.length,
    seconds: elapsed,
    latency: latencyOf(times),
    loadCpu: (user + system) / 1e6 / elapsed,
    answered,
  };
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function nextLine(): Promise<string> {
  const { value } = (await lines.next()) as { value?: string };
  return value ?? '';
}

const task = JSON.parse(await nextLine()) as LoadTask;
const feed = feedOf(task.work, task.connections);
const sockets = await Promise.all(Array.from({ length: task.connections }, async () => open(task.port)));
process.stdout.write('ready\n');
await nextLine();
process.stdout.write(`${JSON.stringify(await measure(task, feed, sockets))}\n`);
