/**
 * A replayed write takes the same routes as when it first arrived, inside this context. Nothing a client sends can
 * enter it: it exists only where the replay itself calls the application.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { KeyWithApplication } from '../domain/access/api-keys.ts';
import type { ChangeCounts } from '../domain/change-counts.ts';
import type { ReplayEffects, ReplayedArrival, RowVerdict } from '../domain/memberships/commands.ts';
import type { PreviewBatch } from '../domain/memberships/preview.ts';

export interface Replay {
  /** The key it was first sent with. */
  readonly principal: KeyWithApplication;
  /** Who replays it. */
  readonly userId: number;
  /** Path and query as received. */
  readonly uri: string;
  /** When it first arrived, and whether it may undo newer writes. */
  readonly arrival: ReplayedArrival;
  /** Where its write goes if nothing is to be kept. */
  readonly preview: PreviewBatch | undefined;
  /** Called with the outcome of the write, or its preview. */
  readonly applied: (changed: ChangeCounts) => void;
  /** The refused rows of a request whose other rows were applied; undefined for the whole request. */
  readonly rows: ReadonlySet<number> | undefined;
  /** Called with the verdicts on its rows, if they are judged. */
  readonly judged: (verdicts: readonly RowVerdict[]) => void;
  /** Called with what was applied and what newer writes had superseded. */
  readonly replayed: (effects: ReplayEffects) => void;
}

const context = new AsyncLocalStorage<Replay>();

/** The replay this code runs for, if any. */
export function replayOf(): Replay | undefined {
  return context.getStore();
}

export async function runReplay<T>(replay: Replay, work: () => Promise<T>): Promise<T> {
  return context.run(replay, work);
}
