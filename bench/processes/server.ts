/** The server that is measured: the built program in its own process, on a database file. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { plainEnvironment, startProgram } from './child.ts';

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
      const answer = await fetch(url + path, {
        method,
        headers: {
          Authorization: `ApiKey-v1 ${key}`,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
    async metrics() {
      const text = await (await fetch(`${url}/metrics`)).text();
      return new Map(
        [...text.matchAll(/^([^#\s]\S*(?:\{.*\})?) (\S+)$/gm)].map(([, name = '', value]) => [name, Number(value)]),
      );
    },
    stop: async (signal) => program.stop(signal),
  };
}

/** Runs a command of the program on the database in a folder. @returns its standard output */
export async function runCommand(folder: string, args: readonly string[]): Promise<string> {
  const all = [PROGRAM, ...args, '--database', databaseIn(folder)];
  const { stdout } = await promisify(execFile)(process.execPath, all, { env: plainEnvironment() });
  return stdout;
}
