/**
 * The port: what the product needs from a store, with a part for each room, and its upkeep. The comments are the
 * contract; every engine must pass the same conformance suite. All methods may reject with `DomainError` `unavailable`
 * when the store cannot work at the moment (disk full, busy); nothing has been applied then. Times are ms since the
 * epoch.
 */

import type { AccessStorage } from './access/storage.ts';
import type { DefinitionStorage } from './definitions/storage.ts';
import type { AttributeJobStep, MembershipStorage } from './memberships/storage.ts';

export interface Storage extends DefinitionStorage, MembershipStorage, AccessStorage, Upkeep {
  /** Undefined unless the data is in a local file; the only way to ask about the engine. */
  readonly file: StorageFile | undefined;
  /** Undefined unless the data is kept in memory only. */
  readonly memory: StorageMemory | undefined;
}

/** What only an in-memory store has. No write may be in progress during either call. */
export interface StorageMemory {
  /** Saves a copy of all data, replacing the previous copy. */
  remember(): Promise<void>;
  /** Restores the saved copy; new objects get the numbers they would have got then. */
  rewind(): Promise<void>;
}

export interface StorageStatistics {
  readonly audiences: number;
  /** Memberships of all audiences, by their counters. */
  readonly members: number;
}

/** How much of the store's write-ahead log has been moved into the database. */
export interface CheckpointReport {
  /** Bytes of the log. */
  readonly logBytes: number;
  /** Of these, the bytes still to be moved. */
  readonly waitingBytes: number;
  /** True when the next part should be moved at once. */
  readonly more: boolean;
}

/** One violated promise of the data. */
export interface VerifyProblem {
  readonly check: string;
  readonly message: string;
}

/** Where a store in a file keeps its files. All of them are as private as the data, and on the same disk. */
export interface StoragePlace {
  /** The database file, as it was named. */
  readonly path: string;
  /** Its folder, on a disk that must have free space. */
  readonly folder: string;
  /** The folder for uploaded files. */
  readonly uploads: string;
  /** The file of the access log. */
  readonly accessLog: string;
}

/** What only a store in a local file has. */
export interface StorageFile extends StoragePlace {
  /**
   * Checks that the files the store has open have not been removed or replaced. If they have, every write is refused
   * from then on, because nobody would find what was committed to them.
   * @returns the path that is missing or is another file now; undefined if none is
   */
  check(): string | undefined;
  /**
   * Moves a part of the write-ahead log into the database. Must be called a few times a second if the store was opened
   * with `checkpoints: 'elsewhere'`. No write waits for it longer than for another write.
   */
  checkpoint(): Promise<CheckpointReport>;
}

/** What keeps a store healthy: jobs, metrics and the command line ask for it. */
export interface Upkeep {
  statistics(): Promise<StorageStatistics>;
  /** Resolves while the store can be read and its threads are alive. @throws DomainError `unavailable` */
  ping(): Promise<void>;
  /** Writes a bounded part of the pending attribute jobs, the oldest first. */
  applyAttributeJobs(): Promise<AttributeJobStep>;
  /** Removes a bounded part of what deleted sets and lists left behind. @returns true when there is more to do */
  purge(): Promise<boolean>;
  /**
   * Removes a bounded part of the recorded arrivals of replays that arrived before `before`: no refused write that old
   * is kept, so nothing will be judged by them. @returns true when there is more to do
   */
  forgetReplays(before: number): Promise<boolean>;
  /** Removes a bounded part of the answers to requests from before `before`. @returns true when there is more to do */
  forgetAnswers(before: number): Promise<boolean>;
  /** Removes a bounded part of the ledger older than `before`. @returns true when there is more to do */
  pruneLedger(before: number): Promise<boolean>;
  /** Writes something that needs room, durably, and leaves nothing of it. @throws DomainError `unavailable` */
  probe(): Promise<void>;
  /** The longest time, in ms, that a write waited for something other than writes since the store was opened, by what it waited for. */
  longestWaits(): Readonly<Record<string, number>>;
  /** Checks the integrity of the data on one snapshot, and reports each problem (at most 100 per check). */
  verify(report: (problem: VerifyProblem) => void, progress: (check: string) => void): Promise<void>;
  /**
   * Writes a consistent copy to a new file, private to its owner; undefined if an engine has its own tools for that.
   * @throws DomainError `conflict` when the file exists
   */
  readonly backup: ((file: string) => Promise<void>) | undefined;
  /** Waits for work in progress and releases everything. */
  close(): Promise<void>;
}
