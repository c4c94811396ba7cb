/** Replacements that remove more members than people usually intend. */

import { DomainError } from '../errors.ts';

// A replacement that removes more than one member in this many is rarely intended.
const DRASTIC_SHARE = 5;

/** The effect of a replacement on the number of an audience's members. */
export interface Loss {
  /** Number of members afterwards. */
  readonly members: number;
  /** Number of members now. */
  readonly before: number;
  /** Number of current members it removes. */
  readonly leaves: number;
}

/** True when a replacement removes more than a fifth of the members, or leaves none: people must confirm it. */
export function isDrasticReplacement({ members, before, leaves }: Loss): boolean {
  return members === 0 || leaves * DRASTIC_SHARE > before;
}

/** The effect of a drastic replacement, as a clause for people. */
export function describeLoss({ members, before, leaves }: Loss): string {
  return members === 0
    ? `the list is empty: all of the ${before} members would leave`
    : `${leaves} of ${before} members would leave`;
}

/** The refusal of a drastic replacement that nobody has confirmed. */
export function tooDrastic(loss: Loss): DomainError {
  return new DomainError('conflict', `Now ${describeLoss(loss)}; look at a new preview first`);
}
