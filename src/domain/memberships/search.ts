/** Searching customer profiles: all of an environment, by criteria, one profile and its history. */

import type { Application } from '../definitions/applications.ts';
import {
  attributePointer,
  checkAttributeValue,
  checkNumbers,
  type InexactNumbers,
  NO_LISTS,
  sameValue,
} from '../definitions/attribute-values.ts';
import type { DefinitionStorage } from '../definitions/storage.ts';
import { type Environment, MAX_ITEMS_PER_REQUEST } from '../environment.ts';
import { DomainError, invalid, type Problem } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';
import type { Operation } from '../operation.ts';
import type { ProfileState } from './commands.ts';
import type { HistoryPosition, MembershipStorage, ProfileFilter, RecordedChange, WantedValue } from './storage.ts';

export interface ProfilePage {
  readonly descending: boolean;
  /** Continues after this profile ID; undefined starts. */
  readonly after: number | undefined;
  readonly skip: number;
  readonly limit: number;
}

/** Search criteria. All that are given must match; an empty list counts as absent. */
export interface ProfileSearch {
  readonly attributes?: Readonly<Record<string, JsonValue>> | undefined;
  readonly inexactNumbers?: InexactNumbers | undefined;
  readonly integrationIds?: readonly string[] | undefined;
  readonly profileIds?: readonly number[] | undefined;
}

/**
 * A page of the profiles that match a filter, ordered by number.
 * @returns the profiles, and where the next page starts; undefined at the end
 */
export async function listProfiles(
  core: Operation<MembershipStorage>,
  filter: ProfileFilter,
  page: ProfilePage,
): Promise<{ profiles: ProfileState[]; next: number | undefined }> {
  const profiles: ProfileState[] = [];
  let { after, skip } = page;
  // One extra profile shows whether there is another page.
  for (;;) {
    const limit = page.limit + 1 - profiles.length;
    const step = await core.storage.browse.walkProfiles({ filter, descending: page.descending, after, skip, limit });
    profiles.push(...step.profiles);
    skip -= step.skipped;
    if (profiles.length > page.limit) {
      profiles.pop();
      return { profiles, next: profiles.at(-1)?.id };
    }
    if (step.next === undefined) return { profiles, next: undefined };
    after = step.next;
  }
}

/**
 * Reports whether a profile has all of the values, exactly. An index of hashes only finds candidates, each of which
 * must be checked.
 */
export function hasValues({ attributes }: Pick<ProfileState, 'attributes'>, values: readonly WantedValue[]): boolean {
  return values.every(
    ({ name, type, value }) => Object.hasOwn(attributes, name) && sameValue(type, attributes[name] ?? null, value),
  );
}

/** Counts the profiles that match a filter. Those of a search by attribute are counted one by one. */
export async function countProfiles(core: Operation<MembershipStorage>, filter: ProfileFilter): Promise<number> {
  const { applicationId, integrationIds, profileIds, values = [] } = filter;
  if (applicationId !== undefined && integrationIds === undefined && profileIds === undefined && values.length === 0) {
    return core.storage.browse.countApplicationProfiles(applicationId);
  }
  let count = 0;
  let after: number | undefined;
  do {
    const walk = { filter, descending: false, after, skip: Number.MAX_SAFE_INTEGER, limit: 0 };
    const step = await core.storage.browse.walkProfiles(walk);
    count += step.skipped;
    after = step.next;
  } while (after !== undefined);
  return count;
}

/**
 * The criteria of a search in checked form.
 * @param scope an environment, or an Application that must have seen the profiles
 * @throws DomainError `invalid` for an undefined attribute, a value of another type, or too many IDs
 */
export async function searchFilter(
  core: Operation<DefinitionStorage>,
  scope: Environment | Application,
  search: ProfileSearch,
): Promise<ProfileFilter> {
  const { attributes = {}, integrationIds = [], profileIds = [] } = search;
  for (const [field, list] of Object.entries({ integrationIDs: integrationIds, profileIDs: profileIds })) {
    if (list.length > MAX_ITEMS_PER_REQUEST) {
      const message = `${field}: ${list.length} entries; at most ${MAX_ITEMS_PER_REQUEST} per request: split it`;
      throw invalid(message, { pointer: `/${field}` }, 'limit');
    }
  }
  const { attributes: definitions } = await core.storage.catalog();
  const values: WantedValue[] = [];
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(attributes)) {
    const definition = definitions.get(name);
    if (definition === undefined) {
      const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
      const message = `Attribute '${shown}' is not defined for customer profiles`;
      problems.push({ title: 'Unknown', message, source: { pointer: attributePointer(name) } });
      continue;
    }
    // A restricted attribute may have been unrestricted when the value was set.
    const checked =
      checkNumbers(definition, search.inexactNumbers) ??
      checkAttributeValue({ ...definition, restrictedBySuggestions: false }, value, NO_LISTS);
    if ('message' in checked) problems.push(checked);
    else values.push({ attributeId: definition.id, name, type: definition.type, value: checked.value });
  }
  if (problems.length > 0) throw new DomainError('invalid', problems);
  const [environment, applicationId] = typeof scope === 'string' ? [scope, undefined] : [scope.environment, scope.id];
  return {
    environment,
    applicationId,
    integrationIds: integrationIds.length === 0 ? undefined : integrationIds,
    profileIds: profileIds.length === 0 ? undefined : profileIds,
    values,
  };
}

/** The profile with that internal ID, in any environment. @throws DomainError `not_found` */
export async function findProfileById(core: Operation<MembershipStorage>, id: number): Promise<ProfileState> {
  const profile = await core.storage.browse.findProfileById(id);
  if (profile === undefined) throw unknownProfile(id);
  return profile;
}

/** The same, if the Application has seen it. @throws DomainError `not_found` */
export async function findProfileOf(
  core: Operation<MembershipStorage>,
  application: Application,
  id: number,
): Promise<ProfileState> {
  const { environment, id: applicationId } = application;
  const page = { descending: false, after: undefined, skip: 0, limit: 1 };
  const { profiles } = await listProfiles(core, { environment, applicationId, profileIds: [id] }, page);
  if (profiles[0] === undefined) throw unknownProfile(id);
  return profiles[0];
}

/**
 * The membership changes of a profile, newest first.
 * @returns the entries, and where to continue; undefined at the end
 * @throws DomainError `not_found`
 */
export async function membershipHistory(
  core: Operation<MembershipStorage>,
  id: number,
  position: HistoryPosition | undefined,
  limit: number,
): Promise<{ changes: readonly RecordedChange[]; next: HistoryPosition | undefined }> {
  const step = await core.storage.browse.profileHistory(id, position, limit);
  if (step === undefined) throw unknownProfile(id);
  return step;
}

function unknownProfile(id: number): DomainError {
  return new DomainError('not_found', `Customer ${id} not found`);
}
