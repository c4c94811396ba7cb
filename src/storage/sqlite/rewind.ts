/** Remembers everything that a store in memory holds, and returns to it: what tests do between two cases. */

import { type Connection, inTransaction } from './database.ts';

// Where the copy is. Its tables need names of their own: SQLite reserves those that begin with its own.
const COPY = 'remembered';
const PREFIX = 'copy_of_';

export class Rewind {
  readonly #database: Connection;
  #tables: readonly string[] | undefined;

  /** @param database the only connection to a store in memory */
  constructor(database: Connection) {
    this.#database = database;
  }

  /** Remembers the store as it is now, in place of what was remembered before. */
  remember(): void {
    if (this.#tables === undefined) this.#database.exec(`attach ':memory:' as ${COPY}`);
    const before = this.#tables ?? [];
    // The numbers last assigned come last: filling the other tables changes them.
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

  /** Makes the store what was remembered: it also numbers what is created next as it would have then. */
  rewind(): void {
    const tables = this.#tables;
    if (tables === undefined) throw new Error('Nothing was remembered yet');
    inTransaction(this.#database, () => {
      const seen = this.#database.prepare<[], number>('select version from main.catalog_version').pluck().get() ?? 0;
      for (const table of tables) {
        this.#database.exec(`delete from main."${table}"; insert into main."${table}" select * from ${copyOf(table)}`);
      }
      // A version and an epoch that no cache has seen make each of them read all definitions again.
      this.#database
        .prepare('update main.catalog_version set version = ? + 1, epoch = lower(hex(randomblob(8)))')
        .run(seen);
    });
  }
}

function copyOf(table: string): string {
  return `${COPY}."${PREFIX}${table}"`;
}
