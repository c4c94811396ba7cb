/** The server that is measured: the built program in its own process, on a database file. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { plainEnvironment, startProgram } from './child.ts';
import { memoryOf } from './usage.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/rollcall.js', import.meta.url));

export interface BenchServer {
  readonly pid: number;
  readonly port: number;
  /** From the start of the process until it accepted requests, in ms. */
  readonly startMs: number;
  /** Sends a request and returns its answer's body, parsed if there is one. @throws Error unless it is a 2xx */
  call(method: string, path: string, key: string, body?: object): Promise<unknown>;
  /** The metrics by name, with labels as Prometheus writes them. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

function databaseIn(folder: string): string {
  return `sqlite:${join(folder, 'bench.db')}`;
}

/** Starts the server on the database in a folder, which it creates if there is none. */
export async function startServer(folder: string, env: Readonly<Record<string, string>> = {}): Promise<BenchServer> {
  const started = performance.now();
  const program = await startProgram({
    command: process.execPath,
    args: [PROGRAM, 'serve', '--port', '0', '--database', databaseIn(folder), '--log-level', 'warn'],
    ready: /listening on (http\S+)\n/,
    // Keeps the first start from printing keys.
    env: { ROLLCALL_ADMIN_EMAIL: 'bench@example.com', ROLLCALL_ADMIN_PASSWORD: 'only-for-the-benchmark', ...env },
  });
  const startMs = performance.now() - started;
  const url = program.told[1] ?? '';
  return {
    pid: program.pid,
    port: Number(new URL(url).port),
    startMs,
    async call(method, path, key, body) {
      const headers = {
        Authorization: `ApiKey-v1 ${key}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      };
      const answer = await exchange(url + path, method, headers, body === undefined ? '' : JSON.stringify(body));
      return answer === '' ? undefined : (JSON.parse(answer) as unknown);
    },
    async metrics() {
      const lines = (await exchange(`${url}/metrics`, 'GET', {}, '')).matchAll(/^([^#\s]\S*(?:\{.*\})?) (\S+)$/gm);
      return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
    },
    stop: async (signal) => program.stop(signal),
  };
}

/** One request on a connection of its own: a kept one might end while nobody looks. @throws Error unless it is a 2xx */
async function exchange(url: string, method: string, headers: Record<string, string>, body: string): Promise<string> {
  const sent = request(url, {
    method,
    headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
    agent: false,
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const content = await text(answer);
  const { statusCode = 0 } = answer;
  if (statusCode >= 300) throw new Error(`${method} ${url}: ${statusCode} ${content}`);
  return content;
}

/** Runs a command of the program on the database in a folder. @returns its standard output */
export async function runCommand(folder: string, args: readonly string[]): Promise<string> {
  const all = [PROGRAM, ...args, '--database', databaseIn(folder)];
  const { stdout } = await promisify(execFile)(process.execPath, all, { env: plainEnvironment() });
  return stdout;
}

const LOOK_EVERY_MS = 20;

/** Runs such a command. @returns how long it took, in ms, and the peak of its resident memory; 0 where it is unknown */
export async function timedCommand(folder: string, args: readonly string[]): Promise<{ ms: number; peakMiB: number }> {
  const started = performance.now();
  const all = [PROGRAM, ...args, '--database', databaseIn(folder)];
  const child = spawn(process.execPath, all, { env: plainEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] });
  let peakMiB = 0;
  const look = setInterval(() => {
    peakMiB = Math.max(peakMiB, memoryOf(child.pid ?? 0)?.peak ?? 0);
  }, LOOK_EVERY_MS);
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
  clearInterval(look);
  if (code !== 0) throw new Error(`rollcall ${args.join(' ')} ended with ${code}: ${errors}`);
  return { ms: performance.now() - started, peakMiB };
}
