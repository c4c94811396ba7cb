/**
 * What the statements that both engines share run on: a small asynchronous interface, so that an engine may keep its data in this
 * process or beyond a socket. A statement is one text for both engines, with `?` for each parameter; `docs/sql.md` lists what the
 * two dialects have in common. Hot reads and hot writes do not come this way: each engine has its own.
 */

import { DomainError } from '../../domain/errors.ts';

/** What a parameter may be. Flags are bound as 0 and 1, times as ms since the epoch, JSON as text. */
export type SqlValue = string | number | Uint8Array | null;

/** Runs single statements. All of them reject with `unavailable` while the engine cannot work, and with `UniqueViolation`. */
export interface Queries {
  /** Every row of the result. */
  all<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row[]>;
  /** The first row of the result; undefined when there is none. */
  get<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row | undefined>;
  /** For statements without a result. @returns the number of rows written */
  run(sql: string, ...values: readonly SqlValue[]): Promise<number>;
}

/** A database. A statement that is given to it directly is a transaction of its own. */
export interface Db extends Queries {
  /**
   * Runs `work` as if no other transaction ran beside it, and commits durably; rolls back when `work` rejects. An engine may run
   * `work` again when transactions collide, so it must touch nothing but `tx`, and only `tx` belongs to the transaction.
   */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Runs reads that belong together on one snapshot. */
  snapshot<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
}

/** What methods that write work with. */
export interface Writing {
  readonly db: Db;
  /** The time everything is written with, in ms since the epoch. */
  readonly now: () => number;
}

/** A row was refused because a unique index already holds its values. */
export class UniqueViolation extends Error {
  constructor(cause: unknown) {
    super('A unique index already holds these values', { cause });
    this.name = 'UniqueViolation';
  }
}

/** A transaction that may meet a name somebody else has. @throws DomainError `conflict` saying `taken` */
export async function transactionUnlessTaken<T>(db: Db, taken: string, work: (tx: Queries) => Promise<T>): Promise<T> {
  try {
    return await db.transaction(work);
  } catch (error) {
    if (error instanceof UniqueViolation) throw new DomainError('conflict', taken);
    throw error;
  }
}
