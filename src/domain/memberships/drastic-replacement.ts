/** Replacements that take away more members than people usually mean to. */

import { DomainError } from '../errors.ts';

// A replacement after which more than one member in so many is gone is rarely meant.
const DRASTIC_SHARE = 5;

/** What a replacement does to the members an audience has. */
export interface Loss {
  /** Members it has afterwards. */
  readonly members: number;
  /** Members it has now. */
  readonly before: number;
  /** Members now that it takes away. */
  readonly leaves: number;
}

/** True when a replacement removes more than a fifth of the members, or leaves none: people must confirm that they mean it. */
export function isDrasticReplacement({ members, before, leaves }: Loss): boolean {
  return members === 0 || leaves * DRASTIC_SHARE > before;
}

/** What a drastic replacement does, as a clause for people. */
export function describeLoss({ members, before, leaves }: Loss): string {
  return members === 0
    ? `the list is empty: all of the ${before} members would leave`
    : `${leaves} of ${before} members would leave`;
}

/** The refusal of a drastic replacement that nobody confirmed. */
export function tooDrastic(loss: Loss): DomainError {
  return new DomainError('conflict', `Now ${describeLoss(loss)}; look at a new preview first`);
}
