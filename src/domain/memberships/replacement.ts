/** Complete member lists of an audience: replacing them, comparing them, and reading them page by page. */

import type { Audience } from '../definitions/audiences.ts';
import { findAudience } from '../definitions/lookups.ts';
import type { DefinitionStorage } from '../definitions/storage.ts';
import { DomainError, unavailable } from '../errors.ts';
import type { WarningCounts } from '../list-warnings.ts';
import type { Operation } from '../operation.ts';
import type { Caller } from './commands.ts';
import type { Loss } from './drastic-replacement.ts';
import type { WriteOperation } from './queue.ts';
import type { Member, MembershipStorage, Replacement } from './storage.ts';

/** The IDs that a replacement adds in one transaction: few enough that other writes do not notice. */
export const REPLACEMENT_CHUNK = 1000;

const PAGE = 1000;

export interface ReplaceMembersOptions {
  /** False refuses a drastic replacement, because nobody confirmed it. */
  readonly isDrasticMeant?: boolean;
  /** Warnings about the list; stored with the import. */
  readonly warnings?: WarningCounts;
}

/**
 * Replaces all members of an audience. The new list is gathered out of sight and takes effect in one step; until then,
 * and when anything fails, the audience is unchanged.
 * @param chunks the new members, at most some thousands at a time
 * @throws DomainError `not_found`, `conflict` (another replacement is in progress, or this one is drastic and not
 * confirmed),
 *   `unavailable`, or whatever `chunks` throws
 */
export async function replaceMembers(
  core: WriteOperation,
  audienceId: number,
  caller: Caller,
  chunks: AsyncIterable<readonly string[]>,
  { warnings = {}, isDrasticMeant = true }: ReplaceMembersOptions = {},
): Promise<Replacement> {
  const set = await core.storage.beginReplacement(audienceId);
  try {
    let count = 0;
    for await (const chunk of chunks) {
      if (core.queue.pausedBecause !== undefined) throw unavailable(core.queue.pausedBecause);
      await core.storage.stageMembers(audienceId, set, chunk);
      count += chunk.length;
    }
    const options = { isDrasticMeant, noticed: { entries: count, warnings } };
    return await core.storage.finishReplacement(audienceId, set, caller, options);
  } catch (error) {
    await core.storage.abandonReplacement(audienceId, set);
    throw error;
  }
}

/** What replacing an audience's members with a list would change. */
export interface ReplacementForecast extends Loss {
  readonly joins: number;
  readonly newProfiles: number;
}

/**
 * Compares a list with an audience's members; changes nothing.
 * @param onRepeated called with the positions of repeated IDs in the chunk just compared
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
 * @throws DomainError `not_found`; `conflict` when the audience is deleted, emptied or replaced meanwhile, because the
 * list is then incomplete
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
      throw new DomainError('conflict', `The members of audience ${audienceId} were replaced meanwhile; start again`);
    }
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.profileId;
  }
}
