/** The stored state as another process sees it: whether it has changed, and where. */

import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';

/**
 * The state to compare, by table. It omits only what the server writes for itself: when a key was last used, and the
 * rows of unused sets, which a job removes at any time.
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

/** A repeated call may change last activity, and nothing else. */
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
 * Watches a database file for changes. `mark` takes some microseconds, because it only opens a snapshot. SQLite's data
 * version shows whether anything has been committed since; only then are the two states compared, table by table.
 */
export class StateWatch {
  readonly #before: Database.Database;
  readonly #after: Database.Database;
  #version = -1;

  constructor(file: string) {
    this.#before = new Database(file, { readonly: true, timeout: 10_000 });
    this.#after = new Database(file, { readonly: true, timeout: 10_000 });
  }

  /** Marks the current state for the next comparison. */
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

  /** Releases the marked state, because a long snapshot prevents the log from being checkpointed. */
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
