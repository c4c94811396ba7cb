/**
 * One snapshot for all reads in a turn of the event loop. Opening a snapshot costs system calls, which requests that
 * arrive together can share.
 */

import { type Connection, readSnapshot, translateErrors } from './database.ts';

/** Runs the reads of a connection on snapshots. */
export interface Snapshots {
  /**
   * Runs `work` on a snapshot, preceded by `begin` if the snapshot is new.
   * @throws DomainError `unavailable` when the file cannot be read
   */
  read<T>(begin: () => void, work: () => T): T;
}

/** Uses a new snapshot for each read, for a connection that others write to. */
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
 * A snapshot that ends with the turn of the event loop that opened it, or earlier by `end`. The receiver of a reply
 * from another thread calls `end` first, so that the next request sees whatever the reply acknowledged.
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
    // Some errors end a transaction by themselves, and so does closing the connection.
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
