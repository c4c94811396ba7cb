/**
 * A refused write that is sent again travels the same routes as when it came, inside this context. Nothing a client can send
 * opens it: it exists only where the replay itself calls the application.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { KeyWithApplication } from '../domain/access/api-keys.ts';
import type { ChangeCounts } from '../domain/change-counts.ts';
import type { ReplayEffects, ReplayedArrival } from '../domain/memberships/commands.ts';
import type { PreviewBatch } from '../domain/memberships/preview.ts';

export interface Replay {
  /** The key it was sent with. */
  readonly principal: KeyWithApplication;
  /** Who sends it again. */
  readonly userId: number;
  /** Path and query as received. */
  readonly uri: string;
  /** When it first arrived, and whether it may undo newer writes. */
  readonly arrival: ReplayedArrival;
  /** Where its write goes when nothing shall be kept. */
  readonly preview: PreviewBatch | undefined;
  /** Told what the write came to, or would come to. */
  readonly applied: (changed: ChangeCounts) => void;
  /** Told what of it was applied and what newer writes had superseded. */
  readonly replayed: (effects: ReplayEffects) => void;
}

const context = new AsyncLocalStorage<Replay>();

/** The replay this code runs for, if it does. */
export function replayOf(): Replay | undefined {
  return context.getStore();
}

export async function runReplay<T>(replay: Replay, work: () => Promise<T>): Promise<T> {
  return context.run(replay, work);
}
