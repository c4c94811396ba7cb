/** The store's front door: picks the engine by URL and brings its schema up to date. */

import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { AccessLog } from '../access-log/access-log.ts';
import { invalid } from '../domain/errors.ts';
import type { Storage, StoragePlace } from '../domain/storage.ts';
import { type AccessLogOptions, SqliteAccessLog } from './sqlite/access-log/access-log.ts';
import { copySnapshot } from './sqlite/backup.ts';
import { MEMORY } from './sqlite/database.ts';
import { placeOf } from './sqlite/place.ts';
import { logRemover } from './sqlite/reading-place.ts';
import { type RestoreOptions, restoreSqlite } from './sqlite/restore.ts';
import { openSqlite, type SqliteOptions } from './sqlite/storage.ts';
import { planUpgrade, type UpgradePlan, upgradeAlone } from './sqlite/upgrade.ts';
import { removeAbandoned } from './sqlite/work-folder.ts';

/** The URL of a store that is kept in memory and ends with the process. */
export const MEMORY_URL = `sqlite:${MEMORY}`;

/**
 * Opens the store. To be upgraded (the default), it is created and migrated as needed; to be written by a command, it
 * may be created; to be read, it is opened read-only.
 * @param url `sqlite:PATH`
 * @throws DomainError `invalid` for a URL of no known engine, `conflict` for a schema that this program may not use,
 * that must be
 *   upgraded first, or that cannot be because another process has it open; `not_found` when it is to be read and is
 *   empty
 */
export async function openStorage(url: string, options: SqliteOptions = {}): Promise<Storage> {
  return openSqlite(pathOf(url), options);
}

/**
 * Opens the access log next to a store, creating it as needed. It never fails: what cannot be logged is dropped.
 * @param place of the store; without it, the log is kept in memory
 */
export function openAccessLog(place: StoragePlace | undefined, options: AccessLogOptions): AccessLog {
  return new SqliteAccessLog(place?.accessLog ?? MEMORY, options);
}

/**
 * Replaces all data with that of a backup, even while servers use it, which continue with the restored data.
 * @returns where the replaced data is kept, if there was any
 * @throws DomainError `invalid` for a URL of no known engine or a file that is not an intact backup, `not_found`
 * without such a file, `conflict` when this program is too old for the backup or the database
 */
export async function restoreStorage(
  url: string,
  file: string,
  options: RestoreOptions = {},
): Promise<{ safetyCopy: string | undefined }> {
  return restoreSqlite(pathOf(url), file, options);
}

/**
 * Writes a consistent copy of a store to a new file, whatever its schema, and only reads from it.
 * @throws DomainError `conflict` when `file` exists or the store belongs to another program, `not_found` when it is
 * empty
 */
export async function backUpStorage(url: string, file: string): Promise<void> {
  return copySnapshot(pathOf(url), file);
}

/**
 * Describes what `upgradeStorage` would do; changes nothing. @throws DomainError `conflict` for a schema that is too
 * new or not ours
 */
export function storageUpgradePlan(url: string): UpgradePlan {
  return planUpgrade(pathOf(url));
}

/**
 * Upgrades the schema of a store, after copying the store next to itself.
 * @returns the path of the copy, if one was needed
 * @throws DomainError `conflict` for a schema that is too new or not ours, and while another process has the store open
 */
export function upgradeStorage(url: string): string | undefined {
  const path = pathOf(url);
  return planUpgrade(path).pending.length === 0 ? undefined : upgradeAlone(path);
}

/**
 * For work that may be ended in the middle; to be called before it begins.
 * @param url the store that the work uses
 * @param file another file that the work may read or write
 * @returns what removes everything that the work would have removed itself
 */
export function cleanUpAfter(url: string, file: string | undefined): () => void {
  const place = storagePlace(url);
  const removeLog = place === undefined ? undefined : logRemover(place.path);
  const folders = [tmpdir(), place?.folder, file === undefined ? undefined : dirname(resolve(file))];
  return () => {
    for (const folder of new Set(folders)) if (folder !== undefined) removeAbandoned(folder);
    removeLog?.();
  };
}

/** Where the store of a URL keeps its data, whether or not it exists yet; undefined unless that is a local file. */
export function storagePlace(url: string): StoragePlace | undefined {
  const path = sqlitePath(url);
  return path === undefined || path === MEMORY ? undefined : placeOf(path);
}

/** The file behind a `sqlite:` URL; undefined for other URLs. */
function sqlitePath(url: string): string | undefined {
  const path = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : '';
  return path === '' ? undefined : path;
}

/** @throws DomainError `invalid` for a URL of no known engine */
function pathOf(url: string): string {
  const path = sqlitePath(url);
  if (path === undefined) throw invalid(`database: '${redactUrl(url)}' is not of the form sqlite:PATH`);
  return path;
}

function redactUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@');
}
