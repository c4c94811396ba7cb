/**
 * The interface that shared statements run on: small and asynchronous, so that an engine may keep its data in this
 * process or behind a socket. A statement has one text for both engines, with `?` for each parameter; `docs/sql.md`
 * lists what the two dialects have in common. Hot reads and hot writes do not use it: each engine has its own.
 */

import { DomainError } from '../../domain/errors.ts';

/** A parameter. Flags are bound as 0 and 1, times as ms since the epoch, JSON as text. */
export type SqlValue = string | number | Uint8Array | null;

/**
 * Runs single statements. All of them reject with `unavailable` while the engine cannot work, or with
 * `UniqueViolation`.
 */
export interface Queries {
  /** Every row of the result. */
  all<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row[]>;
  /** The first row of the result; undefined when there is none. */
  get<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row | undefined>;
  /** For statements without a result. @returns the number of rows written */
  run(sql: string, ...values: readonly SqlValue[]): Promise<number>;
}

/** A database. A statement run directly on it is its own transaction. */
export interface Db extends Queries {
  /**
   * Runs `work` as if no other transaction ran at the same time, and commits durably; rolls back when `work` rejects.
   * An engine may run `work` again when transactions collide, so it must have no effect outside `tx`, and only `tx`
   * belongs to the transaction.
   */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Runs several reads on one snapshot. */
  snapshot<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
}

/** What methods that write need. */
export interface Writing {
  readonly db: Db;
  /** The time of every write, in ms since the epoch. */
  readonly now: () => number;
}

/** A row was refused because a unique index already contains its values. */
export class UniqueViolation extends Error {
  constructor(cause: unknown) {
    super('A unique index already contains these values', { cause });
    this.name = 'UniqueViolation';
  }
}

/** A transaction that may fail because a name is taken. @throws DomainError `conflict` saying `taken` */
export async function transactionUnlessTaken<T>(db: Db, taken: string, work: (tx: Queries) => Promise<T>): Promise<T> {
  try {
    return await db.transaction(work);
  } catch (error) {
    if (error instanceof UniqueViolation) throw new DomainError('conflict', taken);
    throw error;
  }
}
