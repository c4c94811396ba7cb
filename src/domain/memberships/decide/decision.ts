/** One command being applied: the profiles it names, and what it adds to the batch. */

import { type AuditState, auditRecord } from '../../audit-record.ts';
import type { ChangeCounts } from '../../change-counts.ts';
import type { Audience } from '../../definitions/audiences.ts';
import {
  type BatchChanges,
  type BatchState,
  type ChangeAction,
  type CounterChange,
  newProfile,
  type ProfileDraft,
  profileKey,
} from '../batch.ts';
import { type Caller, type ReplayEffect, rowsOf, type WriteCommand } from '../commands.ts';
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
