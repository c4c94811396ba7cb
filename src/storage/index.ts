/** The store's front door: picks the engine by URL and brings its schema up to date. */

import type { AccessLog } from '../domain/access-log.ts';
import { invalid } from '../domain/errors.ts';
import type { Storage } from '../domain/storage.ts';
import { type AccessLogOptions, SqliteAccessLog } from './sqlite/access-log/access-log.ts';
import { MEMORY } from './sqlite/database.ts';
import { restoreSqlite } from './sqlite/restore.ts';
import { type SqliteOptions, SqliteStorage } from './sqlite/storage.ts';

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

/** Opens the access log that lies beside a store, creating it as needed. It never fails: what cannot be logged is not. */
export function openAccessLog(url: string, options: AccessLogOptions): AccessLog {
  const path = sqlitePath(url) ?? MEMORY;
  return new SqliteAccessLog(path === MEMORY ? MEMORY : `${path}.access-log`, options);
}

/**
 * Replaces all data by that of a backup; works while servers run on it, which go on with what was restored.
 * @returns where the data that was replaced has been kept, if there was any
 * @throws DomainError `invalid` for a URL of no known engine or a file that is no intact backup, `not_found` without such a
 * file, `conflict` when this program is too old for the backup or the database
 */
export async function restoreStorage(url: string, file: string): Promise<{ safetyCopy: string | undefined }> {
  const path = sqlitePath(url);
  if (path === undefined) throw invalid(`database: '${redactUrl(url)}' is not of the form sqlite:PATH`);
  return restoreSqlite(path, file);
}

/** The file behind a `sqlite:` URL; undefined for other URLs. */
export function sqlitePath(url: string): string | undefined {
  const path = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : '';
  return path === '' ? undefined : path;
}

function redactUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@');
}
