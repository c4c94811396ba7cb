/** What command-line tests share: a filled database, calls to a server on it, and the form of a refusal. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import type { Logged } from '../../src/access-log/access-log.ts';
import { NO_ACCESS_LOG } from '../../src/access-log/no-access-log.ts';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import type { Core } from '../../src/domain/core.ts';
import { WriteQueue } from '../../src/domain/memberships/queue.ts';
import { openStorage } from '../../src/storage/index.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { commandJson, type Result, runCommand } from './command.ts';

export { type Result, runCommand } from './command.ts';

/** The program's entry, as the tests run it. */
export const ENTRY = resolve(import.meta.dirname, '../..', process.env['ROLLCALL_TEST_ENTRY'] ?? 'bin/rollcall.js');

/** Reports whether this machine has a program that a test needs and that no package installs. */
export function has(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** A database URL in a folder of its own, where nothing exists yet. */
export function newDatabase(): string {
  return `sqlite:${join(temporaryFolder(), 'rollcall.db')}`;
}

/** A database after its first start; the server has ended. */
export async function filledDatabase(): Promise<{ database: string; key: string }> {
  const server = await startServerProcess();
  const key = firstKey(server.database);
  await server.stop();
  return { database: server.database, key };
}

/** Opens a core on the database, to prepare what a test needs without running a command. Close its storage. */
export async function openCore(database: string): Promise<Core & Logged> {
  const storage = await openStorage(database, { work: 'in place' });
  return {
    storage,
    queue: new WriteQueue(storage, { maxRequests: 100, maxBytes: 1_000_000 }),
    now: Date.now,
    actor: COMMAND_LINE,
    accessLog: NO_ACCESS_LOG,
  };
}

/** The key that the first start wrote to `first-run.txt`. */
export function firstKey(database: string): string {
  return secretsOf(database)['key'] ?? '';
}

/** The content of `first-run.txt` next to the database. */
export function secretsOf(database: string): Record<string, string> {
  const text = readFileSync(join(database.slice('sqlite:'.length), '..', 'first-run.txt'), 'utf8');
  return Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(': ') as [string, string]),
  );
}

/** Checks that the command failed with this exit code, one matching line on standard error, and no output. */
export function expectRefusal(result: Result, code: number, message: RegExp): void {
  expect(result.stderr).toMatch(/^rollcall: [^\n]+\n$/);
  expect(result.stderr).toMatch(message);
  expect(result.stdout).toBe('');
  expect(result.code).toBe(code);
}

/** Runs a command on a database, in this process; it must succeed. */
export async function cli(database: string, ...args: string[]): Promise<Result> {
  const result = await runCommand([...args, '--database', database]);
  if (result.code !== 0) throw new Error(`rollcall ${args.join(' ')} ended with ${result.code}: ${result.stderr}`);
  return result;
}

export async function json<T>(database: string, ...args: string[]): Promise<T> {
  return commandJson<T>([...args, '--database', database]);
}

export interface Call {
  readonly key: string;
  readonly method?: string;
  readonly body?: unknown;
}

/** Calls the server. */
export async function call(
  server: ServerProcess,
  path: string,
  { key, method = 'GET', body }: Call,
): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `ApiKey-v1 ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The status of an update of one profile, which shows whether the key is valid. */
export async function updateStatus(server: ServerProcess, key: string, attributes: object = {}): Promise<number> {
  const answer = await call(server, '/cdp/customer_profile/ada', { key, method: 'PUT', body: { attributes } });
  await answer.arrayBuffer();
  return answer.status;
}

/** The number of requests that a server has answered, except for its metrics. */
export async function requestsServed(url: string): Promise<number> {
  const figures = await (await fetch(`${url}/metrics`)).text();
  const counts = [...figures.matchAll(/^rollcall_requests_total\{operation="(?!metrics)[^"]*".*\} (\d+)$/gm)];
  return counts.reduce((sum, match) => sum + Number(match[1]), 0);
}

/** Repeats `work` until it returns something, up to a time limit. */
export async function within<T>(milliseconds: number, work: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const answer = await work();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`not within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
