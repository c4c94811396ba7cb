/** Members of one audience as people see them, one at a time or page by page. */

import type { Audience } from '../definitions/audiences.ts';
import { findAudience } from '../definitions/lookups.ts';
import type { DefinitionStorage } from '../definitions/storage.ts';
import { DomainError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import type { Caller, ProfileState } from './commands.ts';
import { updateMemberships } from './profiles.ts';
import type { WriteOperation } from './queue.ts';
import type { MembershipStorage, RecordedChange } from './storage.ts';

/**
 * The most steps that one page may take through the ledger: a quiet audience among busy ones gets a short page, not a
 * slow one.
 */
const MAX_STEPS = 25;
/** The most steps that one page of a search may take among the members if it need not be full: some 200,000 members. */
export const MAX_SEARCH_STEPS = 40;

/** Reports whether an integration ID contains a text, ignoring case. */
export function idMatcher(query: string): (integrationId: string) => boolean {
  const wanted = query.toLowerCase();
  return (integrationId) => integrationId.toLowerCase().includes(wanted);
}

export interface MemberPage {
  /** Continues after this profile ID; 0 starts. */
  readonly after: number;
  /** Number of members to skip. */
  readonly skip: number;
  readonly limit: number;
  /** Part of the integration ID, in any case. */
  readonly query: string | undefined;
}

/**
 * A page of members, by profile number.
 * @param isWanted called between steps; a search through millions ends when nobody waits for it
 * @param maxSteps steps after which a page is given though it is not full and there may be more
 * @returns the members, and where the next page starts; undefined at the end
 */
export async function listMembersPage(
  core: Operation<MembershipStorage>,
  audience: Audience,
  page: MemberPage,
  isWanted: () => boolean = () => true,
  maxSteps = Number.POSITIVE_INFINITY,
): Promise<{ profiles: ProfileState[]; next: number | undefined }> {
  const profiles: ProfileState[] = [];
  let { after, skip } = page;
  for (let step = 1; isWanted(); step += 1) {
    // One extra member shows whether there is another page. A search skips what it finds.
    const limit = page.limit + 1 - profiles.length + (page.query === undefined ? 0 : skip);
    const options = { after, limit, query: page.query, skip: page.query === undefined ? skip : 0 };
    const { found, next } = await core.storage.browse.listMemberProfiles(audience.id, options);
    const passed = page.query === undefined ? 0 : Math.min(skip, found.length);
    skip = page.query === undefined ? 0 : skip - passed;
    profiles.push(...found.slice(passed));
    if (profiles.length > page.limit) {
      profiles.pop();
      return { profiles, next: profiles.at(-1)?.id };
    }
    if (next === undefined) break;
    if (step >= maxSteps) return { profiles, next };
    after = next;
  }
  return { profiles, next: undefined };
}

/**
 * The membership changes of an audience, newest first.
 * @param before entries below this number; undefined starts with the latest
 * @returns the entries, and the next `before`; undefined at the end. Fewer than `limit` do not mean the end
 */
export async function audienceHistory(
  core: Operation<MembershipStorage>,
  audience: Audience,
  before: number | undefined,
  limit: number,
): Promise<{ changes: RecordedChange[]; next: number | undefined }> {
  const changes: RecordedChange[] = [];
  let next = before;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const slice = await core.storage.browse.listAudienceChanges(audience.id, next, limit - changes.length);
    changes.push(...slice.found);
    next = slice.next;
    if (next === undefined || changes.length === limit) break;
  }
  return { changes, next };
}

/**
 * Identifies the state of an audience's members: the text changes whenever a member does. @throws DomainError
 * `not_found`
 */
export async function membersFingerprint(
  core: Operation<DefinitionStorage & MembershipStorage>,
  audienceId: number,
): Promise<string> {
  const { memberSet } = await findAudience(core, audienceId);
  const feed = await core.storage.browse.findLastFeed(audienceId);
  return `${memberSet} ${feed?.requestUuid ?? ''}`;
}

/** Adds one customer profile to the audience, creating it if it is unknown. */
export async function addMember(
  core: WriteOperation,
  caller: Caller,
  audience: Audience,
  integrationId: string,
): Promise<void> {
  await updateMemberships(core, caller, {
    integration: '',
    items: [{ integrationId, adds: [audience.id], deletes: [] }],
  });
}

/** Removes one customer profile from the audience. @throws DomainError `not_found` for an unknown customer profile */
export async function removeMember(
  core: WriteOperation,
  caller: Caller,
  audience: Audience,
  integrationId: string,
): Promise<void> {
  if ((await core.storage.findProfile(audience.environment, integrationId)) === undefined) {
    throw new DomainError('not_found', `Customer profile '${integrationId}' not found`);
  }
  await updateMemberships(core, caller, {
    integration: '',
    items: [{ integrationId, adds: [], deletes: [audience.id] }],
  });
}
