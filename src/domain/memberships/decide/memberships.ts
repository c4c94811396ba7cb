/** Decides who joins and who leaves: adds, then deletes, with one ledger entry per net change of the request. */

import { AudienceResolver, resolveAudiences } from '../audience-checks.ts';
import type { ProfileDraft } from '../batch.ts';
import type { MembershipChange, NamedAudiences, UpdateMemberships } from '../commands.ts';
import type { Decision } from './decision.ts';

export function updateMemberships(decision: Decision, command: UpdateMemberships): void {
  const { integration, items, skipsUnknownProfiles } = command;
  const skips = ({ integrationId, adds }: MembershipChange): boolean =>
    skipsUnknownProfiles === true && adds.length === 0 && decision.knownProfile(integrationId) === undefined;
  const { judge, caller, state } = decision;
  if (judge === undefined) {
    applyItems(decision, integration, items, skips);
    for (const item of items) if (!skips(item)) auditItem(decision, item);
    return;
  }
  const audiences = new AudienceResolver(state.catalog, caller, integration);
  const accepted = items.map((item, index) => judge.check(index, () => audiences.requireAll(item)) !== undefined);
  judge.requireFewRefused();
  const kept = items.flatMap((item, index) => (accepted[index] === true ? [{ ...item, index }] : []));
  applyItems(decision, integration, kept, skips, undefined, ({ index }, isChange) => judge.note(index, isChange));
}

/**
 * Creates every unknown profile that is named, and applies the items in order.
 * @param skips called for each item in its turn; items with unknown audiences are refused even if they are skipped
 * @param named the references of items to audiences that the request may create, once they exist
 * @param onDone called after each item, with whether it changed a membership or created its profile
 * @throws DomainError `not_found` naming audiences, before anything is changed
 */
export function applyItems<Item extends MembershipChange>(
  decision: Decision,
  integration: string,
  items: readonly Item[],
  skips: (item: Item) => boolean = () => false,
  named?: NamedAudiences,
  onDone?: (item: Item, isChange: boolean) => void,
): void {
  const audiences = resolveAudiences(decision.state.catalog, decision.caller, integration, items, named);
  // The sets of each profile before this request, since several items may change them back and forth.
  const before = new Map<ProfileDraft, readonly number[]>();
  for (const item of items) {
    if (skips(item)) {
      onDone?.(item, false);
      continue;
    }
    const { integrationId, adds, deletes } = item;
    const isNew = onDone !== undefined && decision.knownProfile(integrationId) === undefined;
    const profile = decision.profile(integrationId);
    if (adds.length === 0 && deletes.length === 0) {
      onDone?.(item, isNew);
      continue;
    }
    if (!before.has(profile)) before.set(profile, profile.sets);
    let { sets } = profile;
    for (const ref of adds) {
      const set = audiences.find(ref)?.memberSet;
      if (set !== undefined && !sets.includes(set)) sets = [...sets, set];
    }
    for (const ref of deletes) {
      const set = audiences.find(ref)?.memberSet;
      if (set !== undefined && sets.includes(set)) sets = sets.filter((each) => each !== set);
    }
    onDone?.(item, isNew || !isSame(profile.sets, sets));
    profile.sets = sets;
  }
  for (const [profile, old] of before) recordNetChanges(decision, profile, old);
}

function isSame(sets: readonly number[], others: readonly number[]): boolean {
  return sets.length === others.length && sets.every((set) => others.includes(set));
}

/** Removes a profile from every audience. */
export function leaveAllAudiences(decision: Decision, profile: ProfileDraft): void {
  const before = profile.sets;
  profile.sets = before.filter((set) => decision.state.catalog.audienceOfSet(set) === undefined);
  recordNetChanges(decision, profile, before);
}

function recordNetChanges(decision: Decision, profile: ProfileDraft, before: readonly number[]): void {
  if (profile.sets === before) return;
  for (const set of profile.sets) if (!before.includes(set)) recordMove(decision, profile, set, 'joined');
  for (const set of before) if (!profile.sets.includes(set)) recordMove(decision, profile, set, 'left');
}

/** A set that no audience uses is not a membership, so leaving it adds no entry. */
function recordMove(decision: Decision, profile: ProfileDraft, set: number, action: 'joined' | 'left'): void {
  const audience = decision.state.catalog.audienceOfSet(set);
  if (audience !== undefined) decision.recordMove(profile, audience, action);
}

/** By internal profile ID: the log outlives the integration ID, which is erased on request. */
function auditItem(decision: Decision, { integrationId, adds, deletes }: MembershipChange): void {
  const state = { profileId: decision.profile(integrationId).id };
  for (const ref of adds) decision.audit(`/v1/audiences/${ref}/memberships`, { new: state });
  for (const ref of deletes) decision.audit(`/v1/audiences/${ref}/memberships`, { old: state });
}
