/** The part of the port that keeps profiles, memberships and the ledger, and reads them for people. */

import type { AttributeType, AttributeValue } from '../definitions/attributes.ts';
import type { AudienceReference, AudienceWithSize } from '../definitions/audiences.ts';
import type { Import } from '../definitions/imports.ts';
import type { Environment } from '../environment.ts';
import type { NoticedInList } from '../list-warnings.ts';
import type { ChangeAction } from './batch.ts';
import type { Caller, ProfileState, WriteCommand, WriteOutcome } from './commands.ts';

/** One member of an audience, for paging. */
export interface Member {
  readonly profileId: number;
  readonly integrationId: string;
}

/** The result of replacing an audience's members. */
export interface Replacement {
  /** The import it is recorded as. */
  readonly recorded: Import;
  readonly members: number;
  readonly joins: number;
  readonly leaves: number;
}

export interface ReplacementOptions {
  /** False: refuse a replacement that `isDrasticReplacement`, which nobody confirmed. */
  readonly isDrasticMeant?: boolean;
  readonly noticed?: NoticedInList;
}

/** An attribute value that profiles must have, exactly. */
export interface WantedValue {
  readonly attributeId: number;
  readonly name: string;
  readonly type: AttributeType;
  /** A checked one. */
  readonly value: AttributeValue;
}

/** Which profiles to find: everything given must hold. */
export interface ProfileFilter {
  readonly environment: Environment;
  /** Only those this Application has seen by an update. */
  readonly applicationId?: number | undefined;
  /** Any of them, at most 1000. */
  readonly integrationIds?: readonly string[] | undefined;
  /** Any of these numbers, at most 1000. */
  readonly profileIds?: readonly number[] | undefined;
  readonly values?: readonly WantedValue[] | undefined;
}

/** A step of a walk through the matching profiles, by their number. */
export interface ProfileWalk {
  readonly filter: ProfileFilter;
  readonly descending: boolean;
  /** Goes on behind this number; undefined starts. */
  readonly after: number | undefined;
  /** Wanted profiles to pass over first. */
  readonly skip: number;
  readonly limit: number;
}

export interface ProfileStep {
  readonly profiles: readonly ProfileState[];
  /** How many of `skip` were passed over. */
  readonly skipped: number;
  /** Where to go on; undefined when there are no more. May be there although fewer than `limit` were found. */
  readonly next: number | undefined;
}

/** The request that an entry of the ledger, or an audience's last change, came from. */
export interface RequestReference {
  /** ms since the epoch */
  readonly time: number;
  readonly requestUuid: string;
  readonly keyId: number | undefined;
  /** Also of a key that is expired or deleted. */
  readonly keyName: string | undefined;
  readonly userId: number | undefined;
  /** Undefined when the user was deleted. */
  readonly userEmail: string | undefined;
}

/** An entry of the ledger as people read it. */
export interface RecordedChange extends RequestReference {
  /** Ascending in the order of commits. */
  readonly id: number;
  readonly action: ChangeAction;
  readonly audienceId: number;
  /** As it is called now, or was when it was deleted. */
  readonly audienceName: string;
  /** Undefined for an audience-level entry, which counts members. */
  readonly profileId: number | undefined;
  readonly integrationId: string | undefined;
  readonly count: number;
}

/** Joins and leaves of one audience in one hour, which is counted from the epoch. */
export interface HourOfAudience {
  readonly hour: number;
  readonly joins: number;
  readonly leaves: number;
}

/** A part of a walk that is done step by step. */
export interface Slice<T> {
  readonly found: T[];
  /** Where the next step starts; undefined at the end of the walk. */
  readonly next: number | undefined;
}

/** Where a profile's history goes on: below this entry, and with this entry of its own, if it has one. */
export interface HistoryPosition {
  readonly before: number;
  readonly own: number;
}

export interface HistoryStep {
  readonly changes: readonly RecordedChange[];
  /** Undefined when there are no more. */
  readonly next: HistoryPosition | undefined;
}

/** How a part of a list compares with the members. An ID that an earlier part held does not count again. */
export interface MemberComparison {
  /** IDs that were not met before. */
  readonly distinct: number;
  /** Of these, those that are no members now. */
  readonly joins: number;
  /** Of these, those nobody knows. */
  readonly newProfiles: number;
  /** Places of IDs in this part that were met before, from 0. */
  readonly repeated: readonly number[];
}

/** How much an audience moved, and the size that came of it. */
export interface AudienceSums {
  readonly audienceId: number;
  readonly joins: number;
  readonly leaves: number;
  readonly members: number;
}

export interface AudienceWithFeed {
  readonly audience: AudienceWithSize;
  /** Undefined while no request changed its members, or when that request is forgotten. */
  readonly lastFeed: RequestReference | undefined;
}

/**
 * Lists, histories and searches. Each call does a bounded amount of work, whatever the size of the data, and runs beside the hot
 * reads, never before them.
 */
export interface BrowseStorage {
  /** All audiences, or those of the given numbers, with their counters; ascending by ID. */
  listAudiences(ids?: readonly number[]): Promise<AudienceWithSize[]>;
  /** The request that changed the audience's members last; undefined while none did, or when it is forgotten. */
  findLastFeed(audienceId: number): Promise<RequestReference | undefined>;
  /** An audience with its counters, and the request that changed its members last, as of one moment; undefined for an unknown one. */
  findAudienceWithFeed(audienceId: number): Promise<AudienceWithFeed | undefined>;
  /** The hours since `from` (inclusive) in which the audience changed, ascending, and its members after the last of them. */
  listAudienceHours(audienceId: number, from: number): Promise<{ members: number; hours: HourOfAudience[] }>;
  /** Joins and leaves of each of the audiences since an hour (inclusive), and the members after them; those that did not move are left out. */
  sumAudienceHours(audienceIds: readonly number[], from: number): Promise<AudienceSums[]>;
  /**
   * Entries of one audience below the number `before` (undefined: from the latest), newest first: at most `limit`, of a bounded
   * stretch of the ledger.
   */
  listAudienceChanges(audienceId: number, before: number | undefined, limit: number): Promise<Slice<RecordedChange>>;
  /**
   * Members with a profile number above `after`, ascending, past the first `skip` of them: at most `limit`. With a query, those
   * whose integration ID contains it in any case, of a bounded stretch of the members.
   */
  listMemberProfiles(
    audienceId: number,
    options: { after: number; skip: number; limit: number; query: string | undefined },
  ): Promise<Slice<ProfileState>>;
  walkProfiles(walk: ProfileWalk): Promise<ProfileStep>;
  /** Those of the profiles that a write changed after `time` (ms since the epoch), at most `limit`. */
  listWrittenSince(
    environment: Environment,
    integrationIds: readonly string[],
    time: number,
    limit: number,
  ): Promise<string[]>;
  /** How many profiles an Application has seen. */
  countApplicationProfiles(applicationId: number): Promise<number>;
  /** The profile of that internal number. */
  findProfileById(id: number): Promise<ProfileState | undefined>;
  /**
   * The memberships a profile began and ended, newest first, undefined for an unknown profile. What a replacement of all members
   * did to it counts as joined or left; an audience that was deleted or emptied, where the profile was in it.
   */
  profileHistory(id: number, position: HistoryPosition | undefined, limit: number): Promise<HistoryStep | undefined>;

  /**
   * Begins to compare a list with the members of an audience, part by part.
   * @returns a number to be given to the next two; it must be closed
   * @throws DomainError `not_found`, or `unavailable` while too many are open
   */
  openComparison(audienceId: number): Promise<number>;
  /** Compares the next part of the list, of at most some thousands. @throws DomainError `unavailable` when it is not open */
  compareMembers(comparison: number, integrationIds: readonly string[]): Promise<MemberComparison>;
  /** Forgets the list; unknown numbers are ignored. */
  closeComparison(comparison: number): Promise<void>;
}

export interface MembershipStorage {
  // ---- hot writes

  /**
   * Applies the commands in order in one durable transaction (promise 1): when it resolves, all that was acknowledged
   * survives a crash. Must decide each by `domain/memberships/decide.ts` on the state inside the transaction. An unexpected failure of
   * the batch must be retried one command at a time, so that one cannot spoil the others' answers.
   */
  write(commands: readonly WriteCommand[]): Promise<WriteOutcome[]>;

  /** Decides the commands in order as `write` would, in one transaction, and keeps nothing of it. */
  preview(commands: readonly WriteCommand[]): Promise<WriteOutcome[]>;

  // ---- hot reads; each sees every write that was acknowledged before it was called (promise 5)

  findProfile(environment: Environment, integrationId: string): Promise<ProfileState | undefined>;
  /** Audiences of each profile in the order asked, ascending by ID, all as of one moment; empty for an unknown profile. */
  findAudiencesOf(environment: Environment, integrationIds: readonly string[]): Promise<AudienceReference[][]>;

  // ---- back office

  /** What people look at: lists, histories, searches. */
  readonly browse: BrowseStorage;
  /** Up to `limit` members with a profile number above `after`, ascending; empty at the end. */
  listMembers(audienceId: number, after: number, limit: number): Promise<Member[]>;

  // ---- replacing all members of an audience

  /**
   * Opens a hidden member set for the audience.
   * @returns the set's number, to be given to the next three
   * @throws DomainError `conflict` while another replacement of it is under way, `not_found`
   */
  beginReplacement(audienceId: number): Promise<number>;
  /** Adds profiles to the hidden set, creating unknown ones. @throws DomainError `conflict` when the replacement was taken over */
  stageMembers(audienceId: number, set: number, integrationIds: readonly string[]): Promise<void>;
  /**
   * Makes the hidden set the audience's members, in one transaction: one audience-level ledger entry with the net joins
   * and leaves kept beside it, an entry in the list of imports, and one in the audit log unless an API key asks.
   * @throws DomainError `conflict` when it was taken over, or is drastic and not meant to be; then nothing is changed
   */
  finishReplacement(
    audienceId: number,
    set: number,
    caller: Caller,
    options?: ReplacementOptions,
  ): Promise<Replacement>;
  /** Drops the hidden set; the audience stays as it is. */
  abandonReplacement(audienceId: number, set: number): Promise<void>;
}
