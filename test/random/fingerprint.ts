/** The stored state as one look from another process: did anything change, and what. */

import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';

/**
 * What counts as state, by table. Left out is only what the server writes for itself: when a key was last used, and the
 * rows of sets that are nobody's any more, which a job removes when it likes.
 */
const TABLES: Readonly<Record<string, string>> = {
  profiles: 'select * from profiles order by id',
  members: `select * from members where member_set in (select member_set from audiences where deleted is null)
    order by member_set, profile_id`,
  application_profiles: 'select * from application_profiles order by 1, 2',
  membership_changes: 'select * from membership_changes order by id',
  requests: 'select * from requests order by id',
  audiences: 'select * from audiences order by id',
  audience_counters: 'select * from audience_counters order by 1, 2',
  audience_hours: 'select * from audience_hours order by 1, 2, 3',
  sequences: 'select * from sequences order by name',
  catalog_version: 'select * from catalog_version',
  applications: 'select * from applications order by id',
  attributes: 'select * from attributes order by id',
  users: 'select * from users order by id',
  api_keys: 'select id, application_id, title, platform, type, hash, expires, deleted_at from api_keys order by id',
};

/** A repeated call may move this, and only this. */
const WITHOUT_LAST_ACTIVITY: Readonly<Record<string, string>> = {
  ...TABLES,
  profiles: 'select id, environment, integration_id, sets, last_change, created, attributes from profiles order by id',
};

function digests(database: Database.Database, tables: Readonly<Record<string, string>>): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, sql] of Object.entries(tables)) {
    const hash = createHash('sha1');
    for (const row of database.prepare<[], unknown[]>(sql).raw().iterate()) hash.update(JSON.stringify(row));
    found.set(name, hash.digest('hex'));
  }
  return found;
}

/**
 * Watches a database file for changes. `mark` costs some microseconds: it only opens a snapshot. Whether anything was
 * committed since is SQLite's own data version; only when that moved are the two states compared, table by table.
 */
export class StateWatch {
  readonly #before: Database.Database;
  readonly #after: Database.Database;
  #version = -1;

  constructor(file: string) {
    this.#before = new Database(file, { readonly: true, timeout: 10_000 });
    this.#after = new Database(file, { readonly: true, timeout: 10_000 });
  }

  /** Takes the state as it is now for the one to compare with. */
  mark(): void {
    this.release();
    this.#before.exec('begin');
    this.#before.prepare('select version from catalog_version').get();
    this.#version = this.#dataVersion();
  }

  /** Names of the tables that differ from the marked state. */
  changed({ ignoreLastActivity = false } = {}): string[] {
    if (this.#dataVersion() === this.#version) return [];
    const tables = ignoreLastActivity ? WITHOUT_LAST_ACTIVITY : TABLES;
    this.#after.exec('begin');
    const after = digests(this.#after, tables);
    this.#after.exec('commit');
    const before = digests(this.#before, tables);
    return Object.keys(tables).filter((name) => before.get(name) !== after.get(name));
  }

  /** Lets go of the marked state: a snapshot held for long keeps the log from being folded into the file. */
  release(): void {
    if (this.#before.inTransaction) this.#before.exec('commit');
  }

  close(): void {
    this.#before.close();
    this.#after.close();
  }

  #dataVersion(): number {
    return this.#after.pragma('data_version', { simple: true }) as number;
  }
}
