/** Saves all data of an in-memory store, and restores it between the cases of a test. */

import { type Connection, inTransaction } from './database.ts';

// The schema of the copy. Its tables need other names, because SQLite reserves names that begin with `sqlite_`.
const COPY = 'remembered';
const PREFIX = 'copy_of_';

export class Rewind {
  readonly #database: Connection;
  #tables: readonly string[] | undefined;

  /** @param database the only connection to an in-memory store */
  constructor(database: Connection) {
    this.#database = database;
  }

  /** Saves the current data, replacing what was saved before. */
  remember(): void {
    if (this.#tables === undefined) this.#database.exec(`attach ':memory:' as ${COPY}`);
    const before = this.#tables ?? [];
    // The last assigned numbers are restored last, because filling the other tables changes them.
    const tables = this.#database
      .prepare<[], string>(
        `select name from main.sqlite_schema
         where type = 'table' and (name = 'sqlite_sequence' or name not like 'sqlite\\_%' escape '\\')
         order by name = 'sqlite_sequence'`,
      )
      .pluck()
      .all();
    inTransaction(this.#database, () => {
      for (const table of before) this.#database.exec(`drop table ${copyOf(table)}`);
      for (const table of tables) this.#database.exec(`create table ${copyOf(table)} as select * from main."${table}"`);
    });
    this.#tables = tables;
  }

  /** Restores the saved data, including the numbers that new objects get. */
  rewind(): void {
    const tables = this.#tables;
    if (tables === undefined) throw new Error('Nothing was remembered yet');
    inTransaction(this.#database, () => {
      const seen = this.#database.prepare<[], number>('select version from main.catalog_version').pluck().get() ?? 0;
      for (const table of tables) {
        this.#database.exec(`delete from main."${table}"; insert into main."${table}" select * from ${copyOf(table)}`);
      }
      // A version and an epoch that are new to every cache make it read all definitions again.
      this.#database
        .prepare('update main.catalog_version set version = ? + 1, epoch = lower(hex(randomblob(8)))')
        .run(seen);
    });
  }
}

function copyOf(table: string): string {
  return `${COPY}."${PREFIX}${table}"`;
}
