/**
 * Decides changes of customer profiles: attributes and memberships are merged, or all data of one profile is erased.
 */

import { requireProfileSize } from '../../definitions/attribute-sizes.ts';
import { profileNotFound } from '../../errors.ts';
import type { JsonValue } from '../../json-value.ts';
import { type AttributeUpdate, checkAttributes, checkEach, checkItem } from '../attribute-checks.ts';
import { findNamed, requireMemberships, requireNamedAudiences } from '../audience-checks.ts';
import { type BatchChanges, noteValue, type ProfileDraft, type ValueChange } from '../batch.ts';
import {
  type AttributesChange,
  type AudienceRef,
  type ErasedProfile,
  type EraseProfile,
  type MembershipsOfProfiles,
  type NamedAudience,
  type NamedAudiences,
  ofAcceptedItems,
  type ProfileState,
  type UpdatedProfile,
  type UpdateProfile,
  type UpdateProfiles,
} from '../commands.ts';
import { stayErased } from '../erased-ids.ts';
import { withoutContentOf } from '../idempotency.ts';
import type { Decision } from './decision.ts';
import { createAttributes, defineAudiences } from './definitions.ts';
import { applyItems, leaveAllAudiences } from './memberships.ts';

/** Attributes of a profile with a change merged into them. */
interface Merged {
  readonly attributes: Readonly<Record<string, JsonValue>>;
  /** The same as JSON text. */
  readonly json: string;
  readonly values: ReadonlyMap<string, ValueChange>;
}

export function updateProfile(decision: Decision, command: UpdateProfile): UpdatedProfile {
  const { integration, onlyChecked, creation, named } = command;
  if (decision.leavesOut(command.integrationId)) throw stayErased(command.integrationId);
  const merged = merge(decision, command, decision.knownProfile(command.integrationId)?.attributesJson);
  // What must exist is checked before anything is created.
  if (onlyChecked !== undefined || creation !== undefined || named !== undefined) {
    requireNamedAudiences(decision.state.catalog, command);
  }
  const createdAttributes = creation === undefined ? undefined : createAttributes(decision, command);
  const namedAudiences = named === undefined ? undefined : defineAudiences(decision, integration, named);
  applyItems(decision, integration, [command], undefined, named);
  const profile = decision.profile(command.integrationId);
  saveMerged(decision, profile, merged);
  if (command.runRuleEngine) noteActivity(decision, profile);
  connect(decision, profile);
  const state = stateOf(decision, profile, merged.attributes);
  return { ...state, ...(createdAttributes && { createdAttributes }), ...(namedAudiences && { namedAudiences }) };
}

function noteActivity(decision: Decision, profile: ProfileDraft): void {
  const { now } = decision.state;
  if (now <= profile.lastActivity) return;
  profile.lastActivity = now;
  decision.touch(profile);
}

export function updateProfiles(decision: Decision, command: UpdateProfiles): ProfileState[] | null {
  const { caller, items, isAnswered, skipUndefinedAttributes, memberships } = command;
  const { judge } = decision;
  const leftOut = items.map(({ integrationId }) => decision.leavesOut(integrationId));
  // An answer without rows must show every profile that the request names.
  const missing = isAnswered && judge === undefined ? items.find((_, index) => leftOut[index]) : undefined;
  if (missing !== undefined) throw stayErased(missing.integrationId);
  // All are checked before the first is changed, each against what the previous ones make of its profile.
  const jsonAfter = new Map<string, string>();
  const mergeOne = ({ integrationId, ...change }: AttributesChange): Merged => {
    const before = jsonAfter.get(integrationId) ?? decision.knownProfile(integrationId)?.attributesJson;
    const merged = merge(decision, { ...change, caller, skipUndefinedAttributes }, before);
    jsonAfter.set(integrationId, merged.json);
    return merged;
  };
  const merges: (Merged | undefined)[] =
    judge === undefined
      ? checkEach(items, mergeOne)
      : items.map((item, index) => judge.check(index, () => checkItem(item, judge.placeOf(index), mergeOne)));
  judge?.requireFewRefused();
  for (const [index, { integrationId }] of items.entries()) {
    if (leftOut[index] !== true || merges[index] === undefined) continue;
    judge?.leaveOut(index, stayErased(integrationId));
    merges[index] = undefined;
  }
  const rest = memberships && ofAcceptedItems(memberships, (item) => merges[item] !== undefined);
  if (rest !== undefined) requireMemberships(decision.state.catalog, caller, rest);
  // The items that create a profile or an audience, or change memberships.
  const changing = new Set<number>();
  for (const [index, { integrationId }] of items.entries()) {
    if (merges[index] === undefined) continue;
    if (decision.knownProfile(integrationId) === undefined) changing.add(index);
    decision.profile(integrationId);
  }
  if (rest !== undefined) changeMemberships(decision, rest, changing);
  for (const [index, { integrationId }] of items.entries()) {
    const merged = merges[index];
    if (merged === undefined) continue;
    const profile = decision.profile(integrationId);
    saveMerged(decision, profile, merged);
    if (command.runRuleEngine === true) noteActivity(decision, profile);
    connect(decision, profile);
    judge?.note(index, changing.has(index) || isChange(merged));
  }
  if (!isAnswered) return null;
  const answered = items.filter((_, index) => merges[index] !== undefined);
  return answered.map(({ integrationId }) => currentState(decision, decision.profile(integrationId)));
}

/** @param changing receives the items whose audiences were unknown, or whose memberships change */
function changeMemberships(decision: Decision, memberships: MembershipsOfProfiles, changing: Set<number>): void {
  const { integration, items, named } = memberships;
  if (named !== undefined) {
    for (const item of firstNaming(decision, memberships, named)) changing.add(item);
    defineAudiences(decision, integration, named);
  }
  applyItems(decision, integration, items, undefined, named, ({ item }, isChange) => {
    if (isChange) changing.add(item);
  });
}

/** The items that are the first to name an unknown audience. */
function firstNaming(
  { state, caller }: Decision,
  { integration, items }: MembershipsOfProfiles,
  { audiences }: NamedAudiences,
): number[] {
  const isUnknown = (named: NamedAudience): boolean =>
    findNamed(state.catalog, caller.environment, integration, named) === undefined;
  const unknown = new Set<AudienceRef>(audiences.filter(isUnknown).map(({ ref }) => ref));
  return items.flatMap(({ item, adds, deletes }) =>
    [...adds, ...deletes].filter((ref) => unknown.delete(ref)).map(() => item),
  );
}

/** The state of a profile after the commands so far. */
export function currentState(decision: Decision, profile: ProfileDraft): ProfileState {
  return stateOf(decision, profile, JSON.parse(profile.attributesJson) as ProfileState['attributes']);
}

/** @param before the profile's current attributes as JSON text @throws DomainError `invalid` */
function merge({ state }: Decision, update: AttributeUpdate, before = '{}'): Merged {
  const attributes = JSON.parse(before) as Record<string, JsonValue>;
  const changes = checkAttributes(state.catalog, update, state, attributes);
  const values = new Map<string, ValueChange>();
  for (const [name, value] of changes) {
    const old = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    values.set(name, { before: old, after: value ?? undefined });
    if (value === null) delete attributes[name];
    else attributes[name] = value;
  }
  const json = changes.size === 0 ? before : JSON.stringify(attributes);
  requireProfileSize(before, json, changes.keys(), state.limits);
  return { attributes, json, values };
}

function isChange({ values }: Merged): boolean {
  return [...values.values()].some(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
}

function saveMerged(decision: Decision, profile: ProfileDraft, { json, values }: Merged): void {
  if (values.size === 0) return;
  for (const [name, value] of values) noteValue(profile, name, value.before, value.after);
  profile.attributesJson = json;
  if (decision.caller.replay === undefined) profile.attributesWritten = decision.state.now;
  decision.touch(profile);
}

function stateOf({ state }: Decision, profile: ProfileDraft, attributes: ProfileState['attributes']): ProfileState {
  const { id, environment, integrationId, sets, created, lastActivity } = profile;
  const memberships = state.catalog.audiencesOfSets(sets).map(({ id: audienceId, name }) => ({ id: audienceId, name }));
  return { id, environment, integrationId, attributes, memberships, created, lastActivity };
}

/**
 * Removes all that the profile's row says about the person, the ID included, and every membership, since the name of an
 * audience is revealing too. Repeating an erasure that is not finished changes nothing.
 */
export function eraseProfile(decision: Decision, { integrationId }: EraseProfile): ErasedProfile {
  const profile = decision.knownProfile(integrationId);
  if (profile === undefined) {
    const profileId = decision.unfinishedErasure(integrationId);
    if (profileId !== undefined) return { profileId };
    decision.noteErased(integrationId);
    throw profileNotFound(integrationId);
  }
  const stored = JSON.parse(profile.attributesJson) as Record<string, JsonValue>;
  for (const [name, value] of Object.entries(stored)) noteValue(profile, name, value, undefined);
  profile.attributesJson = '{}';
  profile.attributesWritten = decision.state.now;
  leaveAllAudiences(decision, profile);
  forgetInAnswers(decision.changes, profile.id);
  for (const connected of decision.changes.connections.values()) connected.delete(profile.id);
  decision.erase(profile);
  decision.audit(`/v1/customers/${profile.id}/data`, {});
  return { profileId: profile.id };
}

/** Removes a person from kept answers. The requests still count as applied, so a late repeat brings nothing back. */
function forgetInAnswers({ answers, forgottenInAnswers }: BatchChanges, profileId: number): void {
  forgottenInAnswers.add(profileId);
  for (const [scope, answer] of answers) answers.set(scope, withoutContentOf(profileId, answer));
}

/** An Application has seen the profiles that were updated with its keys. */
function connect({ caller, changes }: Decision, profile: ProfileDraft): void {
  const { applicationId } = caller;
  if (applicationId === undefined) return;
  const connected = changes.connections.get(applicationId) ?? new Set<number>();
  changes.connections.set(applicationId, connected.add(profile.id));
}
