/**
 * What newer writes leave of a replayed change to profiles. A membership is judged by the ledger, which knows every
 * change. An attribute is judged by its replays and by the last live write to its profile, since it is not recorded
 * which attributes that write set.
 */

import type { AttributeValue } from '../../definitions/attributes.ts';
import type { Audience } from '../../definitions/audiences.ts';
import { DomainError } from '../../errors.ts';
import type { JsonValue } from '../../json-value.ts';
import { type AttributeUpdate, checkAttributes, checkEach } from '../attribute-checks.ts';
import { AudienceResolver, findNamed } from '../audience-checks.ts';
import { type BatchState, type ProfileDraft, profileKey } from '../batch.ts';
import {
  type AttributesChange,
  type AudienceRef,
  type Caller,
  type MembershipChange,
  type MembershipsOfProfiles,
  type NamedAudience,
  type NamedAudiences,
  ofAcceptedItems,
  type ReplayEffect,
  type ReplayedArrival,
  type SupersededBy,
  type UpdateMemberships,
  type UpdateProfile,
  type UpdateProfiles,
} from '../commands.ts';
import { isNewer, liveArrival } from '../replay-history.ts';
import type { Ground, RecentChanges } from './newest.ts';
import type { Reduced } from './reduced.ts';

/** One value, judged by what is newer than the replayed request. */
interface JudgedValue {
  readonly reason: SupersededBy | undefined;
  readonly isChange: boolean;
}

/** Items without their superseded adds and deletes. */
interface ReducedItems<Item extends MembershipChange> {
  readonly items: readonly Item[];
  readonly skipped: readonly ReplayEffect[];
  /** The rest still changes a membership or creates a profile. */
  readonly isChange: boolean;
}

/** Where audiences named by the items of a command are found. */
interface Namespace {
  readonly caller: Caller;
  readonly integration: string;
  /** Audiences that need not exist. */
  readonly named?: NamedAudiences | undefined;
}

/** Attributes without those that are superseded. */
interface ReducedAttributes {
  readonly attributes: Readonly<Record<string, JsonValue>> | undefined;
  readonly effects: readonly ReplayEffect[];
  readonly skipped: readonly ReplayEffect[];
  /** True if they are not reduced, because they are invalid. */
  readonly isRefused?: boolean;
}

export function reduceProfile(ground: Ground, command: UpdateProfile, replay: ReplayedArrival): Reduced {
  const values = reduceAttributes(ground, command, command.integrationId, replay);
  const { caller, integration, onlyChecked } = command;
  const definitions = reduceNamed(ground, caller, integration, command.named, replay);
  const { named } = definitions;
  const items = [definitions.without(command)];
  const memberships = reduceItems(ground, { caller, integration, named }, items, replay);
  const [item] = memberships.items;
  const effects = [...values.effects, ...definitions.effects];
  const skipped = [...values.skipped, ...definitions.skipped, ...memberships.skipped];
  return {
    command: {
      ...command,
      attributes: values.attributes,
      adds: item?.adds ?? [],
      deletes: item?.deletes ?? [],
      onlyChecked: onlyChecked?.filter((ref) => !definitions.dropped.has(ref)),
      named,
    },
    effects,
    skipped,
    isEmpty: skipped.length > 0 && effects.length === 0 && !memberships.isChange,
  };
}

export function reduceProfiles(ground: Ground, command: UpdateProfiles, replay: ReplayedArrival): Reduced {
  const { caller, items, skipUndefinedAttributes, memberships, rows } = command;
  const reduceOne = ({ integrationId, ...change }: AttributesChange): ReducedAttributes =>
    reduceAttributes(ground, { ...change, caller, skipUndefinedAttributes }, integrationId, replay);
  // A row that fails its check is not reduced, so that it is refused in its turn.
  const reduced =
    rows === undefined ? checkEach(items, reduceOne) : items.map((item) => unlessRefused(item, reduceOne));
  const accepted = memberships && ofAcceptedItems(memberships, (item) => reduced[item]?.isRefused !== true);
  const rest = accepted && reduceMembershipsOf(ground, caller, accepted, replay);
  const effects = [...reduced.flatMap((each) => each.effects), ...(rest?.effects ?? [])];
  const skipped = [...reduced.flatMap((each) => each.skipped), ...(rest?.skipped ?? [])];
  const isCreation = items.some(
    ({ integrationId }) =>
      profileOf(ground.state, caller, integrationId) === undefined &&
      !ground.newest.isErasedSince(caller, integrationId, replay),
  );
  return {
    command: {
      ...command,
      items: items.map((item, index) => ({ ...item, attributes: reduced[index]?.attributes })),
      memberships: rest?.memberships,
    },
    effects,
    skipped,
    isEmpty:
      skipped.length > 0 &&
      effects.length === 0 &&
      !isCreation &&
      rest?.isChange !== true &&
      !reduced.some(({ isRefused }) => isRefused),
  };
}

function reduceMembershipsOf(
  ground: Ground,
  caller: Caller,
  { integration, items, named: sent }: MembershipsOfProfiles,
  replay: ReplayedArrival,
) {
  const definitions = reduceNamed(ground, caller, integration, sent, replay);
  const { named } = definitions;
  const reduced = reduceItems(ground, { caller, integration, named }, items.map(definitions.without), replay);
  return {
    memberships: { integration, items: reduced.items, named },
    effects: definitions.effects,
    skipped: [...definitions.skipped, ...reduced.skipped],
    isChange: reduced.isChange,
  };
}

/** The remaining audiences that a write may create or rename. */
interface ReducedNamed {
  readonly named: NamedAudiences | undefined;
  /** References to audiences that have been deleted since and are not created again. */
  readonly dropped: ReadonlySet<AudienceRef>;
  readonly effects: readonly ReplayEffect[];
  readonly skipped: readonly ReplayEffect[];
  /** An item without the references that are dropped. */
  without<Item extends MembershipChange>(this: void, item: Item): Item;
}

/** An audience that has been deleted since is not created again, and one that has been renamed since keeps its name. */
function reduceNamed(
  { state, newest }: Ground,
  { environment }: Caller,
  integration: string,
  named: NamedAudiences | undefined,
  replay: ReplayedArrival,
): ReducedNamed {
  const dropped = new Set<AudienceRef>();
  const effects: ReplayEffect[] = [];
  const skipped: ReplayEffect[] = [];
  const audiences: NamedAudience[] = [];
  for (const each of named?.audiences ?? []) {
    const known = findNamed(state.catalog, environment, integration, each);
    if (known === undefined) {
      const deletion = newest.deletion({ environment, integration, integrationId: each.newId });
      if (isNewer(deletion, replay) && !replay.override) {
        dropped.add(each.ref);
        skipped.push({ action: 'create', reason: 'audienceDeleted' });
        continue;
      }
      effects.push({ action: 'create' });
      audiences.push(each);
    } else if (named?.renames === true && known.name !== each.name) {
      const effect: ReplayEffect = { action: 'rename', audienceId: known.id };
      const isStale = isNewer(newest.definition(known), replay) && !replay.override;
      if (isStale) skipped.push({ ...effect, reason: 'audienceChanged' });
      else effects.push(effect);
      audiences.push(isStale ? { ...each, name: known.name } : each);
    } else audiences.push(each);
  }
  return {
    named: named && { ...named, audiences },
    dropped,
    effects,
    skipped,
    without: (item) =>
      dropped.size === 0
        ? item
        : {
            ...item,
            adds: item.adds.filter((ref) => !dropped.has(ref)),
            deletes: item.deletes.filter((ref) => !dropped.has(ref)),
          },
  };
}

function unlessRefused(
  item: AttributesChange,
  reduce: (item: AttributesChange) => ReducedAttributes,
): ReducedAttributes {
  try {
    return reduce(item);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { attributes: item.attributes, effects: [], skipped: [], isRefused: true };
  }
}

function reduceAttributes(
  ground: Ground,
  update: AttributeUpdate,
  integrationId: string,
  replay: ReplayedArrival,
): ReducedAttributes {
  const { state } = ground;
  const profile = profileOf(state, update.caller, integrationId);
  const stored = JSON.parse(profile?.attributesJson ?? '{}') as Record<string, AttributeValue>;
  const kept: [string, AttributeValue | null][] = [];
  const effects: ReplayEffect[] = [];
  const skipped: ReplayEffect[] = [];
  const isErased = ground.newest.isErasedSince(update.caller, integrationId, replay);
  for (const [name, value] of checkAttributes(state.catalog, update, state, stored)) {
    const effect: ReplayEffect = { action: value === null ? 'remove' : 'set', integrationId, attribute: name };
    if (isErased) {
      skipped.push({ ...effect, reason: 'profileErased' });
      continue;
    }
    const { reason, isChange } = judgeValue(ground, profile, stored, name, value, replay);
    if (reason !== undefined && !replay.override) {
      if (isChange) skipped.push({ ...effect, reason });
      continue;
    }
    kept.push([name, value]);
    if (isChange) effects.push(effect);
  }
  return { attributes: Object.fromEntries(kept), effects, skipped };
}

export function reduceMemberships(ground: Ground, command: UpdateMemberships, replay: ReplayedArrival): Reduced {
  const { items, skipped, isChange } = reduceItems(ground, command, command.items, replay, command.rows !== undefined);
  return { command: { ...command, items }, effects: [], skipped, isEmpty: skipped.length > 0 && !isChange };
}

function reduceItems<Item extends MembershipChange>(
  ground: Ground,
  { caller, integration, named }: Namespace,
  items: readonly Item[],
  replay: ReplayedArrival,
  isJudged = false,
): ReducedItems<Item> {
  const { state, newest } = ground;
  const audiences = new AudienceResolver(state.catalog, caller, integration, named);
  // Unknown audiences stay in rows that are judged one by one, so that these rows are refused in their turn.
  if (!isJudged) audiences.requireAllOf(items);
  const skipped: ReplayEffect[] = [];
  let changes = false;
  const reduced = items.map((item): Item => {
    const { integrationId, adds, deletes } = item;
    if (newest.isErasedSince(caller, integrationId, replay)) {
      const skip = (action: 'join' | 'leave', refs: readonly AudienceRef[]): void => {
        for (const ref of refs) {
          skipped.push({ action, integrationId, audienceId: audiences.find(ref)?.id, reason: 'profileErased' });
        }
      };
      skip('join', adds);
      skip('leave', deletes);
      // The item stays: rows are identified by their position. Nobody is created for it.
      return { ...item, adds: [], deletes: [] };
    }
    const profile = profileOf(state, caller, integrationId);
    if (profile === undefined) {
      changes = true;
      return item;
    }
    const since = newest.membershipsSince(profile, replay.time);
    const stays = (action: 'join' | 'leave') => (ref: MembershipChange['adds'][number]) => {
      const audience = audiences.find(ref);
      if (audience === undefined) {
        changes ||= isJudged;
        return true;
      }
      const isChange = profile.sets.includes(audience.memberSet) === (action === 'leave');
      const reason = judgeMembership(ground, profile, audience, since, replay);
      if (reason === undefined) changes ||= isChange;
      else if (isChange) skipped.push({ action, integrationId, audienceId: audience.id, reason });
      return reason === undefined;
    };
    return { ...item, adds: adds.filter(stays('join')), deletes: deletes.filter(stays('leave')) };
  });
  return { items: reduced, skipped, isChange: changes };
}

function judgeValue(
  { state, newest }: Ground,
  profile: ProfileDraft | undefined,
  stored: Record<string, AttributeValue>,
  name: string,
  value: AttributeValue | null,
  replay: ReplayedArrival,
): JudgedValue {
  const before = Object.hasOwn(stored, name) ? stored[name] : null;
  const isChange = JSON.stringify(before) !== JSON.stringify(value);
  const attribute = state.catalog.attributes.get(name);
  if (profile === undefined || attribute === undefined) return { reason: undefined, isChange };
  if (isNewer(newest.valueNote(profile, attribute.id), replay)) return { reason: 'newerReplay', isChange };
  const { attributesWritten: written } = profile;
  // An attribute that was defined after the last live write was not part of that write.
  const mayBeNewer = written > 0 && isNewer(liveArrival(written), replay) && attribute.created <= written;
  return { reason: mayBeNewer ? 'profileWritten' : undefined, isChange };
}

function judgeMembership(
  { newest }: Ground,
  profile: ProfileDraft,
  audience: Audience,
  since: RecentChanges,
  replay: ReplayedArrival,
): SupersededBy | undefined {
  if (isNewer(newest.membershipNote(profile, audience.id), replay)) return 'newerReplay';
  if (isNewer(since.newest.get(audience.id), replay)) return 'membershipChanged';
  if (isNewer(newest.replacement(audience.id), replay)) return 'membersReplaced';
  if (audience.created >= replay.time && isNewer(newest.deletion(audience), replay)) return 'audienceDeleted';
  return since.isWhole ? undefined : 'ledgerPruned';
}

/** The profile that a command refers to, if it is known. */
export function profileOf(state: BatchState, caller: Caller, integrationId: string): ProfileDraft | undefined {
  return state.profiles.get(profileKey(caller.environment, integrationId));
}
