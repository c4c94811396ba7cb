/** Whole member lists of an audience: replacing them, comparing them, and reading them page by page. */

import type { Audience } from '../definitions/audiences.ts';
import { findAudience } from '../definitions/lookups.ts';
import type { DefinitionStorage } from '../definitions/storage.ts';
import { DomainError, invalid, unavailable } from '../errors.ts';
import type { WarningCounts } from '../list-warnings.ts';
import type { Operation } from '../operation.ts';
import type { Caller } from './commands.ts';
import type { WriteOperation } from './queue.ts';
import type { Member, MembershipStorage, Replacement } from './storage.ts';

/** IDs a replacement takes at a time, in one transaction: short enough that other writes do not notice. */
export const REPLACEMENT_CHUNK = 1000;

const PAGE = 1000;
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

/** What a drastic replacement that nobody confirmed is refused with. */
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

export interface ReplaceMembersOptions {
  /** False: refuse a drastic replacement, which nobody confirmed. */
  readonly isDrasticMeant?: boolean;
  /** What was noticed in the list; kept with the import. */
  readonly warnings?: WarningCounts;
  /** Told the number of IDs taken so far. */
  readonly onProgress?: (count: number) => void;
}

/**
 * Replaces all members of an audience. The new list gathers unseen and takes effect in one step; until then, and when
 * anything fails, the audience stays as it is.
 * @param chunks the new members, in pieces of at most some thousands
 * @throws DomainError `not_found`, `conflict` (another replacement is under way, or a drastic one that is not meant to be),
 *   `unavailable`, or whatever `chunks` throws
 */
export async function replaceMembers(
  core: WriteOperation,
  audienceId: number,
  caller: Caller,
  chunks: AsyncIterable<readonly string[]>,
  { onProgress, warnings = {}, isDrasticMeant = true }: ReplaceMembersOptions = {},
): Promise<Replacement> {
  const set = await core.storage.beginReplacement(audienceId);
  try {
    let count = 0;
    for await (const chunk of chunks) {
      if (core.queue.pausedBecause !== undefined) throw unavailable(core.queue.pausedBecause);
      await core.storage.stageMembers(audienceId, set, chunk);
      count += chunk.length;
      onProgress?.(count);
    }
    const options = { isDrasticMeant, noticed: { entries: count, warnings } };
    return await core.storage.finishReplacement(audienceId, set, caller, options);
  } catch (error) {
    await core.storage.abandonReplacement(audienceId, set);
    throw error;
  }
}

/** What replacing an audience's members by a list would come to. */
export interface ReplacementForecast extends Loss {
  readonly joins: number;
  readonly newProfiles: number;
}

/**
 * Compares a list with an audience's members; changes nothing.
 * @param onRepeated told the places, in the chunk just compared, of IDs that were in the list before
 * @throws DomainError `not_found`, or whatever `chunks` throws
 */
export async function forecastReplacement(
  core: Operation<MembershipStorage>,
  audienceId: number,
  chunks: AsyncIterable<readonly string[]>,
  onRepeated: (places: readonly number[]) => void = () => undefined,
): Promise<ReplacementForecast> {
  const { browse } = core.storage;
  const comparison = await browse.openComparison(audienceId);
  let [members, joins, newProfiles] = [0, 0, 0];
  try {
    for await (const chunk of chunks) {
      const part = await browse.compareMembers(comparison, chunk);
      members += part.distinct;
      joins += part.joins;
      newProfiles += part.newProfiles;
      onRepeated(part.repeated);
    }
  } finally {
    await browse.closeComparison(comparison);
  }
  const before = (await browse.listAudiences([audienceId]))[0]?.members ?? 0;
  return { members, joins, leaves: Math.max(0, before - (members - joins)), newProfiles, before };
}

/**
 * All members of an audience, ascending by profile number.
 * @throws DomainError `not_found`; `conflict` when the audience is deleted, emptied or replaced meanwhile: what was given out is
 *   no whole list then
 */
export async function* listAllMembers(
  core: Operation<DefinitionStorage & MembershipStorage>,
  audienceId: number,
): AsyncGenerator<Member[]> {
  const { memberSet } = await findAudience(core, audienceId);
  const isSame = (audience: Audience | undefined): boolean => audience?.memberSet === memberSet;
  let after = 0;
  for (;;) {
    const page = await core.storage.listMembers(audienceId, after, PAGE);
    if (!isSame((await core.storage.catalog()).audience(audienceId))) {
      throw new DomainError('conflict', `The members of audience ${audienceId} were replaced meanwhile; begin again`);
    }
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)?.profileId ?? after;
  }
}
