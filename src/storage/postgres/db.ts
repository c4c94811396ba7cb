/** `Db` over PostgreSQL: a pool of connections, one of which each transaction has to itself. */

import pg from 'pg';
import { type DomainError, unavailable } from '../../domain/errors.ts';
import { type Db, type Queries, type SqlValue, UniqueViolation } from '../sql/db.ts';
import { numberParameters } from './parameters.ts';

const MAX_CONNECTIONS = 10;
// For a transaction that keeps colliding with others; each attempt waits a little longer than the one before.
const MAX_RUNS = 10;
const PAUSE_MS = 5;

// Both arrive as text, since they may exceed what a JavaScript number represents exactly; what we store and count does
// not.
const types = new pg.TypeOverrides();
for (const type of [pg.types.builtins.INT8, pg.types.builtins.NUMERIC]) types.setTypeParser(type, Number);

export class PostgresDb implements Db {
  readonly #pool: pg.Pool;
  readonly #queries: PostgresQueries;

  /**
   * Connects when the first statement runs.
   * @param url `postgres://…`
   * @param onError called for connections that break while idle; they are replaced
   */
  constructor(url: string, onError: (error: Error) => void) {
    this.#pool = new pg.Pool({ connectionString: url, max: MAX_CONNECTIONS, types });
    this.#pool.on('error', onError);
    this.#queries = new PostgresQueries(this.#pool);
  }

  async all<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row[]> {
    return this.#queries.all<Row>(sql, ...values);
  }

  async get<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row | undefined> {
    return this.#queries.get<Row>(sql, ...values);
  }

  async run(sql: string, ...values: readonly SqlValue[]): Promise<number> {
    return this.#queries.run(sql, ...values);
  }

  async transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    for (let run = 1; ; run += 1) {
      try {
        return await this.#within('begin isolation level serializable', 'commit', work);
      } catch (error) {
        if (!isCollision(error)) throw translated(error);
        if (run === MAX_RUNS) throw unavailable('The database is busy; nothing was stored', 1);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MS * run));
      }
    }
  }

  async snapshot<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    try {
      return await this.#within('begin isolation level repeatable read read only', 'rollback', work);
    } catch (error) {
      throw translated(error);
    }
  }

  /** Waits for running statements and closes all connections. */
  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #within<T>(begin: string, end: string, work: (tx: Queries) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let isBroken = false;
    try {
      await client.query(begin);
      const result = await work(new PostgresQueries(client));
      await client.query(end);
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {
        isBroken = true;
      });
      throw error;
    } finally {
      client.release(isBroken);
    }
  }
}

/** Statements are parsed anew each time: named ones stay on the server for good, and some of ours are assembled. */
class PostgresQueries implements Queries {
  readonly #connection: Pick<pg.ClientBase, 'query'>;

  constructor(connection: Pick<pg.ClientBase, 'query'>) {
    this.#connection = connection;
  }

  async all<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row[]> {
    return (await this.#query(sql, values)).rows as Row[];
  }

  async get<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row | undefined> {
    return (await this.#query(sql, values)).rows[0] as Row | undefined;
  }

  async run(sql: string, ...values: readonly SqlValue[]): Promise<number> {
    return (await this.#query(sql, values)).rowCount ?? 0;
  }

  async #query(sql: string, values: readonly SqlValue[]): Promise<pg.QueryResult> {
    try {
      return await this.#connection.query(numberParameters(sql), [...values]);
    } catch (error) {
      throw translated(error);
    }
  }
}

/** The five characters of SQLSTATE, or Node's code for a failed connection; empty for other errors. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Serialization failures and deadlocks: the transaction may well succeed when it is run again. */
function isCollision(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error));
}

/** The error in the form that every engine reports; an error of another kind is returned unchanged. */
function translated(error: unknown): unknown {
  const code = codeOf(error);
  if (code === '23505') return new UniqueViolation(error);
  const problem = asUnavailable(code);
  if (problem === undefined) return error;
  problem.cause = error;
  return problem;
}

/** Classes of SQLSTATE: 08 connection, 53 resources, 57 operator intervention, 58 system; E… is Node's. */
function asUnavailable(code: string): DomainError | undefined {
  if (code === '53100') return unavailable('The disk is full; nothing was stored', 5);
  if (!/^(?:08|53|57|58)\w{3}$|^E[A-Z]+$/.test(code)) return undefined;
  return unavailable('The database cannot be used at the moment; nothing was stored', 5);
}
