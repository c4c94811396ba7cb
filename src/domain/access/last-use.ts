/** When something was last used is shown to people in minutes and hours: it is written once a minute, and may be lost. */

import { DomainError } from '../errors.ts';

// A write per request would be waste.
const NOTED_EVERY_MS = 60_000;

/** Whether a use at `now` is to be written; in ms since the epoch, both. @param last undefined for a first use */
export function isUseDue(last: number | undefined, now: number): boolean {
  return now - (last ?? 0) > NOTED_EVERY_MS;
}

/** Writes a use down; a store that takes no writes now must not keep people from working. */
export async function noteUse(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'unavailable')) throw error;
  }
}
