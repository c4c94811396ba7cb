/** What the back-office commands share: an open store, and output for people or machines. */

import { existsSync } from 'node:fs';
import { readConfig } from '../config.ts';
import type { Core } from '../domain/core.ts';
import { codePointLength } from '../domain/environment.ts';
import { DomainError } from '../domain/errors.ts';
import { WriteQueue } from '../domain/write-queue.ts';
import { openStorage, sqlitePath } from '../storage/index.ts';

/** Options every back-office command takes. */
export interface CommonOptions {
  readonly database?: string;
  readonly json?: boolean;
}

/** The database the options name. @throws ConfigError */
export function databaseOf(options: CommonOptions): string {
  return readConfig(options.database === undefined ? {} : { database: options.database }).database;
}

const LIMITS = { maxRequests: 1000, maxBytes: 64 * 1024 * 1024 };

/**
 * Runs `work` on the database the options name; works while the server runs.
 * @throws DomainError `not_found` when `mustExist` and there is no database
 */
export async function withCore<T>(
  options: CommonOptions,
  work: (core: Core) => Promise<T>,
  { mustExist = true }: { mustExist?: boolean } = {},
): Promise<T> {
  const url = databaseOf(options);
  const path = sqlitePath(url);
  if (mustExist && path !== undefined && !existsSync(path)) {
    throw new DomainError(
      'not_found',
      `There is no database at ${path}; name one with --database, or start the server once`,
    );
  }
  const storage = await openStorage(url);
  try {
    return await work({ storage, queue: new WriteQueue(storage, LIMITS), now: Date.now });
  } finally {
    await storage.close();
  }
}

/** Writes to standard output and waits until it is taken: what is piped on must arrive in full. */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

export async function printJson(value: unknown): Promise<void> {
  await print(`${JSON.stringify(value)}\n`);
}

// Control characters of stored names must not reach a terminal.
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '�');
}

/** Prints rows as aligned columns under a heading, or `empty` when there are none. */
export async function printTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): Promise<void> {
  if (rows.length === 0) {
    await print(`${empty}\n`);
    return;
  }
  const all = [headings, ...rows.map((row) => row.map(plain))];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => codePointLength(row[column] ?? ''))));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - codePointLength(cell)))
      .join('  ')
      .trimEnd(),
  );
  await print(`${lines.join('\n')}\n`);
}

/** ms since the epoch as RFC 3339, or a dash. */
export function when(time: number | undefined): string {
  return time === undefined ? '-' : new Date(time).toISOString();
}
