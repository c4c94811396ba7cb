/** Prepared statements by their text; all are discarded at once when there are too many. */

import type { Statement } from 'better-sqlite3';
import type { Connection } from './database.ts';

const MAX_STATEMENTS = 200;

export class StatementCache {
  readonly #database: Connection;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Connection) {
    this.#database = database;
  }

  get<Row>(sql: string): Statement<unknown[], Row> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement as Statement<unknown[], Row>;
  }
}
