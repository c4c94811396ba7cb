/** Decides who joins and who leaves: adds, then deletes, with one ledger entry per net change of the request. */

import { AudienceResolver, resolveAudiences } from '../audience-checks.ts';
import type { ProfileDraft } from '../batch.ts';
import type { MembershipChange, NamedAudiences, UpdateMemberships } from '../commands.ts';
import { stayErased } from '../erased-ids.ts';
import type { Decision } from './decision.ts';

export function updateMemberships(decision: Decision, command: UpdateMemberships): void {
  const { integration, items, skipsUnknownProfiles } = command;
  const { judge, caller, state } = decision;
  const skips = ({ integrationId, adds }: MembershipChange): boolean =>
    skipsUnknownProfiles === true && adds.length === 0 && decision.knownProfile(integrationId) === undefined;
  if (judge === undefined) {
    // Somebody who adds a member by hand must learn that it is impossible.
    const barred =
      caller.keyId === undefined ? items.find((item) => decision.leavesOut(item.integrationId)) : undefined;
    if (barred !== undefined) throw stayErased(barred.integrationId);
    applyItems(decision, integration, items, skips);
    for (const item of items) auditItem(decision, item);
    return;
  }
  const audiences = new AudienceResolver(state.catalog, caller, integration);
  const accepted = items.map((item, index) => judge.check(index, () => audiences.requireAll(item)) !== undefined);
  judge.requireFewRefused();
  const kept = items.flatMap((item, index) => (accepted[index] === true ? [{ ...item, index }] : []));
  applyItems(decision, integration, kept, skips, undefined, ({ index, integrationId }, isChange) => {
    if (isChange === undefined) judge.leaveOut(index, stayErased(integrationId));
    else judge.note(index, isChange);
  });
}

/**
 * Creates every unknown profile that is named, and applies the items in order.
 * @param skips called for each item in its turn; items with unknown audiences are refused even if they are skipped
 * @param named the references of items to audiences that the request may create, once they exist
 * @param onDone called after each item, with whether it changed a membership or created its profile; undefined if the
 * person was erased and is left alone
 * @throws DomainError `not_found` naming audiences, before anything is changed
 */
export function applyItems<Item extends MembershipChange>(
  decision: Decision,
  integration: string,
  items: readonly Item[],
  skips: (item: Item) => boolean = () => false,
  named?: NamedAudiences,
  onDone?: (item: Item, isChange: boolean | undefined) => void,
): void {
  const audiences = resolveAudiences(decision.state.catalog, decision.caller, integration, items, named);
  // The sets of each profile before this request, since several items may change them back and forth.
  const before = new Map<ProfileDraft, readonly number[]>();
  for (const item of items) {
    if (decision.leavesOut(item.integrationId)) {
      onDone?.(item, undefined);
      continue;
    }
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

/** Removes a profile from every audience, and from sets that are about to become the members of one. */
export function leaveAllAudiences(decision: Decision, profile: ProfileDraft): void {
  const before = profile.sets;
  profile.sets = [];
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
  const profile = decision.knownProfile(integrationId);
  // Nobody was created for an item that was skipped.
  if (profile === undefined) return;
  const state = { profileId: profile.id };
  for (const ref of adds) decision.audit(`/v1/audiences/${ref}/memberships`, { new: state });
  for (const ref of deletes) decision.audit(`/v1/audiences/${ref}/memberships`, { old: state });
}
