/**
 * Keeps the write-ahead log short without making anybody wait. A separate connection moves committed pages into the
 * file, little and often. The log restarts only when all of it has been moved while nobody added to it. Under steady
 * load that never happens by itself, so the writer moves the small rest once, between two batches.
 */

import type { CheckpointReport } from '../../domain/storage.ts';
import { type Connection, PAGE_BYTES } from './database.ts';
import { clock, type SharedWaits } from './waits.ts';

// Each pass ends with a sync of the file, with which the next commit may have to share the disk: 8 MiB take about 20
// ms.
const PASS_PAGES = (8 * 1024 * 1024) / PAGE_BYTES;
// From this size on the log is restarted at the next opportunity. Moving often writes frequently changed pages often: a
// shorter log would only cost.
const RESTART_PAGES = (64 * 1024 * 1024) / PAGE_BYTES;
// What the writer may be left to finish: about 10 ms. While the log keeps growing, more and more is allowed, up to
// about 50 ms.
const FINISH_PAGES = (512 * 1024) / PAGE_BYTES;
const MAX_FINISH_PAGES = 8 * FINISH_PAGES;
// One pass right after the other leaves less and less to the last.
const MAX_PASSES = 5;

/** Pages of the log, and how many of them are in the file. */
export interface LogState {
  readonly log: number;
  readonly moved: number;
}

/** Moves as much of the log as readers allow, or only checks. Never waits for others. */
export function checkpoint(database: Connection, mode: 'passive' | 'noop'): LogState {
  const [row] = database.pragma(`wal_checkpoint(${mode})`) as { log: number; checkpointed: number }[];
  // Both are -1 when there is no log.
  return { log: Math.max(row?.log ?? 0, 0), moved: Math.max(row?.checkpointed ?? 0, 0) };
}

/**
 * Makes the writer's next commit restart the log, if little is left to move. For the writer's thread, between two
 * batches.
 */
export function finish(database: Connection): LogState {
  const state = checkpoint(database, 'noop');
  return isFinishable(state) ? checkpoint(database, 'passive') : state;
}

/** The methods of the checkpoint thread, as one table of synchronous functions. */
export function createCheckpointMethods(database: Connection, { checkpoint: shared }: SharedWaits) {
  return {
    look: (): LogState => checkpoint(database, 'noop'),
    /** Once, and again while the log is long and more is left than the writer may finish. */
    move(): LogState {
      shared[0] = clock();
      try {
        let state = checkpoint(database, 'passive');
        for (let pass = 2; pass <= MAX_PASSES && isLong(state); pass += 1) {
          const { moved } = state;
          state = checkpoint(database, 'passive');
          if (isFinishable(state) || state.moved === moved) break;
        }
        return state;
      } finally {
        shared[1] = clock();
      }
    },
  };
}

export type CheckpointMethods = ReturnType<typeof createCheckpointMethods>;

/** Where a step runs: in the checkpoint thread, and in the writer's. */
export interface CheckpointPlaces {
  /** The size of the log's file in bytes, on the caller's thread. */
  size(): number;
  look(): Promise<LogState>;
  move(): Promise<LogState>;
  /** In the writer's thread. */
  finish(): Promise<LogState>;
}

export class Checkpoints {
  readonly #places: CheckpointPlaces;
  #lastLog = 0;
  #isNeeded = false;

  constructor(places: CheckpointPlaces) {
    this.#places = places;
  }

  /** Does part of the work, if there is any. */
  async step(): Promise<CheckpointReport> {
    // A short log may wait for the end of the program: many servers write little, and then need no such thread.
    const size = this.#isNeeded ? 0 : this.#places.size();
    this.#isNeeded ||= size >= PASS_PAGES * PAGE_BYTES;
    if (!this.#isNeeded) return { logBytes: size, waitingBytes: size, more: false };
    const found = await this.#places.look();
    let state = found;
    const isQuiet = state.log === this.#lastLog;
    if (left(state) >= (isQuiet ? 1 : PASS_PAGES)) state = await this.#places.move();
    // All that the mover saw may be moved, while more has arrived since.
    if (!isQuiet && isFinishable(state)) state = await this.#places.finish();
    this.#lastLog = state.log;
    return {
      logBytes: state.log * PAGE_BYTES,
      waitingBytes: left(state) * PAGE_BYTES,
      // Not while a long read holds back the rest: asking again at once would not move it.
      more: isLong(state) && left(state) > 0 && state.moved !== found.moved,
    };
  }
}

function left({ log, moved }: LogState): number {
  return log - moved;
}

function isLong({ log }: LogState): boolean {
  return log >= RESTART_PAGES;
}

function isFinishable(state: LogState): boolean {
  const most = Math.min(FINISH_PAGES * (state.log / RESTART_PAGES), MAX_FINISH_PAGES);
  return isLong(state) && left(state) <= most;
}
