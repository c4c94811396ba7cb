/** Opens the database a command names, and says what is wrong with a path before SQLite says it worse. */

import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError, programCommand } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import type { Storage } from '../domain/storage.ts';
import { MEMORY_URL, openStorage, sqlitePath } from '../storage/index.ts';

/**
 * Opens the database: see `openStorage`.
 * @param mustExist true for commands that make no sense without one
 * @throws DomainError `not_found` when `mustExist` and there is none, ConfigError for a path that is no file's
 */
export async function openDatabase(
  url: string,
  { mustExist, ...options }: { mustExist: boolean } & Parameters<typeof openStorage>[1],
): Promise<Storage> {
  const path = url === MEMORY_URL ? undefined : sqlitePath(url);
  if (path === undefined) return openStorage(url, options);
  if (mustExist) assertDatabase(path);
  else if (!databaseExists(path)) createFolder(dirname(path));
  else accessSync(path, constants.R_OK);
  if (options.access !== 'read' && databaseExists(path)) accessSync(path, constants.W_OK);
  return withPath(path, async () => openStorage(url, options));
}

/** @throws DomainError `not_found`, ConfigError when something else than a file is there */
export function assertDatabase(path: string): void {
  if (!databaseExists(path)) {
    throw new DomainError(
      'not_found',
      `There is no database at ${path}; name yours with --database, or start the server once: ${programCommand()} serve`,
    );
  }
  accessSync(path, constants.R_OK);
}

/** @throws ConfigError when something else than a file is there */
export function databaseExists(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isFile()) return true;
  if (!found.isDirectory()) throw new ConfigError(`--database: ${path} is no ordinary file`);
  throw new ConfigError(`--database: ${path} is a folder; name a file in it, such as sqlite:${path}/rollcall.db`);
}

/** One level after the other: Node's own recursive form never ends where a file system takes no folder (/proc). */
function createFolder(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found !== undefined) throw new ConfigError(`--database: ${path} is a file, not a folder`);
  const parent = dirname(path);
  if (parent !== path) createFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Runs `work`; names the file where the store's own message does not. */
export async function withPath<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError)) {
      // What the system refused names its own file.
      throw error instanceof Error && !('path' in error) ? Object.assign(error, { path }) : error;
    }
    if (error.message.includes(path)) throw error;
    const named = new DomainError(error.code, `${path}: ${error.message}`);
    named.cause = error.cause;
    throw named;
  }
}
