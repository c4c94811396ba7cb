/**
 * The newest arrivals by what they wrote, as one replayed command sees them: what the store recorded, and what the
 * batch did since.
 */

import { type Audience, integrationKey } from '../../definitions/audiences.ts';
import type { BatchChanges, BatchState, LedgerEntry, ProfileDraft } from '../batch.ts';
import type { Arrival, Caller, ReplayedArrival } from '../commands.ts';
import { isErasedSince } from '../erased-ids.ts';
import { definedAt, isNewer, liveArrival } from '../replay-history.ts';

/** The identity that an audience keeps when it is deleted and created again. */
export type AudienceIdentity = Pick<Audience, 'environment' | 'integration' | 'integrationId'>;

/** What a replayed command is judged by. */
export interface Ground {
  readonly state: BatchState;
  readonly newest: NewestArrivals;
}

/** Changes of a profile's memberships since some time. */
export interface RecentChanges {
  /** By audience. */
  readonly newest: ReadonlyMap<number, Arrival>;
  /** False if changes from that time may be past their retention. */
  readonly isWhole: boolean;
}

export class NewestArrivals {
  readonly #state: BatchState;
  readonly #changes: BatchChanges;
  /** Ledger entries of this batch by profile, as far as they have been sorted in. */
  readonly #ownEntries = new Map<number, LedgerEntry[]>();
  #sortedIn = 0;

  constructor(state: BatchState, changes: BatchChanges) {
    this.#state = state;
    this.#changes = changes;
  }

  /** Whether the person with that ID was erased after the replayed write arrived. */
  isErasedSince(caller: Caller, integrationId: string, replay: ReplayedArrival): boolean {
    return isErasedSince({ state: this.#state, changes: this.#changes }, caller, integrationId, replay);
  }

  /** Of replays that set or removed the attribute. */
  valueNote(profile: ProfileDraft, attributeId: number): Arrival | undefined {
    const inBatch = this.#changes.replayed.values.get(profile.id)?.get(attributeId);
    return inBatch ?? this.#state.history.valueNote(profile.id, attributeId);
  }

  /** Of replays that set or removed the attribute of any profile and arrived at `time` or later. */
  anyValueNote(attributeId: number, time: number): Arrival | undefined {
    let newest = this.#state.history.anyValueNote(attributeId, time);
    for (const notes of this.#changes.replayed.values.values()) {
      const inBatch = notes.get(attributeId);
      if (inBatch !== undefined && (newest === undefined || isNewer(inBatch, newest))) newest = inBatch;
    }
    return newest;
  }

  /** Of replays that added to or removed from the audience. */
  membershipNote(profile: ProfileDraft, audienceId: number): Arrival | undefined {
    const inBatch = this.#changes.replayed.memberships.get(profile.id)?.get(audienceId);
    return inBatch ?? this.#state.history.membershipNote(profile.id, audienceId);
  }

  /** Of the profile's changes among those applied at `time` or later, in ms since the epoch. */
  membershipsSince(profile: ProfileDraft, time: number): RecentChanges {
    const { events, isWhole } = this.#state.history.membershipChanges(profile.lastChange, time);
    const newest = new Map<number, Arrival>();
    const add = (audienceId: number, arrival: Arrival): void => {
      if (!isNewer(newest.get(audienceId), arrival)) newest.set(audienceId, arrival);
    };
    for (const { audienceId, arrival } of events) add(audienceId, arrival);
    this.#sortInEntries();
    for (const entry of this.#ownEntries.get(profile.id) ?? []) add(entry.audienceId, this.#arrivalOf(entry));
    return { newest, isWhole };
  }

  /** When the audience's members last changed, individually or all at once. */
  memberChange(audienceId: number): Arrival | undefined {
    const inBatch = this.#changes.ledger.findLast((entry) => entry.audienceId === audienceId);
    return inBatch === undefined ? this.#state.history.lastMemberChange(audienceId) : this.#arrivalOf(inBatch);
  }

  /** When all members of the audience were last replaced, or their memberships ended. */
  replacement(audienceId: number): Arrival | undefined {
    const inBatch = this.#changes.ledger.findLast(
      (entry) => entry.audienceId === audienceId && entry.profileId === undefined,
    );
    return inBatch === undefined ? this.#state.history.lastReplacement(audienceId) : this.#arrivalOf(inBatch);
  }

  /** When the audience was created or last changed. */
  definition(audience: Audience): Arrival {
    const { definitions } = this.#changes.replayed;
    return definedAt(audience, definitions.get(audience.id) ?? this.#state.history.definitionNote(audience.id));
  }

  /** When an audience with that external ID was last deleted. */
  deletion({ environment, integration, integrationId }: AudienceIdentity): Arrival | undefined {
    if (integration === undefined || integrationId === undefined) return undefined;
    const { history, now } = this.#state;
    const inBatch = [...this.#changes.audiences.values()].findLast(
      ({ audience, deleted }) =>
        deleted &&
        audience.environment === environment &&
        audience.integrationId === integrationId &&
        audience.integration !== undefined &&
        integrationKey(audience.integration) === integrationKey(integration),
    );
    const last =
      inBatch === undefined
        ? history.lastDeleted(environment, integration, integrationId)
        : { audienceId: inBatch.audience.id, deleted: now };
    if (last === undefined) return undefined;
    const note = this.#changes.replayed.definitions.get(last.audienceId) ?? history.definitionNote(last.audienceId);
    return note?.written === last.deleted ? note.arrival : liveArrival(last.deleted);
  }

  #arrivalOf({ request }: LedgerEntry): Arrival {
    return this.#changes.requests[request]?.arrival ?? liveArrival(this.#state.now);
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
}
