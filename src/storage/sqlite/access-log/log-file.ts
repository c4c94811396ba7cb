/** The file of the access log: opened, or begun anew when it cannot be used. It is a log: nothing of it may stop the server. */

import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { unavailable } from '../../../domain/errors.ts';
import { type Connection, createPrivateFile, inTransaction, MEMORY, removeDatabase, sqliteCode } from '../database.ts';
import { type FileIdentities, findTakenAway, identitiesOf } from '../open-files.ts';

const SCHEMA = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8');
/** In the file's header: tells it from other databases. */
const APPLICATION_ID = 0x726c6c67;
const SCHEMA_VERSION = 3;
/** What makes a file of the version before one of the next. */
const UPGRADES: Readonly<Record<number, string>> = {
  2: `alter table causes add column mark text;
      create index entries_marked on entries (time) where state >= 128;`,
};
const PAGE_BYTES = 8192;
const CACHE_KIB = 32 * 1024;
// The write-ahead log is written back at this size, and kept no larger.
const CHECKPOINT_PAGES = 2000;
const BUSY_TIMEOUT_MS = 2000;
// After a failure to open, so that a folder that is not there is not all the thread looks at.
const RETRY_AFTER_MS = 5000;

const CHECK_EVERY_MS = 1000;

/** What an operator should hear of. */
export interface LogNotice {
  readonly message: string;
  readonly file?: string;
  readonly reason?: string;
  /** True for what cost entries and needs somebody to look. */
  readonly isError?: boolean;
}

/** Opens a connection of the log's own kind: nobody waits for a sync, and after a power cut its last entries may be missing. */
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
      if (owner !== APPLICATION_ID || !upgrade(database)) throw new Unusable('it is of another program version');
    }
    // Whoever was sending them again is gone.
    database.exec('update refused_writes set replayed = null where replayed = 0');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Brings the file to this version. @returns false when it is of none that can be */
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

/** The database is in order, but what it holds is not. */
export class Unusable extends Error {}

/** True for errors that say the file itself is broken, not its surroundings. */
function isDamage(error: unknown): boolean {
  return error instanceof Unusable || /^SQLITE_(CORRUPT|NOTADB|FORMAT)/.test(sqliteCode(error) ?? '');
}

/** Puts a damaged file aside; of several only the latest is kept, for they may be large. @returns where it is */
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

/** Keeps one `Content` made on a connection to the file, and makes another when the file has to be begun anew. */
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
   * Runs `work`. When the file proves damaged it is put aside, and `work` runs once more on a new one.
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
   * Looks, at most once a second, whether the file still lies where it was opened. Where it does not, another is begun there: a log
   * that was removed to make room, or moved away, costs its past and no more.
   */
  checkInPlace(): void {
    if (this.#content === undefined || performance.now() - this.#checkedAt < CHECK_EVERY_MS) return;
    this.#checkedAt = performance.now();
    const path = findTakenAway(this.#files);
    if (path === undefined) return;
    // SQLite leaves alone what lies at the path of a file that was moved.
    this.close();
    const message =
      'the access log was removed or replaced while it was open; a new one is begun, earlier entries are lost';
    this.#notices.push({ message, file: path, isError: true });
  }

  /** What happened since the last call. */
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
    if (performance.now() - this.#failedAt < RETRY_AFTER_MS) throw unavailable('The access log cannot be opened now');
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
      throw unavailable('The access log cannot be opened now');
    }
  }

  #replace(reason: unknown): void {
    this.close();
    try {
      const file = setAside(this.#path);
      this.#notices.push({
        message: 'the access log was damaged; it was put aside and a new one begun',
        file,
        reason: reason instanceof Error ? reason.message : String(reason),
      });
    } catch (error) {
      this.#failedAt = performance.now();
      this.#notices.push({ message: 'the damaged access log cannot be put aside', reason: String(error) });
    }
  }
}
