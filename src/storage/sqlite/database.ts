/** Opens SQLite connections the way this product needs them, and tells its errors apart. */

import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DomainError, unavailable } from '../../domain/errors.ts';

export type Connection = Database.Database;

export const MEMORY = ':memory:';

// Waiting for another process's transaction; longer than any of ours, shorter than a caller's patience.
const BUSY_TIMEOUT_MS = 5000;
// A batch touches a page or two per profile, wherever the profiles lie: small pages halve what a commit writes to disk.
const PAGE_BYTES = 2048;
// Checkpoints rewrite each page once however often it changed since the last one: at 128 MiB instead of 32 they write half
// as much, and fewer than one write in a hundred waits for one.
const CHECKPOINT_PAGES = (128 * 1024 * 1024) / PAGE_BYTES;
const WRITER_CACHE_KIB = 256 * 1024;
const READER_CACHE_KIB = 64 * 1024;

/** Creates the file and its folder if need be, readable by their owner only. */
export function createPrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

/** The path itself while nothing is there, else the next free numbered one. */
export function freeName(path: string): string {
  if (!existsSync(path)) return path;
  for (let attempt = 2; ; attempt += 1) if (!existsSync(`${path}.${attempt}`)) return `${path}.${attempt}`;
}

/** Removes a database with what SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

export interface OpenOptions {
  readonly readonly?: boolean;
  /** Upper bound of the file in bytes; writes beyond it are refused like those on a full disk. */
  readonly maxBytes?: number | undefined;
}

/**
 * Opens a connection: write-ahead log, and a full sync before any commit returns.
 * @throws DomainError `unavailable` when the file cannot be opened
 */
export function openConnection(path: string, options: OpenOptions = {}): Connection {
  return translateErrors(() => {
    const database = new Database(path, { timeout: BUSY_TIMEOUT_MS, readonly: options.readonly ?? false });
    if (path !== MEMORY) {
      if (!database.readonly) {
        // Of a file that is yet to be filled; others keep theirs.
        database.pragma(`page_size = ${PAGE_BYTES}`);
        database.pragma('journal_mode = wal');
      }
      database.pragma('synchronous = full');
      database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    }
    database.pragma(`cache_size = -${database.readonly ? READER_CACHE_KIB : WRITER_CACHE_KIB}`);
    database.pragma('temp_store = memory');
    database.pragma('foreign_keys = off');
    if (options.maxBytes !== undefined) {
      const pageSize = database.pragma('page_size', { simple: true }) as number;
      database.pragma(`max_page_count = ${Math.max(1, Math.floor(options.maxBytes / pageSize))}`);
    }
    return database;
  });
}

/** SQLite's extended error code, such as `SQLITE_CONSTRAINT_UNIQUE`; undefined for errors of another kind. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined;
}

/** The store cannot work for a reason outside the request; sending it again later may succeed. */
export function asUnavailable(error: unknown): DomainError | undefined {
  const code = sqliteCode(error);
  if (code === undefined) return undefined;
  if (code.startsWith('SQLITE_FULL')) return unavailable('The disk is full; nothing was stored', 5);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return unavailable('The database is busy; nothing was stored', 1);
  }
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN|NOMEM|PERM|PROTOCOL)/.test(code)) {
    return unavailable('The database cannot be used now; nothing was stored', 5);
  }
  return undefined;
}

/** Runs `work`; what SQLite throws for outside reasons becomes `unavailable`. */
export function translateErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const translated = asUnavailable(error);
    if (translated === undefined) throw error;
    translated.cause = error;
    throw translated;
  }
}

/** Runs `work` in a transaction that holds the write lock from its start; rolls back when it throws. */
export function inTransaction<T>(database: Connection, work: () => T): T {
  database.exec('begin immediate');
  let result: T;
  try {
    result = work();
    database.exec('commit');
  } catch (error) {
    if (database.inTransaction) database.exec('rollback');
    throw error;
  }
  return result;
}

/** Runs reads that belong together on one snapshot. */
export function readOnce<T>(database: Connection, work: () => T): T {
  return translateErrors(() => {
    database.exec('begin');
    try {
      return work();
    } finally {
      database.exec('rollback');
    }
  });
}
