/** Importing a list of members: the objections to a reviewed list, who may overrule them, and the import itself. */

import type { Audience } from '../definitions/audiences.ts';
import { DomainError, invalid } from '../errors.ts';
import { type ListWarning, warningCounts } from '../list-warnings.ts';
import type { Caller } from './commands.ts';
import { describeLoss, isDrasticReplacement } from './drastic-replacement.ts';
import type { WriteOperation } from './queue.ts';
import { type ReplacementForecast, replaceMembers } from './replacement.ts';
import type { Replacement } from './storage.ts';

/** What is known about a list before it replaces the members of an audience. */
export interface ReviewedList {
  /** Number of lines that cannot be imported. */
  readonly refused: number;
  readonly warnings: readonly ListWarning[];
  /** Undefined unless requested: comparing takes about as long as importing. */
  readonly forecast: ReplacementForecast | undefined;
}

/**
 * Objections to an import, which somebody must confirm:
 * - `refused`: some lines would be skipped
 * - `warnings`: something looks wrong in the list
 * - `drastic`: most or all of the members would leave
 */
export type Objection = 'refused' | 'warnings' | 'drastic';

/** All objections to a list, in the order in which they are presented. */
export function objectionsTo({ refused, warnings, forecast }: ReviewedList): Objection[] {
  const objections: Objection[] = [];
  if (refused > 0) objections.push('refused');
  if (warnings.length > 0) objections.push('warnings');
  if (forecast !== undefined && isDrasticReplacement(forecast)) objections.push('drastic');
  return objections;
}

/** What somebody confirmed after seeing the forecast of a replacement. */
export interface Confirmation {
  /** The name of the audience, for a drastic replacement. */
  readonly confirmName: string | undefined;
  /** Skip refused lines. */
  readonly skipRefused: boolean;
  /** Import the list despite its warnings. */
  readonly acceptWarnings: boolean;
}

/**
 * Checks that the user who commits an import has seen its effects.
 * @returns the confirmed objections
 * @throws DomainError `invalid` naming what must be confirmed
 */
export function confirmedObjections(
  list: ReviewedList & { readonly forecast: ReplacementForecast },
  audienceName: string,
  { confirmName, skipRefused, acceptWarnings }: Confirmation,
): ReadonlySet<Objection> {
  const objections = new Set(objectionsTo(list));
  if (objections.has('refused') && !skipRefused) {
    throw invalid(`${list.refused} lines cannot be imported; send skipRefused to skip them`, {
      pointer: '/skipRefused',
    });
  }
  if (objections.has('warnings') && !acceptWarnings) {
    throw invalid('acceptWarnings: the list has warnings; check them, and send acceptWarnings to import it unchanged', {
      pointer: '/acceptWarnings',
    });
  }
  const isDrastic = objections.has('drastic');
  if (confirmName === undefined ? isDrastic : confirmName !== audienceName) {
    const message = isDrastic
      ? `confirmName: ${describeLoss(list.forecast)}; send the name of the audience to confirm it`
      : 'confirmName: this is not the name of the audience';
    throw invalid(message, { pointer: '/confirmName' });
  }
  // Members may have joined since the list was reviewed: whoever named the audience accepts that too.
  if (confirmName !== undefined) objections.add('drastic');
  return objections;
}

/**
 * Replaces all members of an audience with those of a list; see `replaceMembers`.
 * @param chunks the members, at most some thousands at a time
 * @param confirmed the objections that have been confirmed. Without `drastic` among them, a replacement that is drastic by
 * the time it
 *   takes effect is refused
 * @throws DomainError `conflict` when an objection has not been confirmed, or as `replaceMembers` does
 */
export async function importMembers(
  core: WriteOperation,
  caller: Caller,
  audience: Audience,
  list: ReviewedList,
  chunks: AsyncIterable<readonly string[]>,
  confirmed: ReadonlySet<Objection>,
): Promise<Replacement> {
  const open = objectionsTo(list).find((each) => !confirmed.has(each));
  if (open !== undefined) throw new DomainError('conflict', `These objections to the list are not confirmed: ${open}`);
  const options = { isDrasticMeant: confirmed.has('drastic'), warnings: warningCounts(list.warnings) };
  return replaceMembers(core, audience.id, caller, chunks, options);
}
