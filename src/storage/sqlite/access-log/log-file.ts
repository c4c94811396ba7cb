/**
 * The file of the access log: opened, or started anew when it cannot be used. It is only a log: nothing about it may
 * stop the server.
 */

import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { unavailable } from '../../../domain/errors.ts';
import { type Connection, createPrivateFile, inTransaction, MEMORY, removeDatabase, sqliteCode } from '../database.ts';
import { type FileIdentities, findReplacedFile, identitiesOf } from '../open-files.ts';

const SCHEMA = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8');
/** In the file's header; distinguishes it from other databases. */
const APPLICATION_ID = 0x726c6c67;
const SCHEMA_VERSION = 4;
/** The steps that upgrade a file from one version to the next. */
const UPGRADES: Readonly<Record<number, string>> = {
  2: `alter table causes add column mark text;
      create index entries_marked on entries (time) where state >= 128;`,
  3: `create table row_reports (
        id integer primary key autoincrement,
        uuid blob not null unique,
        time integer not null,
        application_id integer not null,
        environment integer not null,
        bytes integer not null,
        report text not null
      ) strict;
      create table row_reports_size (
        one integer primary key check (one = 1),
        bytes integer not null
      ) strict;
      insert into row_reports_size values (1, 0);`,
};
const PAGE_BYTES = 8192;
const CACHE_KIB = 32 * 1024;
// The write-ahead log is checkpointed at this size, and kept no larger.
const CHECKPOINT_PAGES = 2000;
const BUSY_TIMEOUT_MS = 2000;
// After a failure to open, so that the thread does not do nothing but retry a missing folder.
const RETRY_AFTER_MS = 5000;

const CHECK_EVERY_MS = 1000;

/** What an operator should know. */
export interface LogNotice {
  readonly message: string;
  readonly file?: string;
  readonly reason?: string;
  /** True for problems that cost entries and need attention. */
  readonly isError?: boolean;
}

/**
 * Opens a connection suited to the log: nothing waits for a sync, and after a power failure its last entries may be
 * missing.
 */
function open(path: string): Connection {
  const database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    if (path !== MEMORY) {
      database.pragma(`page_size = ${PAGE_BYTES}`);
      database.pragma('journal_mode = wal');
      database.pragma('synchronous = normal');
      database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      database.pragma(`journal_size_limit = ${CHECKPOINT_PAGES * PAGE_BYTES}`);
    }
    database.pragma(`cache_size = -${CACHE_KIB}`);
    database.pragma('temp_store = memory');
    const tables = database.prepare<[], number>('select count(*) from sqlite_schema').pluck().get() ?? 0;
    if (tables === 0) create(database);
    else {
      const owner = database.pragma('application_id', { simple: true });
      if (owner !== APPLICATION_ID || !upgrade(database))
        throw new Unusable('it belongs to another version of the program');
    }
    // Whoever was replaying them is gone.
    database.exec('update refused_writes set replayed = null where replayed = 0');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Upgrades the file to this version. @returns false when its version cannot be upgraded */
function upgrade(database: Connection): boolean {
  for (;;) {
    const version = database.pragma('user_version', { simple: true }) as number;
    if (version === SCHEMA_VERSION) return true;
    const step = UPGRADES[version];
    if (step === undefined) return false;
    inTransaction(database, () => {
      database.exec(step);
      database.pragma(`user_version = ${version + 1}`);
    });
  }
}

function create(database: Connection): void {
  database.exec('begin immediate');
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma(`user_version = ${SCHEMA_VERSION}`);
  database.exec(SCHEMA);
  database.exec('commit');
}

/** The database is sound, but its content is not. */
export class Unusable extends Error {}

/** True for errors that mean the file itself is broken, not its surroundings. */
function isDamage(error: unknown): boolean {
  return error instanceof Unusable || /^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(sqliteCode(error) ?? '');
}

/** Moves a damaged file aside; only the latest one is kept, for they may be large. @returns its new path */
function setAside(path: string): string {
  const aside = `${path}.damaged`;
  removeDatabase(aside);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`);
  }
  renameSync(path, aside);
  rmSync(`${path}-journal`, { force: true });
  return aside;
}

/** Holds one `Content` created on a connection to the file, and creates another when the file must be started anew. */
export class LogFile<Content> {
  readonly #path: string;
  readonly #make: (database: Connection) => Content;
  readonly #notices: LogNotice[] = [];
  #database: Connection | undefined;
  #content: Content | undefined;
  #files: FileIdentities = {};
  #checkedAt = 0;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string, make: (database: Connection) => Content) {
    this.#path = path;
    this.#make = make;
  }

  /**
   * Runs `work`. If the file proves damaged, it is moved aside, and `work` runs once more on a new one.
   * @throws DomainError `unavailable` while the file cannot be used; whatever else `work` throws
   */
  use<T>(work: (content: Content) => T): T {
    try {
      return work(this.#opened());
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#replace(error);
      return work(this.#opened());
    }
  }

  /**
   * Checks, at most once a second, that the file is still where it was opened. If not, a new one is started there: a
   * log that was removed to free space, or moved away, loses only its past.
   */
  checkInPlace(): void {
    if (this.#content === undefined || performance.now() - this.#checkedAt < CHECK_EVERY_MS) return;
    this.#checkedAt = performance.now();
    const path = findReplacedFile(this.#files);
    if (path === undefined) return;
    // SQLite does not touch what is now at the path of a moved file.
    this.close();
    const message =
      'the access log was removed or replaced while it was open; a new one was started, earlier entries are lost';
    this.#notices.push({ message, file: path, isError: true });
  }

  /** Returns what happened since the last call. */
  takeNotices(): LogNotice[] {
    return this.#notices.splice(0);
  }

  close(): void {
    this.#content = undefined;
    this.#database?.close();
    this.#database = undefined;
  }

  #opened(): Content {
    if (this.#content !== undefined) return this.#content;
    if (performance.now() - this.#failedAt < RETRY_AFTER_MS)
      throw unavailable('The access log cannot be opened at the moment');
    try {
      if (this.#path !== MEMORY) createPrivateFile(this.#path);
      this.#database = open(this.#path);
      this.#content = this.#make(this.#database);
      this.#files = this.#path === MEMORY ? {} : identitiesOf(this.#path);
      return this.#content;
    } catch (error) {
      this.close();
      if (isDamage(error)) throw error;
      this.#failedAt = performance.now();
      this.#notices.push({ message: 'the access log cannot be opened; requests go unlogged', reason: String(error) });
      throw unavailable('The access log cannot be opened at the moment');
    }
  }

  #replace(reason: unknown): void {
    this.close();
    try {
      const file = setAside(this.#path);
      this.#notices.push({
        message: 'the access log was damaged; it was moved aside and a new one was started',
        file,
        reason: reason instanceof Error ? reason.message : String(reason),
      });
    } catch (error) {
      this.#failedAt = performance.now();
      this.#notices.push({ message: 'the damaged access log cannot be moved aside', reason: String(error) });
    }
  }
}
