/** Whole member lists of an audience: replacing them, and reading them page by page. */

import type { Core } from './core.ts';
import { DomainError } from './errors.ts';
import type { Member, Replacement } from './storage.ts';
import type { Caller } from './write-commands.ts';

const PAGE = 1000;

/**
 * Replaces all members of an audience. The new list gathers unseen and takes effect in one step; until then, and when
 * anything fails, the audience stays as it is.
 * @param chunks the new members, in pieces of at most some thousands
 * @param onProgress told the number of IDs taken so far
 * @throws DomainError `not_found`, `conflict` (another replacement is under way), or whatever `chunks` throws
 */
export async function replaceMembers(
  core: Core,
  audienceId: number,
  caller: Caller,
  chunks: AsyncIterable<readonly string[]>,
  onProgress: (count: number) => void = () => {},
): Promise<Replacement> {
  const set = await core.storage.beginReplacement(audienceId);
  try {
    let count = 0;
    for await (const chunk of chunks) {
      await core.storage.stageMembers(audienceId, set, chunk);
      count += chunk.length;
      onProgress(count);
    }
    return await core.storage.finishReplacement(audienceId, set, caller);
  } catch (error) {
    await core.storage.abandonReplacement(audienceId, set);
    throw error;
  }
}

/** All members of an audience, ascending by profile number. @throws DomainError `not_found` */
export async function* listAllMembers(core: Core, audienceId: number): AsyncGenerator<Member[]> {
  if ((await core.storage.catalog()).audience(audienceId) === undefined) {
    throw new DomainError('not_found', `Audience ${audienceId} not found`);
  }
  let after = 0;
  for (;;) {
    const page = await core.storage.listMembers(audienceId, after, PAGE);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)?.profileId ?? after;
  }
}
