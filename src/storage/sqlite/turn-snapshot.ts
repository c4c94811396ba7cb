/**
 * One snapshot for the reads of a turn of the event loop. Opening one costs system calls, and requests that arrive together
 * need not each ask what was known a moment ago.
 */

import { type Connection, readSnapshot, translateErrors } from './database.ts';

/** Runs the reads of a connection on snapshots. */
export interface Snapshots {
  /**
   * Runs `work` on a snapshot, and `begin` before it when the snapshot is new.
   * @throws DomainError `unavailable` when the file cannot be read
   */
  read<T>(begin: () => void, work: () => T): T;
}

/** A snapshot of its own for each read: for a connection on which others write. */
export function snapshotPerRead(database: Connection): Snapshots {
  return {
    read: (begin, work) =>
      readSnapshot(database, () => {
        begin();
        return work();
      }),
  };
}

/**
 * A snapshot that ends with the turn of the event loop that opened it, or earlier, by `end`. Whoever receives the reply of
 * another thread calls that first, so whatever a caller was told is seen by its next request.
 */
export class TurnSnapshot implements Snapshots {
  readonly #database: Connection;
  readonly #begin;
  readonly #rollback;
  #isOpen = false;

  constructor(database: Connection) {
    this.#database = database;
    this.#begin = database.prepare('begin');
    this.#rollback = database.prepare('rollback');
  }

  read<T>(begin: () => void, work: () => T): T {
    return translateErrors(() => {
      if (!this.#isOpen) this.#open(begin);
      return work();
    });
  }

  /** Ends the snapshot, so that the next read sees what was committed meanwhile. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // Some errors end a transaction by themselves, and closing the connection does.
    if (this.#database.open && this.#database.inTransaction) this.#rollback.run();
  }

  #open(begin: () => void): void {
    this.#begin.run();
    this.#isOpen = true;
    setImmediate(() => this.end());
    try {
      begin();
    } catch (error) {
      this.end();
      throw error;
    }
  }
}
