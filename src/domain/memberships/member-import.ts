/** Importing a list of members: what speaks against one that was looked at, who may overrule it, and the import itself. */

import type { Audience } from '../definitions/audiences.ts';
import { DomainError, invalid } from '../errors.ts';
import { type ListWarning, warningCounts } from '../list-warnings.ts';
import type { Caller } from './commands.ts';
import { describeLoss, isDrasticReplacement } from './drastic-replacement.ts';
import type { WriteOperation } from './queue.ts';
import { type ReplacementForecast, replaceMembers } from './replacement.ts';
import type { Replacement } from './storage.ts';

/** What is known of a list before it replaces the members of an audience. */
export interface ReviewedList {
  /** Lines that cannot be imported. */
  readonly refused: number;
  readonly warnings: readonly ListWarning[];
  /** Undefined where nobody asked for it: comparing takes about as long as importing. */
  readonly forecast: ReplacementForecast | undefined;
}

/**
 * What speaks against an import until somebody confirms it:
 * - `refused`: some lines would be left out
 * - `warnings`: something looks wrong in the list
 * - `drastic`: most of the members, or all, would leave
 */
export type Objection = 'refused' | 'warnings' | 'drastic';

/** All objections to a list, in the order in which people are asked. */
export function objectionsTo({ refused, warnings, forecast }: ReviewedList): Objection[] {
  const objections: Objection[] = [];
  if (refused > 0) objections.push('refused');
  if (warnings.length > 0) objections.push('warnings');
  if (forecast !== undefined && isDrasticReplacement(forecast)) objections.push('drastic');
  return objections;
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
 * Checks that whoever commits an import has seen what it does.
 * @returns the objections that are overruled
 * @throws DomainError `invalid` naming what must be confirmed
 */
export function confirmedObjections(
  list: ReviewedList & { readonly forecast: ReplacementForecast },
  audienceName: string,
  { confirmName, skipRefused, acceptWarnings }: Confirmation,
): ReadonlySet<Objection> {
  const objections = new Set(objectionsTo(list));
  if (objections.has('refused') && !skipRefused) {
    throw invalid(`${list.refused} lines cannot be imported; send skipRefused to leave them out`, {
      pointer: '/skipRefused',
    });
  }
  if (objections.has('warnings') && !acceptWarnings) {
    throw invalid(
      'acceptWarnings: the list has warnings; look at them, and send acceptWarnings to import it as it is',
      { pointer: '/acceptWarnings' },
    );
  }
  const isDrastic = objections.has('drastic');
  if (confirmName === undefined ? isDrastic : confirmName !== audienceName) {
    const message = isDrastic
      ? `confirmName: ${describeLoss(list.forecast)}; send the name of the audience to confirm it`
      : 'confirmName: this is not the name of the audience';
    throw invalid(message, { pointer: '/confirmName' });
  }
  // Members may have come since the list was looked at: whoever named the audience means that, too.
  if (confirmName !== undefined) objections.add('drastic');
  return objections;
}

/**
 * Replaces all members of an audience by those of a list; see `replaceMembers`.
 * @param chunks the members, in pieces of at most some thousands
 * @param overruled what speaks against the list and is meant nevertheless. Without `drastic` in it, a replacement that is drastic
 *   by the time it takes effect is refused
 * @throws DomainError `conflict` when an objection is not overruled, or as `replaceMembers` does
 */
export async function importMembers(
  core: WriteOperation,
  caller: Caller,
  audience: Audience,
  list: ReviewedList,
  chunks: AsyncIterable<readonly string[]>,
  overruled: ReadonlySet<Objection>,
): Promise<Replacement> {
  const open = objectionsTo(list).find((each) => !overruled.has(each));
  if (open !== undefined) throw new DomainError('conflict', `Nobody confirmed what speaks against the list: ${open}`);
  const options = { isDrasticMeant: overruled.has('drastic'), warnings: warningCounts(list.warnings) };
  return replaceMembers(core, audience.id, caller, chunks, options);
}
