/** Replacements that take away more than people usually mean to, and what must be confirmed before one takes effect. */

import { DomainError, invalid } from '../errors.ts';

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

/** What somebody confirmed who looked at the forecast of a replacement. */
export interface Confirmation {
  /** The name of the audience, for a drastic replacement. */
  readonly confirmName: string | undefined;
  /** Refused lines are left out. */
  readonly skipRefused: boolean;
  /** What looks wrong in the list is meant. */
  readonly acceptWarnings: boolean;
}

/**
 * Checks that whoever commits a replacement has seen what it does.
 * @throws DomainError `invalid` naming what must be confirmed
 */
export function checkConfirmed(
  seen: { loss: Loss; refused: number; warnings: number; audienceName: string },
  { confirmName, skipRefused, acceptWarnings }: Confirmation,
): void {
  if (seen.refused > 0 && !skipRefused) {
    throw invalid(`${seen.refused} lines cannot be imported; send skipRefused to leave them out`, {
      pointer: '/skipRefused',
    });
  }
  if (seen.warnings > 0 && !acceptWarnings) {
    throw invalid(
      'acceptWarnings: the list has warnings; look at them, and send acceptWarnings to import it as it is',
      {
        pointer: '/acceptWarnings',
      },
    );
  }
  const isNeeded = isDrasticReplacement(seen.loss);
  if (confirmName === undefined ? isNeeded : confirmName !== seen.audienceName) {
    const message = isNeeded
      ? `confirmName: ${describeLoss(seen.loss)}; send the name of the audience to confirm it`
      : 'confirmName: this is not the name of the audience';
    throw invalid(message, { pointer: '/confirmName' });
  }
}
