/** One command being applied: the profiles it names, and what it adds to the batch. */

import { type AuditState, auditRecord } from '../../audit-record.ts';
import type { ChangeCounts } from '../../change-counts.ts';
import type { Audience } from '../../definitions/audiences.ts';
import {
  type BatchChanges,
  type BatchState,
  type ChangeAction,
  type CounterChange,
  erasedInBatch,
  erasedKey,
  newProfile,
  type ProfileDraft,
  profileKey,
} from '../batch.ts';
import { type Caller, type ReplayEffect, rowsOf, type WriteCommand } from '../commands.ts';
import { isLeftOut, wasErased } from '../erased-ids.ts';
import { pseudonymOf } from '../erased-people.ts';
import { RowJudge } from './rows.ts';

export class Decision {
  readonly state: BatchState;
  readonly changes: BatchChanges;
  readonly caller: Caller;
  /** What a replay did to memberships, one by one; empty for live writes. */
  readonly membershipEffects: ReplayEffect[] = [];
  /** Judges the rows of the command; undefined if the command does not request it. */
  readonly judge: RowJudge | undefined;
  /** Position of the command's request in the batch; undefined until it adds to the ledger. */
  #request: number | undefined;
  #joins = 0;
  #leaves = 0;
  #inBackground = 0;
  readonly #touched = new Set<ProfileDraft>();
  readonly #leftOut = new Set<string>();

  constructor(state: BatchState, changes: BatchChanges, command: WriteCommand) {
    this.state = state;
    this.changes = changes;
    this.caller = command.caller;
    const rows = rowsOf(command);
    if (rows !== undefined) this.judge = new RowJudge(rows);
  }

  /** The changes the command has made so far. */
  get changed(): ChangeCounts {
    return { joins: this.#joins, leaves: this.#leaves, profiles: this.#touched.size + this.#inBackground };
  }

  /** The caller's profile with that ID, if there is one. */
  knownProfile(integrationId: string): ProfileDraft | undefined {
    return this.state.profiles.get(profileKey(this.caller.environment, integrationId));
  }

  /** The caller's profile with that ID, created if it is unknown. Commands get every profile they change from here. */
  profile(integrationId: string): ProfileDraft {
    const known = this.knownProfile(integrationId);
    if (known !== undefined) return known;
    const { environment } = this.caller;
    const created = newProfile(
      this.state.sequences.profile++,
      environment,
      integrationId,
      this.state.catalog.attributeJobs,
      this.state.now,
    );
    this.state.profiles.set(profileKey(environment, integrationId), created);
    this.#touched.add(created);
    return created;
  }

  /** Marks the profile as changed, so that it is saved. */
  touch(profile: ProfileDraft): void {
    profile.changed = true;
    this.#touched.add(profile);
  }

  /** Takes the profile's ID away: from now on, that ID is unknown. */
  erase(profile: ProfileDraft): void {
    const { id: profileId, environment, integrationId } = profile;
    const person = { profileId, environment, integrationId };
    const { profiles, erased } = this.state;
    const key = profileKey(environment, integrationId);
    profile.integrationId = pseudonymOf(erased.key(), person);
    profile.isErased = true;
    profiles.delete(key);
    profiles.set(erasedKey(profileId), profile);
    this.changes.erased.push(person);
    this.touch(profile);
  }

  /** Number of the erased profile with that ID, while traces of the person may remain outside the store. */
  unfinishedErasure(integrationId: string): number | undefined {
    const { environment } = this.caller;
    const inBatch = erasedInBatch(this.changes, environment, integrationId);
    return inBatch?.profileId ?? this.state.erased.unfinished(environment, integrationId);
  }

  /** Reports whether the command must leave the person with that ID alone, and counts those it does. */
  leavesOut(integrationId: string): boolean {
    const { state, changes, caller } = this;
    if (!isLeftOut({ state, changes }, caller, integrationId)) return false;
    this.#leftOut.add(integrationId);
    return true;
  }

  /** Counts the person with that ID among those the command has left alone, if there is one who was erased. */
  noteErased(integrationId: string): void {
    const { state, changes, caller } = this;
    if (wasErased({ state, changes }, caller, integrationId)) this.#leftOut.add(integrationId);
  }

  /** The number of erased people that the command has left alone so far. */
  get leftOut(): number {
    return this.#leftOut.size;
  }

  /** Counts profiles that are changed without being loaded. */
  countInBackground(profiles: number): void {
    this.#inBackground += profiles;
  }

  /** Records that a profile joined or left an audience. */
  recordMove(profile: ProfileDraft, audience: Audience, action: 'joined' | 'left'): void {
    this.#appendToLedger(audience.id, profile, action, 1);
    this.touch(profile);
    if (this.caller.replay !== undefined) {
      const effect = action === 'joined' ? 'join' : 'leave';
      this.membershipEffects.push({
        action: effect,
        integrationId: profile.integrationId,
        audienceId: audience.id,
      });
    }
    this.#count(audience.id, action === 'joined' ? 1 : 0, action === 'joined' ? 0 : 1);
  }

  /** The number of members of an audience after the commands so far. */
  membersOf(audienceId: number): number {
    const { joins, leaves } = this.changes.counters.get(audienceId) ?? { joins: 0, leaves: 0 };
    return this.state.memberCount(audienceId) + joins - leaves;
  }

  /** Records that all memberships of an audience ended at once. */
  recordEnd(audienceId: number, action: 'deleted' | 'emptied', members: number): void {
    this.#appendToLedger(audienceId, undefined, action, members);
    this.#count(audienceId, 0, members);
  }

  /** Records for the audit log what a user or the command line changed; requests of platforms are in the access log. */
  audit(path: string, states: Parameters<typeof auditRecord>[1]): void {
    const { keyId, userId, managementKeyId } = this.caller;
    if (keyId !== undefined) return;
    this.changes.audits.push({ actor: { userId, managementKeyId }, record: auditRecord(path, states) });
  }

  /** Records a key's change for the audit log, if it concerns the account and must outlast the access log. */
  auditOfKey(path: string, { new: after }: { new: AuditState }): void {
    const { keyId, userId, managementKeyId, applicationId } = this.caller;
    const state = keyId === undefined ? after : { ...after, createdWithApiKey: keyId };
    const record = auditRecord(path, { new: state }, applicationId);
    this.changes.audits.push({ actor: { userId, managementKeyId }, record });
  }

  #appendToLedger(audienceId: number, profile: ProfileDraft | undefined, action: ChangeAction, count: number): void {
    const { requests, ledger } = this.changes;
    const place = ledger.length;
    if (this.#request === undefined) {
      this.#request = requests.length;
      const { requestUuid: uuid, keyId, userId, replay: arrival } = this.caller;
      requests.push({ uuid, keyId, userId, firstPlace: place, arrival });
    }
    const { id: profileId, lastChange: previous = 0, lastPlace: previousPlace } = profile ?? {};
    ledger.push({ request: this.#request, audienceId, profileId, action, count, previous, previousPlace });
    if (profile !== undefined) profile.lastPlace = place;
    this.#counter(audienceId).lastRequest = this.#request;
  }

  #count(audienceId: number, joins: number, leaves: number): void {
    const counter = this.#counter(audienceId);
    counter.joins += joins;
    counter.leaves += leaves;
    this.#joins += joins;
    this.#leaves += leaves;
  }

  #counter(audienceId: number): CounterChange {
    let counter = this.changes.counters.get(audienceId);
    if (counter === undefined) {
      counter = { joins: 0, leaves: 0, lastRequest: 0 };
      this.changes.counters.set(audienceId, counter);
    }
    return counter;
  }
}
