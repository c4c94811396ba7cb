/**
 * The heart: given what a batch of writes needs to know, decides what each of them does. Pure: no I/O, no clock. Every
 * command is checked before it touches anything, so a refused one leaves no trace and needs no undoing.
 */

import { auditRecord } from '../audit-record.ts';
import type { ChangeCounts } from '../change-counts.ts';
import { requireProfileSize } from '../definitions/attribute-sizes.ts';
import type { Audience } from '../definitions/audiences.ts';
import { audienceState } from '../definitions/audit-states.ts';
import { DomainError, profileNotFound } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';
import {
  type BatchChanges,
  type BatchState,
  type ChangeAction,
  type CounterChange,
  type ProfileDraft,
  profileKey,
  type ValueChange,
} from './batch.ts';
import {
  checkAttributes,
  requireApplications,
  requireAudience,
  requireFreeIntegrationId,
  resolveAudiences,
} from './checks.ts';
import type {
  Caller,
  CreateAudience,
  DeleteAudience,
  EraseProfile,
  MembershipChange,
  ProfileState,
  ReplayEffect,
  ReplayedArrival,
  UpdateAudience,
  UpdateProfile,
  WriteCommand,
  WriteOutcome,
  WriteResult,
} from './commands.ts';
import { definedAt, isNewer, noReplays } from './replay-history.ts';
import { effectsOf, Supersession, superseded } from './supersession.ts';

/**
 * Applies the commands in order to `state` (whose catalog, profiles and sequences it updates) and tells what to write.
 * @returns one outcome per command, in order; a profile's state is as it was right after its own command
 */
export function decide(
  state: BatchState,
  commands: readonly WriteCommand[],
): { outcomes: WriteOutcome[]; changes: BatchChanges } {
  const changes: BatchChanges = {
    requests: [],
    ledger: [],
    counters: new Map(),
    audiences: new Map(),
    connections: new Map(),
    audits: [],
    replayed: noReplays(),
  };
  const supersession = new Supersession(state, changes);
  const outcomes = commands.map((command): WriteOutcome => {
    try {
      if (command.caller.replay !== undefined) {
        return decideReplay(state, changes, command, command.caller.replay, supersession);
      }
      const decision = new Decision(state, changes, command.caller);
      const result = decision.apply(command);
      return { result, changed: decision.changed };
    } catch (error) {
      if (error instanceof DomainError) return { error: error.toRecord() };
      throw error;
    }
  });
  return { outcomes, changes };
}

/** Applies what newer writes have left of a replayed command. @throws DomainError as its checks do */
function decideReplay(
  state: BatchState,
  changes: BatchChanges,
  command: WriteCommand,
  replay: ReplayedArrival,
  supersession: Supersession,
): WriteOutcome {
  const reduced = supersession.reduce(command, replay);
  if (reduced.isEmpty) return { error: superseded().toRecord(), effects: effectsOf([], reduced.skipped) };
  const decision = new Decision(state, changes, command.caller);
  const result = decision.apply(reduced.command);
  supersession.note(reduced, replay);
  const effects = effectsOf([...reduced.effects, ...decision.membershipEffects], reduced.skipped);
  return { result, changed: decision.changed, effects };
}

function noteValue(
  profile: ProfileDraft,
  name: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): void {
  profile.valueChanges ??= new Map();
  const noted = profile.valueChanges.get(name);
  if (noted === undefined) profile.valueChanges.set(name, { before, after });
  else noted.after = after;
}

/** One command being applied. */
class Decision {
  readonly #state: BatchState;
  readonly #changes: BatchChanges;
  readonly #caller: Caller;
  #requestId = 0;
  #joins = 0;
  #leaves = 0;
  readonly #touched = new Set<ProfileDraft>();
  /** Of a replay, whose memberships are told one by one. */
  readonly membershipEffects: ReplayEffect[] = [];

  constructor(state: BatchState, changes: BatchChanges, caller: Caller) {
    this.#state = state;
    this.#changes = changes;
    this.#caller = caller;
  }

  /** What the command came to. */
  get changed(): ChangeCounts {
    return { joins: this.#joins, leaves: this.#leaves, profiles: this.#touched.size };
  }

  apply(command: WriteCommand): WriteResult {
    switch (command.kind) {
      case 'updateProfile':
        return this.#updateProfile(command);
      case 'updateMemberships':
        this.#applyItems(command, command.items);
        for (const item of command.items) this.#auditMemberships(item);
        return null;
      case 'eraseProfile':
        this.#eraseProfile(command);
        return null;
      case 'createAudience':
        return this.#createAudience(command);
      case 'updateAudience':
        return this.#updateAudience(command);
      case 'deleteAudience':
        this.#deleteAudience(command);
        return null;
    }
  }

  #updateProfile(command: UpdateProfile): ProfileState {
    const { catalog, now } = this.#state;
    const before = this.#known(command.integrationId)?.attributesJson ?? '{}';
    const stored = JSON.parse(before) as Record<string, JsonValue>;
    const attributes = checkAttributes(catalog, command, this.#state, stored);
    const values = new Map<string, ValueChange>();
    for (const [name, value] of attributes) {
      values.set(name, { before: Object.hasOwn(stored, name) ? stored[name] : undefined, after: value ?? undefined });
      if (value === null) delete stored[name];
      else stored[name] = value;
    }
    const after = attributes.size === 0 ? before : JSON.stringify(stored);
    requireProfileSize(before, after, attributes.keys(), this.#state.limits);
    this.#applyItems(command, [command]);
    const profile = this.#profile(command.integrationId);
    if (attributes.size > 0) {
      for (const [name, value] of values) noteValue(profile, name, value.before, value.after);
      profile.attributesJson = after;
      if (this.#caller.replay === undefined) profile.attributesWritten = now;
      this.#touch(profile);
    }
    if (command.runRuleEngine && now > profile.lastActivity) {
      profile.lastActivity = now;
      this.#touch(profile);
    }
    const { applicationId } = this.#caller;
    if (applicationId !== undefined) {
      const connected = this.#changes.connections.get(applicationId) ?? new Set<number>();
      this.#changes.connections.set(applicationId, connected.add(profile.id));
    }
    return {
      id: profile.id,
      environment: profile.environment,
      integrationId: profile.integrationId,
      attributes: stored,
      memberships: catalog.audiencesOfSets(profile.sets).map(({ id, name }) => ({ id, name })),
      created: profile.created,
      lastActivity: profile.lastActivity,
    };
  }

  /** Upserts every profile named and applies its adds, then its deletes; one ledger entry per net change of the request. */
  #applyItems(command: { caller: Caller; integration: string }, items: readonly MembershipChange[]): void {
    const audiences = resolveAudiences(this.#state.catalog, command, items);
    // Sets each profile was in before this request, for those that several items may change back and forth.
    const before = new Map<ProfileDraft, readonly number[]>();
    for (const item of items) {
      const profile = this.#profile(item.integrationId);
      if (item.adds.length === 0 && item.deletes.length === 0) continue;
      if (!before.has(profile)) before.set(profile, profile.sets);
      let sets = profile.sets;
      for (const ref of item.adds) {
        const set = audiences.find(ref)?.memberSet;
        if (set !== undefined && !sets.includes(set)) sets = [...sets, set];
      }
      for (const ref of item.deletes) {
        const set = audiences.find(ref)?.memberSet;
        if (set !== undefined && sets.includes(set)) sets = sets.filter((each) => each !== set);
      }
      profile.sets = sets;
    }
    for (const [profile, old] of before) this.#recordNetChanges(profile, old);
  }

  #recordNetChanges(profile: ProfileDraft, before: readonly number[]): void {
    if (profile.sets === before) return;
    for (const set of profile.sets) if (!before.includes(set)) this.#recordChange(profile, set, 'joined');
    for (const set of before) if (!profile.sets.includes(set)) this.#recordChange(profile, set, 'left');
  }

  #recordChange(profile: ProfileDraft, set: number, action: 'joined' | 'left'): void {
    const audience = this.#state.catalog.audienceOfSet(set);
    if (audience === undefined) return;
    const id = this.#appendToLedger(audience.id, profile.id, action, 1, profile.lastChange);
    profile.lastChange = id;
    this.#touch(profile);
    if (this.#caller.replay !== undefined) {
      const effect = action === 'joined' ? 'join' : 'leave';
      this.membershipEffects.push({
        action: effect,
        integrationId: profile.integrationId,
        audienceId: audience.id,
      });
    }
    const counter = this.#counter(audience.id);
    if (action === 'joined') {
      counter.joins += 1;
      this.#joins += 1;
    } else {
      counter.leaves += 1;
      this.#leaves += 1;
    }
  }

  /** Everything the profile's row says of the person, and every membership: an audience's name tells something, too. */
  #eraseProfile({ integrationId }: EraseProfile): void {
    const profile = this.#known(integrationId);
    if (profile === undefined) throw profileNotFound(integrationId);
    const stored = JSON.parse(profile.attributesJson) as Record<string, JsonValue>;
    for (const [name, value] of Object.entries(stored)) noteValue(profile, name, value, undefined);
    if (profile.attributesJson !== '{}') this.#touch(profile);
    profile.attributesJson = '{}';
    profile.attributesWritten = this.#state.now;
    const before = profile.sets;
    profile.sets = before.filter((set) => this.#state.catalog.audienceOfSet(set) === undefined);
    this.#recordNetChanges(profile, before);
    this.#audit(`/v1/customers/${profile.id}/data`, {});
  }

  #createAudience(command: CreateAudience): Audience {
    const { catalog, sequences, now } = this.#state;
    requireFreeIntegrationId(catalog, command);
    requireApplications(catalog, command.caller, command.byHand?.applicationIds);
    const own = this.#caller.applicationId === undefined ? [] : [this.#caller.applicationId];
    const audience: Audience = {
      id: sequences.audience++,
      environment: this.#caller.environment,
      name: command.name,
      description: command.byHand?.description ?? '',
      integration: command.target?.integration.trim(),
      integrationId: command.target?.integrationId,
      createdInThirdParty: command.byHand === undefined,
      applicationIds: command.byHand === undefined ? own : [...new Set(command.byHand.applicationIds)],
      memberSet: sequences.memberSet++,
      stagedSet: undefined,
      created: now,
      modified: now,
    };
    this.#saveAudience(audience);
    this.#audit(`/v1/audiences/${audience.id}`, { new: audienceState(audience) });
    return audience;
  }

  #updateAudience(command: UpdateAudience): Audience {
    const { catalog, now } = this.#state;
    const audience = requireAudience(catalog, command);
    requireApplications(catalog, command.caller, command.change.applicationIds);
    const { name = audience.name, description = audience.description } = command.change;
    const applicationIds = [...new Set(command.change.applicationIds ?? audience.applicationIds)];
    const changed = { ...audience, name, description, applicationIds, modified: now };
    const [old, after] = [audienceState(audience), audienceState(changed)];
    if (JSON.stringify(old) === JSON.stringify(after)) return audience;
    this.#saveAudience(changed);
    this.#audit(`/v1/audiences/${audience.id}`, { old, new: after });
    return changed;
  }

  #saveAudience(audience: Audience): void {
    this.#noteDefinition(audience.id);
    this.#state.catalog.putAudience(audience);
    this.#changes.audiences.set(audience.id, { audience, deleted: false });
  }

  #deleteAudience(command: DeleteAudience): void {
    const audience = requireAudience(this.#state.catalog, command);
    const counter = this.#counter(audience.id);
    const members = this.#state.memberCount(audience.id) + counter.joins - counter.leaves;
    this.#appendToLedger(audience.id, undefined, 'deleted', members, 0);
    counter.leaves += members;
    this.#leaves += members;
    this.#noteDefinition(audience.id);
    this.#state.catalog.removeAudience(audience.id);
    this.#changes.audiences.set(audience.id, { audience, deleted: true });
    this.#audit(`/v1/audiences/${audience.id}`, { old: { ...audienceState(audience), members } });
  }

  /** Called before the catalog changes. A live change ends what a replay of the same batch noted. */
  #noteDefinition(audienceId: number): void {
    const { replay } = this.#caller;
    const { catalog, history, now } = this.#state;
    const { definitions } = this.#changes.replayed;
    if (replay === undefined) {
      definitions.delete(audienceId);
      return;
    }
    const before = catalog.audience(audienceId);
    const known = before && definedAt(before, definitions.get(audienceId) ?? history.definitionNote(audienceId));
    const { time, place } = known !== undefined && isNewer(known, replay) ? known : replay;
    definitions.set(audienceId, { arrival: { time, place }, written: now });
  }

  /** By profile number: the log outlives the customer's own ID, which is erased on request. */
  #auditMemberships({ integrationId, adds, deletes }: MembershipChange): void {
    const state = { profileId: this.#profile(integrationId).id };
    for (const ref of adds) this.#audit(`/v1/audiences/${ref}/memberships`, { new: state });
    for (const ref of deletes) this.#audit(`/v1/audiences/${ref}/memberships`, { old: state });
  }

  #audit(path: string, states: Parameters<typeof auditRecord>[1]): void {
    const { keyId, userId, managementKeyId } = this.#caller;
    if (keyId !== undefined) return;
    this.#changes.audits.push({ actor: { userId, managementKeyId }, record: auditRecord(path, states) });
  }

  #appendToLedger(
    audienceId: number,
    profileId: number | undefined,
    action: ChangeAction,
    count: number,
    previous: number,
  ): number {
    const id = this.#state.sequences.change++;
    if (this.#requestId === 0) {
      this.#requestId = this.#state.sequences.request++;
      const { requestUuid: uuid, keyId, userId, replay: arrival } = this.#caller;
      this.#changes.requests.push({ id: this.#requestId, uuid, keyId, userId, firstChange: id, arrival });
    }
    this.#changes.ledger.push({ id, requestId: this.#requestId, audienceId, profileId, action, count, previous });
    this.#counter(audienceId).lastRequest = this.#requestId;
    return id;
  }

  #counter(audienceId: number): CounterChange {
    let counter = this.#changes.counters.get(audienceId);
    if (counter === undefined) {
      counter = { joins: 0, leaves: 0, lastRequest: 0 };
      this.#changes.counters.set(audienceId, counter);
    }
    return counter;
  }

  /** The caller's profile of that ID, if there is one. */
  #known(integrationId: string): ProfileDraft | undefined {
    return this.#state.profiles.get(profileKey(this.#caller.environment, integrationId));
  }

  /** The caller's profile of that ID, born here if nobody knows it. */
  #profile(integrationId: string): ProfileDraft {
    const { environment } = this.#caller;
    let profile = this.#known(integrationId);
    if (profile === undefined) {
      profile = {
        id: this.#state.sequences.profile++,
        environment,
        integrationId,
        created: this.#state.now,
        isNew: true,
        storedSets: [],
        sets: [],
        attributesJson: '{}',
        lastActivity: this.#state.now,
        lastChange: 0,
        attributesWritten: 0,
        changed: true,
      };
      this.#state.profiles.set(profileKey(environment, integrationId), profile);
      this.#touched.add(profile);
    }
    return profile;
  }

  #touch(profile: ProfileDraft): void {
    profile.changed = true;
    this.#touched.add(profile);
  }
}
