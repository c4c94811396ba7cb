/** Opens SQLite connections with the right settings, and classifies SQLite's errors. */

import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DomainError, unavailable } from '../../domain/errors.ts';

export type Connection = Database.Database;

export const MEMORY = ':memory:';

// The wait for another process's transaction; longer than any of ours, shorter than a caller's patience.
const BUSY_TIMEOUT_MS = 5000;
// A batch touches a page or two per profile, wherever the profiles are: small pages halve what a commit writes to disk.
export const PAGE_BYTES = 2048;
// For a command that writes much: it checkpoints by itself, and nobody waits for it.
const CHECKPOINT_PAGES = (32 * 1024 * 1024) / PAGE_BYTES;
// How much of its file a restarted log keeps: space that need not be allocated again.
const LOG_BYTES_KEPT = 128 * 1024 * 1024;
const WRITER_CACHE_KIB = 256 * 1024;
const READER_CACHE_KIB = 64 * 1024;

/** Creates the file and its folder if needed, readable only by their owner. */
export function createPrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Not opened if it exists: a process that opens and closes a file loses the locks its other connections hold on it.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

/** The path itself if nothing is there, otherwise the next free numbered one. */
export function freeName(path: string): string {
  if (!existsSync(path)) return path;
  for (let attempt = 2; ; attempt += 1) if (!existsSync(`${path}.${attempt}`)) return `${path}.${attempt}`;
}

/** Removes a database and the files SQLite keeps next to it. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

export interface OpenOptions {
  readonly readonly?: boolean;
  /**
   * True to use the file exclusively for as long as the connection is open; opening fails while another process has it
   * open.
   */
  readonly exclusive?: boolean;
  /** Elsewhere: this connection never checkpoints by itself, so somebody else must. */
  readonly checkpoints?: 'here' | 'elsewhere';
}

/**
 * Opens a connection with a write-ahead log, and a full sync before any commit returns.
 * @throws DomainError `unavailable` when the file cannot be opened
 */
export function openConnection(path: string, options: OpenOptions = {}): Connection {
  return translateErrors(() => {
    const database = new Database(path, { timeout: BUSY_TIMEOUT_MS, readonly: options.readonly ?? false });
    if (path !== MEMORY) {
      // Before the file is first read: from then on the connection keeps what it has locked.
      if (options.exclusive === true) database.pragma('locking_mode = exclusive');
      if (!database.readonly) {
        // For a file that is yet to be filled; others keep theirs.
        database.pragma(`page_size = ${PAGE_BYTES}`);
        database.pragma('journal_mode = wal');
      }
      database.pragma('synchronous = full');
      database.pragma(`wal_autocheckpoint = ${options.checkpoints === 'elsewhere' ? 0 : CHECKPOINT_PAGES}`);
      database.pragma(`journal_size_limit = ${LOG_BYTES_KEPT}`);
    }
    database.pragma(`cache_size = -${database.readonly ? READER_CACHE_KIB : WRITER_CACHE_KIB}`);
    database.pragma('temp_store = memory');
    database.pragma('foreign_keys = off');
    return database;
  });
}

/** SQLite's extended error code, such as `SQLITE_CONSTRAINT_UNIQUE`; undefined for other errors. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined;
}

/** The store cannot work for a reason outside the request; a later retry may succeed. */
export function asUnavailable(error: unknown): DomainError | undefined {
  const code = sqliteCode(error);
  if (code === undefined) return undefined;
  if (code.startsWith('SQLITE_FULL')) return unavailable('The disk is full; nothing was stored', 5);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return unavailable('The database is busy; nothing was stored', 1);
  }
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN|NOMEM|PERM|PROTOCOL)/.test(code)) {
    return unavailable('The database cannot be used at the moment; nothing was stored', 5);
  }
  return undefined;
}

/** Runs `work`; SQLite errors with outside causes become `unavailable`. */
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

/** Called with what a transaction waited for, in ms by its own clock. */
export interface TransactionTimer {
  clock(): number;
  locked(milliseconds: number): void;
  committed(start: number, end: number): void;
}

/** Runs `work` in a transaction that holds the write lock from the start; rolls back when it throws. */
export function inTransaction<T>(database: Connection, work: () => T, timer?: TransactionTimer): T {
  const asked = timer?.clock() ?? 0;
  database.exec('begin immediate');
  timer?.locked(timer.clock() - asked);
  let result: T;
  try {
    result = work();
    const decided = timer?.clock() ?? 0;
    database.exec('commit');
    timer?.committed(decided, timer.clock());
  } catch (error) {
    if (database.inTransaction) database.exec('rollback');
    throw error;
  }
  return result;
}

/** Runs reads that belong together on one snapshot. */
export function readSnapshot<T>(database: Connection, work: () => T): T {
  return translateErrors(() => {
    database.exec('begin');
    try {
      return work();
    } finally {
      database.exec('rollback');
    }
  });
}
