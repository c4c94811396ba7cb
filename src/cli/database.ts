/** Opens the database a command names, and explains a bad path more clearly than SQLite would. */

import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError, programCommand } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import type { Storage } from '../domain/storage.ts';
import { openStorage, storagePlace } from '../storage/index.ts';

/**
 * Opens the database; see `openStorage`.
 * @param mustExist true for commands that make no sense without a database
 * @throws DomainError `not_found` when `mustExist` and there is none, ConfigError for a path that cannot be a file
 */
export async function openDatabase(
  url: string,
  { mustExist, ...options }: { mustExist: boolean } & Parameters<typeof openStorage>[1],
): Promise<Storage> {
  const path = storagePlace(url)?.path;
  if (path === undefined) return openStorage(url, options);
  if (mustExist) assertDatabase(path);
  else if (!databaseExists(path)) createFolder(dirname(path));
  else accessSync(path, constants.R_OK);
  if (options.access !== 'read' && databaseExists(path)) accessSync(path, constants.W_OK);
  return withPath(path, async () => openStorage(url, options));
}

/** @throws DomainError `not_found`, ConfigError if the path is not a file */
export function assertDatabase(path: string): void {
  if (!databaseExists(path)) {
    throw new DomainError(
      'not_found',
      `There is no database at ${path}; name yours with --database, or start the server once: ${programCommand()} serve`,
    );
  }
  accessSync(path, constants.R_OK);
}

/** @throws ConfigError if the path exists and is not a file */
export function databaseExists(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isFile()) return true;
  if (!found.isDirectory()) throw new ConfigError(`--database: ${path} is not a regular file`);
  throw new ConfigError(`--database: ${path} is a folder; name a file in it, such as sqlite:${path}/rollcall.db`);
}

/** Creates one level at a time: Node's recursive form never returns where a file system accepts no folder (/proc). */
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

/** Runs `work`, and adds the file's name to errors that lack it. */
export async function withPath<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError)) {
      // Errors from the system already name their file.
      throw error instanceof Error && !('path' in error) ? Object.assign(error, { path }) : error;
    }
    if (error.message.includes(path)) throw error;
    const named = new DomainError(error.code, `${path}: ${error.message}`);
    named.cause = error.cause;
    throw named;
  }
}
