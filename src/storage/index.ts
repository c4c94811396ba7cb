/** The store's front door: picks the engine by URL and brings its schema up to date. */

import { invalid } from '../domain/errors.ts';
import type { Storage } from '../domain/storage.ts';
import { MEMORY } from './sqlite/database.ts';
import { type SqliteOptions, SqliteStorage } from './sqlite/storage.ts';

export { restoreStorage } from './sqlite/restore.ts';

/** The URL of a store that lives in memory and dies with the process. */
export const MEMORY_URL = `sqlite:${MEMORY}`;

/**
 * Opens the store, creating and migrating it as needed.
 * @param url `sqlite:PATH`
 * @throws DomainError `invalid` for a URL of no known engine, `conflict` for a schema this program may not use
 */
export async function openStorage(url: string, options: SqliteOptions = {}): Promise<Storage> {
  const path = sqlitePath(url);
  if (path === undefined) throw invalid(`database: '${redactUrl(url)}' is not of the form sqlite:PATH`);
  return SqliteStorage.open(path, options);
}

/** The file behind a `sqlite:` URL; undefined for other URLs. */
export function sqlitePath(url: string): string | undefined {
  const path = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : '';
  return path === '' ? undefined : path;
}

function redactUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@');
}
