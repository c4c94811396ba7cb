/**
 * What newer writes have superseded of a refused write that is sent again. Requests count in the order they first arrived,
 * however late they are replayed: a membership is judged by the ledger, which knows every change; an attribute by what was
 * replayed for it and by the last live write of its profile, since no record tells which attributes that one set.
 */

import type { AttributeValue } from '../definitions/attributes.ts';
import type { Audience } from '../definitions/audiences.ts';
import { DomainError } from '../errors.ts';
import { type BatchChanges, type BatchState, type LedgerEntry, type ProfileDraft, profileKey } from './batch.ts';
import { checkAttributes, requireAudience, requireFreeIntegrationId, resolveAudiences } from './checks.ts';
import type {
  Arrival,
  CreateAudience,
  DeleteAudience,
  MembershipChange,
  ReplayEffect,
  ReplayEffects,
  ReplayedArrival,
  SupersededBy,
  UpdateAudience,
  UpdateMemberships,
  UpdateProfile,
  WriteCommand,
} from './commands.ts';
import { definedAt, isNewer, liveArrival, noteArrival } from './replay-history.ts';

/** Effects named of one request; the others are counted. */
const MAX_EFFECTS = 20;

/** A replayed command without what is superseded. */
export interface Reduced<Command extends WriteCommand = WriteCommand> {
  readonly command: Command;
  /** Attributes that change, and what happens to an audience as a whole; joins and leaves are told by the ledger. */
  readonly effects: readonly ReplayEffect[];
  readonly skipped: readonly ReplayEffect[];
  /** Nothing is left that would change anything. */
  readonly isEmpty: boolean;
}

/** One value, membership or audience judged by what is newer than the replayed request. */
interface Judged {
  readonly reason: SupersededBy | undefined;
  readonly isChange: boolean;
}

export function effectsOf(applied: readonly ReplayEffect[], skipped: readonly ReplayEffect[]): ReplayEffects {
  return {
    applied: applied.slice(0, MAX_EFFECTS),
    appliedCount: applied.length,
    skipped: skipped.slice(0, MAX_EFFECTS),
    skippedCount: skipped.length,
  };
}

/** The refusal of a replay that newer writes left nothing of. */
export function superseded(): DomainError {
  const message = 'Newer writes superseded all of it, so nothing was applied';
  return new DomainError('conflict', [{ title: 'superseded', message, cause: 'newer writes superseded it' }]);
}

/** Judges the replayed commands of one batch, in order, each on what those before it left. */
export class Supersession {
  readonly #state: BatchState;
  readonly #changes: BatchChanges;
  /** Ledger entries of this batch by profile, as far as they are sorted in. */
  readonly #ownEntries = new Map<number, LedgerEntry[]>();
  #sortedIn = 0;

  constructor(state: BatchState, changes: BatchChanges) {
    this.#state = state;
    this.#changes = changes;
  }

  /** Leaves out what is superseded. @throws DomainError as the command's own checks do */
  reduce(command: WriteCommand, replay: ReplayedArrival): Reduced {
    switch (command.kind) {
      case 'updateProfile':
        return this.#reduceProfile(command, replay);
      case 'updateMemberships':
        return this.#reduceMemberships(command, replay);
      case 'createAudience':
        return this.#reduceCreation(command, replay);
      case 'updateAudience':
        return this.#reduceRenaming(command, replay);
      case 'deleteAudience':
        return this.#reduceDeletion(command, replay);
      case 'eraseProfile':
        return { command, effects: [], skipped: [], isEmpty: false };
    }
  }

  /** Remembers the arrival of what was applied; called after it was. */
  note({ command }: Reduced, arrival: Arrival): void {
    const { catalog } = this.#state;
    const { values, memberships } = this.#changes.replayed;
    const items = command.kind === 'updateMemberships' ? command.items : [];
    if (command.kind === 'updateProfile') {
      const profile = this.#profile(command, command.integrationId);
      for (const name of Object.keys(command.attributes ?? {})) {
        const attribute = catalog.attributes.get(name);
        if (profile !== undefined && attribute !== undefined) {
          noteArrival(values, profile.id, attribute.id, arrival);
        }
      }
    }
    for (const item of command.kind === 'updateProfile' ? [command] : items) {
      const profile = this.#profile(command, item.integrationId);
      if (profile === undefined) continue;
      const audiences = resolveAudiences(catalog, command as UpdateMemberships, [item]);
      for (const ref of [...item.adds, ...item.deletes]) {
        const audience = audiences.find(ref);
        if (audience !== undefined) noteArrival(memberships, profile.id, audience.id, arrival);
      }
    }
  }

  #reduceProfile(command: UpdateProfile, replay: ReplayedArrival): Reduced {
    const profile = this.#profile(command, command.integrationId);
    const stored = JSON.parse(profile?.attributesJson ?? '{}') as Record<string, AttributeValue>;
    const attributes = checkAttributes(this.#state.catalog, command, this.#state, stored);
    const memberships = this.#reduceItems(command, [command], replay);
    const kept: [string, AttributeValue | null][] = [];
    const effects: ReplayEffect[] = [];
    const skipped: ReplayEffect[] = [];
    for (const [name, value] of attributes) {
      const { reason, isChange } = this.#judgeValue(profile, stored, name, value, replay);
      const effect: ReplayEffect = {
        action: value === null ? 'remove' : 'set',
        integrationId: command.integrationId,
        attribute: name,
      };
      if (reason !== undefined && !replay.override) {
        if (isChange) skipped.push({ ...effect, reason });
        continue;
      }
      kept.push([name, value]);
      if (isChange) effects.push(effect);
    }
    skipped.push(...memberships.skipped);
    const [item] = memberships.items;
    return {
      command: {
        ...command,
        attributes: Object.fromEntries(kept),
        adds: item?.adds ?? [],
        deletes: item?.deletes ?? [],
      },
      effects,
      skipped,
      isEmpty: skipped.length > 0 && effects.length === 0 && !memberships.isChange,
    };
  }

  #reduceMemberships(command: UpdateMemberships, replay: ReplayedArrival): Reduced {
    const { items, skipped, isChange } = this.#reduceItems(command, command.items, replay);
    return { command: { ...command, items }, effects: [], skipped, isEmpty: skipped.length > 0 && !isChange };
  }

  #reduceItems(
    command: UpdateProfile | UpdateMemberships,
    items: readonly MembershipChange[],
    replay: ReplayedArrival,
  ): { items: MembershipChange[]; skipped: ReplayEffect[]; isChange: boolean } {
    const audiences = resolveAudiences(this.#state.catalog, command, items);
    const skipped: ReplayEffect[] = [];
    let changes = false;
    const reduced = items.map((item): MembershipChange => {
      const { integrationId, adds, deletes } = item;
      const profile = this.#profile(command, integrationId);
      if (profile === undefined) {
        changes = true;
        return { integrationId, adds, deletes };
      }
      const since = this.#membershipsSince(profile, replay.time);
      const stays = (action: 'join' | 'leave') => (ref: MembershipChange['adds'][number]) => {
        const audience = audiences.find(ref);
        if (audience === undefined) return true;
        const isChange = profile.sets.includes(audience.memberSet) === (action === 'leave');
        const reason = this.#judgeMembership(profile, audience, since, replay);
        if (reason === undefined) changes ||= isChange;
        else if (isChange) skipped.push({ action, integrationId, audienceId: audience.id, reason });
        return reason === undefined;
      };
      return { integrationId, adds: adds.filter(stays('join')), deletes: deletes.filter(stays('leave')) };
    });
    return { items: reduced, skipped, isChange: changes };
  }

  #judgeValue(
    profile: ProfileDraft | undefined,
    stored: Record<string, AttributeValue>,
    name: string,
    value: AttributeValue | null,
    replay: ReplayedArrival,
  ): Judged {
    const before = Object.hasOwn(stored, name) ? stored[name] : null;
    const isChange = JSON.stringify(before) !== JSON.stringify(value);
    const attribute = this.#state.catalog.attributes.get(name);
    if (profile === undefined || attribute === undefined) return { reason: undefined, isChange };
    const inBatch = this.#changes.replayed.values.get(profile.id)?.get(attribute.id);
    const noted = inBatch ?? this.#state.history.valueNote(profile.id, attribute.id);
    if (isNewer(noted, replay)) return { reason: 'newerReplay', isChange };
    const { attributesWritten: written } = profile;
    // An attribute that was defined after the last live write was not part of it.
    const mayBeNewer = written > 0 && isNewer(liveArrival(written), replay) && attribute.created <= written;
    return { reason: mayBeNewer ? 'profileWritten' : undefined, isChange };
  }

  #judgeMembership(
    profile: ProfileDraft,
    audience: Audience,
    since: { readonly newest: ReadonlyMap<number, Arrival>; readonly isWhole: boolean },
    replay: ReplayedArrival,
  ): SupersededBy | undefined {
    const { history } = this.#state;
    const inBatch = this.#changes.replayed.memberships.get(profile.id)?.get(audience.id);
    if (isNewer(inBatch ?? history.membershipNote(profile.id, audience.id), replay)) return 'newerReplay';
    if (isNewer(since.newest.get(audience.id), replay)) return 'membershipChanged';
    if (isNewer(history.lastReplacement(audience.id), replay)) return 'membersReplaced';
    if (audience.created >= replay.time && this.#wasDeletedSince(audience, replay)) return 'audienceDeleted';
    return since.isWhole ? undefined : 'ledgerPruned';
  }

  /** Newest arrival of the profile's changes by audience, among those that were applied since. */
  #membershipsSince(profile: ProfileDraft, time: number): { newest: Map<number, Arrival>; isWhole: boolean } {
    const { history, now } = this.#state;
    this.#sortInEntries();
    const own = this.#ownEntries.get(profile.id) ?? [];
    const { events, isWhole } = history.membershipChanges(own[0]?.previous ?? profile.lastChange, time);
    const newest = new Map<number, Arrival>();
    const add = (audienceId: number, arrival: Arrival): void => {
      if (!isNewer(newest.get(audienceId), arrival)) newest.set(audienceId, arrival);
    };
    for (const { audienceId, arrival } of events) add(audienceId, arrival);
    for (const { audienceId, requestId } of own) {
      const request = this.#changes.requests.find(({ id }) => id === requestId);
      add(audienceId, request?.arrival ?? liveArrival(now));
    }
    return { newest, isWhole };
  }

  #sortInEntries(): void {
    const { ledger } = this.#changes;
    for (; this.#sortedIn < ledger.length; this.#sortedIn += 1) {
      const entry = ledger[this.#sortedIn] as LedgerEntry;
      if (entry.profileId === undefined) continue;
      const entries = this.#ownEntries.get(entry.profileId) ?? [];
      entries.push(entry);
      this.#ownEntries.set(entry.profileId, entries);
    }
  }

  #reduceCreation(command: CreateAudience, replay: ReplayedArrival): Reduced<CreateAudience> {
    requireFreeIntegrationId(this.#state.catalog, command);
    const { environment } = command.caller;
    const { target } = command;
    const identity = { environment, integration: target?.integration, integrationId: target?.integrationId };
    const reason = this.#wasDeletedSince(identity, replay) ? 'audienceDeleted' : undefined;
    return this.#wholeAudience(command, replay, { action: 'create' }, reason);
  }

  #reduceRenaming(command: UpdateAudience, replay: ReplayedArrival): Reduced<UpdateAudience> {
    const audience = requireAudience(this.#state.catalog, command);
    const isChange = command.change.name !== audience.name;
    const reason = isChange && isNewer(this.#definedAt(audience), replay) ? 'audienceChanged' : undefined;
    return this.#wholeAudience(command, replay, { action: 'rename', audienceId: audience.id }, reason, isChange);
  }

  #reduceDeletion(command: DeleteAudience, replay: ReplayedArrival): Reduced<DeleteAudience> {
    const audience = requireAudience(this.#state.catalog, command);
    const { history, now } = this.#state;
    const changed = this.#changes.ledger.findLast(({ audienceId }) => audienceId === audience.id);
    const request = this.#changes.requests.find(({ id }) => id === changed?.requestId);
    const inBatch = changed === undefined ? undefined : (request?.arrival ?? liveArrival(now));
    const membersChanged = inBatch ?? history.lastMemberChange(audience.id);
    const isStale = isNewer(this.#definedAt(audience), replay) || isNewer(membersChanged, replay);
    const effect: ReplayEffect = { action: 'delete', audienceId: audience.id };
    return this.#wholeAudience(command, replay, effect, isStale ? 'audienceChanged' : undefined);
  }

  #wholeAudience<Command extends WriteCommand>(
    command: Command,
    replay: ReplayedArrival,
    effect: ReplayEffect,
    reason: SupersededBy | undefined,
    isChange = true,
  ): Reduced<Command> {
    if (reason === undefined || replay.override) {
      return { command, effects: isChange ? [effect] : [], skipped: [], isEmpty: false };
    }
    return { command, effects: [], skipped: [{ ...effect, reason }], isEmpty: true };
  }

  #definedAt(audience: Audience): Arrival {
    const { definitions } = this.#changes.replayed;
    return definedAt(audience, definitions.get(audience.id) ?? this.#state.history.definitionNote(audience.id));
  }

  /** Whether an audience under the same external ID was deleted by a write that arrived after this one. */
  #wasDeletedSince(
    { environment, integration, integrationId }: Pick<Audience, 'environment' | 'integration' | 'integrationId'>,
    replay: ReplayedArrival,
  ): boolean {
    if (integration === undefined || integrationId === undefined) return false;
    const { history, now } = this.#state;
    const inBatch = [...this.#changes.audiences.values()].findLast(
      ({ audience, deleted }) =>
        deleted &&
        audience.environment === environment &&
        audience.integrationId === integrationId &&
        audience.integration?.trim().toLowerCase() === integration.trim().toLowerCase(),
    );
    const last =
      inBatch === undefined
        ? history.lastDeleted(environment, integration, integrationId)
        : { audienceId: inBatch.audience.id, deleted: now };
    if (last === undefined) return false;
    const note = this.#changes.replayed.definitions.get(last.audienceId) ?? history.definitionNote(last.audienceId);
    const arrival = note?.written === last.deleted ? note.arrival : liveArrival(last.deleted);
    return isNewer(arrival, replay);
  }

  #profile({ caller }: WriteCommand, integrationId: string): ProfileDraft | undefined {
    return this.#state.profiles.get(profileKey(caller.environment, integrationId));
  }
}
