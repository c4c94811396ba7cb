/** Whole member lists of an audience: replacing them, comparing them, and reading them page by page. */

import { type Audience, findAudience } from './audiences.ts';
import type { Core } from './core.ts';
import { DomainError, unavailable } from './errors.ts';
import type { Member, Replacement, ReplacementOptions } from './storage.ts';
import type { Caller } from './write-commands.ts';

const PAGE = 1000;
// A replacement after which more than one member in so many is gone is rarely meant.
const DRASTIC_SHARE = 5;

/** Members an audience has, and how many of them a replacement takes away. */
export interface Loss {
  readonly before: number;
  readonly leaves: number;
}

/** True when a replacement removes more than a fifth of the members: people must confirm that they mean it. */
export function isDrasticReplacement({ before, leaves }: Loss): boolean {
  return leaves * DRASTIC_SHARE > before;
}

/** What a drastic replacement that nobody confirmed is refused with. */
export function tooDrastic({ before, leaves }: Loss): DomainError {
  return new DomainError(
    'conflict',
    `This would now remove ${leaves} of ${before} members; look at a new preview first`,
  );
}

/**
 * Replaces all members of an audience. The new list gathers unseen and takes effect in one step; until then, and when
 * anything fails, the audience stays as it is.
 * @param chunks the new members, in pieces of at most some thousands
 * @param onProgress told the number of IDs taken so far
 * @throws DomainError `not_found`, `conflict` (another replacement is under way, or a drastic one that is not meant to be),
 *   `unavailable`, or whatever `chunks` throws
 */
export async function replaceMembers(
  core: Core,
  audienceId: number,
  caller: Caller,
  chunks: AsyncIterable<readonly string[]>,
  { onProgress, ...options }: ReplacementOptions & { readonly onProgress?: (count: number) => void } = {},
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
    return await core.storage.finishReplacement(audienceId, set, caller, options);
  } catch (error) {
    await core.storage.abandonReplacement(audienceId, set);
    throw error;
  }
}

/** What replacing an audience's members by a list would come to. */
export interface ReplacementForecast {
  readonly members: number;
  readonly joins: number;
  readonly leaves: number;
  readonly newProfiles: number;
  /** Members it has now. */
  readonly before: number;
}

/** Compares a list with an audience's members; changes nothing. @throws DomainError `not_found`, or whatever `chunks` throws */
export async function forecastReplacement(
  core: Core,
  audienceId: number,
  chunks: AsyncIterable<readonly string[]>,
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
export async function* listAllMembers(core: Core, audienceId: number): AsyncGenerator<Member[]> {
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
