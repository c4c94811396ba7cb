/**
 * What is remembered in order to place a replayed write among the writes that have come since: the latest arrivals of
 * replays, and what the ledger and the definitions say about live writes.
 */

import type { Audience } from '../definitions/audiences.ts';
import type { Environment } from '../environment.ts';
import type { Arrival } from './commands.ts';

/** The last replayed change of an audience's definition. */
export interface DefinitionNote {
  readonly arrival: Arrival;
  /** When it was applied; a definition that changed later was changed by a live write. */
  readonly written: number;
}

/** Arrivals of replayed writes, by what they wrote. */
export interface ReplayNotes {
  /** profile ID → attribute ID → newest arrival */
  readonly values: Map<number, Map<number, Arrival>>;
  /** profile ID → audience ID → newest arrival */
  readonly memberships: Map<number, Map<number, Arrival>>;
  /** By audience ID. */
  readonly definitions: Map<number, DefinitionNote>;
}

export interface MembershipEvent {
  readonly audienceId: number;
  readonly arrival: Arrival;
}

/** Look-ups in what was written before the batch; used only for replays. */
export interface ReplayHistory {
  /** Newest arrival of a replay that set or removed the attribute. */
  valueNote(profileId: number, attributeId: number): Arrival | undefined;
  /** Newest arrival of a replay that set or removed the attribute of any profile, if it arrived at `time` or later. */
  anyValueNote(attributeId: number, time: number): Arrival | undefined;
  /** Newest arrival of a replay that added to or removed from the audience. */
  membershipNote(profileId: number, audienceId: number): Arrival | undefined;
  definitionNote(audienceId: number): DefinitionNote | undefined;
  /**
   * The profile's changes applied at `time` or later, walking back from ledger entry `lastChange`. `isWhole` is false
   * when changes of that time may be past their retention.
   */
  membershipChanges(lastChange: number, time: number): { events: MembershipEvent[]; isWhole: boolean };
  /** When all members of the audience were last replaced. */
  lastReplacement(audienceId: number): Arrival | undefined;
  /** The last change of the audience's members, of one of them or of all. */
  lastMemberChange(audienceId: number): Arrival | undefined;
  /** The last deleted audience with that external ID, and when it was deleted. */
  lastDeleted(
    environment: Environment,
    integration: string,
    integrationId: string,
  ): { readonly audienceId: number; readonly deleted: number } | undefined;
}

/** A ledger entry of one profile. */
export interface OwnEntry extends MembershipEvent {
  /** When it was applied; ms since the epoch. */
  readonly time: number;
  /** Number of the profile's entry before this one; 0 for none. */
  readonly previous: number;
}

/**
 * Walks a profile's entries back to `time`, for `ReplayHistory.membershipChanges`.
 * @param find returns the entry with that number; undefined if it is past its retention
 * @param prunedUntil the time up to which entries may have been removed; undefined if it is not known
 */
export function changesSince(
  find: (id: number) => OwnEntry | undefined,
  prunedUntil: () => number | undefined,
  lastChange: number,
  time: number,
): { events: MembershipEvent[]; isWhole: boolean } {
  const events: MembershipEvent[] = [];
  for (let id = lastChange; id !== 0; ) {
    const entry = find(id);
    if (entry === undefined) return { events, isWhole: (prunedUntil() ?? time + 1) <= time };
    if (entry.time < time) break;
    events.push({ audienceId: entry.audienceId, arrival: entry.arrival });
    id = entry.previous;
  }
  return { events, isWhole: true };
}

/** Live writes come after every replayed one of the same millisecond: in doubt, they are kept. */
const LIVE_PLACE = Number.MAX_SAFE_INTEGER;

/** The position of a live write applied at `time` among the arrivals. */
export function liveArrival(time: number): Arrival {
  return { time, place: LIVE_PLACE };
}

export function isNewer(one: Arrival | undefined, other: Arrival): boolean {
  return one !== undefined && (one.time > other.time || (one.time === other.time && one.place > other.place));
}

export function noReplays(): ReplayNotes {
  return { values: new Map(), memberships: new Map(), definitions: new Map() };
}

/** Records the arrival unless a newer one is recorded. */
export function noteArrival(
  notes: Map<number, Map<number, Arrival>>,
  profileId: number,
  of: number,
  arrival: Arrival,
): void {
  const noted = notes.get(profileId) ?? new Map<number, Arrival>();
  notes.set(profileId, noted);
  if (!isNewer(noted.get(of), arrival)) noted.set(of, arrival);
}

/** When the audience's definition was last changed, counting a replayed change by its arrival. */
export function definedAt(audience: Audience, note: DefinitionNote | undefined): Arrival {
  return note?.written === audience.modified ? note.arrival : liveArrival(audience.modified);
}
