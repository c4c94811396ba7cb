/**
 * `Db` over a SQLite connection. Each statement runs at once; it returns a promise because other engines have to wait.
 */

import { type Db, type Queries, type SqlValue, UniqueViolation } from '../sql/db.ts';
import { asUnavailable, type Connection, sqliteCode, type TransactionTimer } from './database.ts';
import { StatementCache } from './statement-cache.ts';

export interface SqliteDbOptions {
  /** Called with what transactions waited for. */
  readonly timer?: TransactionTimer | undefined;
  /** Called after a transaction was rolled back: anything cached within it is void. */
  readonly onRollback?: () => void;
}

/**
 * Users of a shared connection take turns (`Turns`): a call that ran while another waits inside a transaction would
 * become part of it. Statements of the transaction use `tx`; any other statement throws meanwhile.
 */
export class SqliteDb implements Db {
  readonly #database: Connection;
  readonly #queries: SqliteQueries;
  readonly #timer: TransactionTimer | undefined;
  readonly #onRollback: (() => void) | undefined;

  constructor(database: Connection, { timer, onRollback }: SqliteDbOptions = {}) {
    this.#database = database;
    this.#queries = new SqliteQueries(database);
    this.#timer = timer;
    this.#onRollback = onRollback;
  }

  async all<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row[]> {
    this.#assertNoTransaction();
    return this.#queries.all<Row>(sql, ...values);
  }

  async get<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row | undefined> {
    this.#assertNoTransaction();
    return this.#queries.get<Row>(sql, ...values);
  }

  async run(sql: string, ...values: readonly SqlValue[]): Promise<number> {
    this.#assertNoTransaction();
    return this.#queries.run(sql, ...values);
  }

  async transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    this.#assertNoTransaction();
    const timer = this.#timer;
    const asked = timer?.clock() ?? 0;
    try {
      this.#database.exec('begin immediate');
      timer?.locked(timer.clock() - asked);
      const result = await work(this.#queries);
      const decided = timer?.clock() ?? 0;
      this.#database.exec('commit');
      timer?.committed(decided, timer.clock());
      return result;
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('rollback');
      this.#onRollback?.();
      throw translated(error);
    }
  }

  async snapshot<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    this.#assertNoTransaction();
    try {
      this.#database.exec('begin');
      return await work(this.#queries);
    } catch (error) {
      throw translated(error);
    } finally {
      if (this.#database.inTransaction) this.#database.exec('rollback');
    }
  }

  #assertNoTransaction(): void {
    if (this.#database.inTransaction) throw new Error('A transaction is open on this connection; use its own `tx`');
  }
}

class SqliteQueries implements Queries {
  readonly #statements: StatementCache;

  constructor(database: Connection) {
    this.#statements = new StatementCache(database);
  }

  async all<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row[]> {
    return translating(() => this.#statements.get<Row>(sql).all(...values));
  }

  async get<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row | undefined> {
    return translating(() => this.#statements.get<Row>(sql).get(...values));
  }

  async run(sql: string, ...values: readonly SqlValue[]): Promise<number> {
    return translating(() => this.#statements.get(sql).run(...values).changes);
  }
}

function translating<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(error);
  }
}

/** The error in the form that every engine reports; an error of another kind is returned unchanged. */
function translated(error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return new UniqueViolation(error);
  const unavailable = asUnavailable(error);
  if (unavailable === undefined) return error;
  unavailable.cause = error;
  return unavailable;
}
