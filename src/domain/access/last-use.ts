/** The time of last use is shown to people in minutes and hours: it is written once a minute, and may be lost. */

import { DomainError } from '../errors.ts';

// One write per request would be wasteful.
const NOTED_EVERY_MS = 60_000;

/**
 * Reports whether a use at `now` is worth writing; both in ms since the epoch. @param last undefined for a first use
 */
export function isUseDue(last: number | undefined, now: number): boolean {
  return now - (last ?? 0) > NOTED_EVERY_MS;
}

/** Records a use; a store that accepts no writes at the moment must not prevent the caller from working. */
export async function noteUse(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'unavailable')) throw error;
  }
}
