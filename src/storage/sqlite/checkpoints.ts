/**
 * Keeps the write-ahead log short without anybody waiting for it. A connection of its own moves what is committed into the file,
 * little and often. The log begins anew only when all of it was moved while nobody added to it: under steady load that never
 * happens by itself, so the writer moves the little that is left once, between two batches.
 */

import type { CheckpointReport } from '../../domain/storage.ts';
import { type Connection, PAGE_BYTES } from './database.ts';
import { clock, type SharedWaits } from './waits.ts';

// Each pass ends with a sync of the file, which the next commit may have to share the disk with: 8 MiB take some 20 ms.
const PASS_PAGES = (8 * 1024 * 1024) / PAGE_BYTES;
// From this size on the log is begun anew at the next chance. Moved often, pages that change often are written often: a shorter log would only cost.
const RESTART_PAGES = (64 * 1024 * 1024) / PAGE_BYTES;
// What the writer may be given to finish: some 10 ms. While the log grows all the same more and more is allowed, up to some 50 ms.
const FINISH_PAGES = (512 * 1024) / PAGE_BYTES;
const MAX_FINISH_PAGES = 8 * FINISH_PAGES;
// One pass right after the other leaves ever less to the last.
const MAX_PASSES = 5;

/** Pages of the log, and how many of them are in the file. */
export interface LogState {
  readonly log: number;
  readonly moved: number;
}

/** Moves as much of the log as readers allow, or only looks. Never waits for others. */
export function checkpoint(database: Connection, mode: 'passive' | 'noop'): LogState {
  const [row] = database.pragma(`wal_checkpoint(${mode})`) as { log: number; checkpointed: number }[];
  // Both are -1 where there is no log.
  return { log: Math.max(row?.log ?? 0, 0), moved: Math.max(row?.checkpointed ?? 0, 0) };
}

/** Begins the log anew at the writer's next commit, if what is left to move is little. For the writer's thread, between two batches. */
export function finish(database: Connection): LogState {
  const state = checkpoint(database, 'noop');
  return isFinishable(state) ? checkpoint(database, 'passive') : state;
}

/** What the checkpoint thread does, as one table of synchronous methods. */
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

/** Where a step is done: in the checkpoint thread, and in the writer's. */
export interface CheckpointPlaces {
  look(): Promise<LogState>;
  move(): Promise<LogState>;
  /** In the writer's thread. */
  finish(): Promise<LogState>;
}

export class Checkpoints {
  readonly #places: CheckpointPlaces;
  #lastLog = 0;

  constructor(places: CheckpointPlaces) {
    this.#places = places;
  }

  /** Does a part of the work, if there is any. */
  async step(): Promise<CheckpointReport> {
    const found = await this.#places.look();
    let state = found;
    const isQuiet = state.log === this.#lastLog;
    if (left(state) >= (isQuiet ? 1 : PASS_PAGES)) state = await this.#places.move();
    // All may be moved as the mover saw it, and more have come since.
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
