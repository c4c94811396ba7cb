/** The part of the port that stores profiles, memberships and the ledger, and reads them for people. */

import type { AttributeType, AttributeValue } from '../definitions/attributes.ts';
import type { AudienceReference, AudienceWithSize } from '../definitions/audiences.ts';
import type { Import } from '../definitions/imports.ts';
import type { Environment } from '../environment.ts';
import type { NoticedInList } from '../list-warnings.ts';
import type { ChangeAction } from './batch.ts';
import type { Caller, ProfileState, WriteCommand, WriteOutcome } from './commands.ts';
import type { ErasedPerson } from './erased-people.ts';

/** An attribute job as it is listed; the last thousand are kept. */
export interface AttributeJobReport {
  readonly id: number;
  readonly audienceId: number;
  /** Its current name, or its last one if it has been deleted. */
  readonly audienceName: string;
  readonly environment: Environment;
  /** The names of the attributes it sets or removes. */
  readonly attributes: readonly string[];
  /** ms since the epoch */
  readonly recorded: number;
  readonly requestUuid: string;
  readonly keyId: number | undefined;
  /** The number of members when it was recorded. */
  readonly members: number;
  /** The number of these that have been processed. */
  readonly done: number;
  /** The number of these that were not changed because they would have become too large. */
  readonly tooLarge: number;
  /** When the last member was written, in ms since the epoch; undefined while it is pending. */
  readonly finished: number | undefined;
}

/** The result of a step in writing attribute jobs. */
export interface AttributeJobStep {
  /** True if there is more to do at once. */
  readonly more: boolean;
  readonly finished: readonly AttributeJobReport[];
}

/** One member of an audience, for paging. */
export interface Member {
  readonly profileId: number;
  readonly integrationId: string;
}

/** The result of replacing an audience's members. */
export interface Replacement {
  /** The import as it was recorded. */
  readonly recorded: Import;
  readonly members: number;
  readonly joins: number;
  readonly leaves: number;
}

export interface ReplacementOptions {
  /** False refuses a replacement for which `isDrasticReplacement`, because nobody confirmed it. */
  readonly isDrasticMeant?: boolean;
  readonly noticed?: NoticedInList;
}

/** An attribute value that profiles must have, exactly. */
export interface WantedValue {
  readonly attributeId: number;
  readonly name: string;
  readonly type: AttributeType;
  /** A checked value. */
  readonly value: AttributeValue;
}

/** The profiles to find: all given conditions must hold. */
export interface ProfileFilter {
  readonly environment: Environment;
  /** Only those updated through this Application. */
  readonly applicationId?: number | undefined;
  /** Any of them, at most 1000. */
  readonly integrationIds?: readonly string[] | undefined;
  /** Any of these internal IDs, at most 1000. */
  readonly profileIds?: readonly number[] | undefined;
  readonly values?: readonly WantedValue[] | undefined;
}

/** A step in reading the matching profiles, ordered by number. */
export interface ProfileWalk {
  readonly filter: ProfileFilter;
  readonly descending: boolean;
  /** Continues after this ID; undefined starts. */
  readonly after: number | undefined;
  /** Number of wanted profiles to skip. */
  readonly skip: number;
  readonly limit: number;
}

export interface ProfileStep {
  readonly profiles: readonly ProfileState[];
  /** How many of `skip` were skipped. */
  readonly skipped: number;
  /** Where to continue; undefined when there are no more. May be present even if fewer than `limit` were found. */
  readonly next: number | undefined;
}

/** The request of a ledger entry, or of an audience's last change. */
export interface RequestReference {
  /** ms since the epoch */
  readonly time: number;
  readonly requestUuid: string;
  readonly keyId: number | undefined;
  /** Set even for a key that is expired or deleted. */
  readonly keyName: string | undefined;
  readonly userId: number | undefined;
  /** Undefined when the user was deleted. */
  readonly userEmail: string | undefined;
}

/** An entry of the ledger in readable form. */
export interface RecordedChange extends RequestReference {
  /** Ascending in commit order. */
  readonly id: number;
  readonly action: ChangeAction;
  readonly audienceId: number;
  /** Its current name, or its last name if it has been deleted. */
  readonly audienceName: string;
  /** Undefined for an audience-level entry, which counts members. */
  readonly profileId: number | undefined;
  /** Undefined if the profile has been erased, and for an audience-level entry. */
  readonly integrationId: string | undefined;
  readonly count: number;
}

/** Joins and leaves of one audience in one hour, which is counted from the epoch. */
export interface HourOfAudience {
  readonly hour: number;
  readonly joins: number;
  readonly leaves: number;
}

/** One step of a walk. */
export interface Slice<T> {
  readonly found: T[];
  /** Where the next step starts; undefined at the end of the walk. */
  readonly next: number | undefined;
}

/** Where a profile's history continues: below this entry, starting with this entry of its own, if it has one. */
export interface HistoryPosition {
  readonly before: number;
  readonly own: number;
}

export interface HistoryStep {
  readonly changes: readonly RecordedChange[];
  /** Undefined when there are no more. */
  readonly next: HistoryPosition | undefined;
}

/**
 * The result of comparing part of a list with the members. An ID that occurred in an earlier part does not count again.
 */
export interface MemberComparison {
  /** Number of IDs that did not occur before. */
  readonly distinct: number;
  /** Of these, the number that are not members now. */
  readonly joins: number;
  /** Of these, the number that are unknown. */
  readonly newProfiles: number;
  /** Positions in this part of IDs that occurred before, from 0. */
  readonly repeated: readonly number[];
}

/** How much an audience moved, and its resulting size. */
export interface AudienceSums {
  readonly audienceId: number;
  readonly joins: number;
  readonly leaves: number;
  readonly members: number;
}

export interface AudienceWithFeed {
  readonly audience: AudienceWithSize;
  /** Undefined if no request has changed its members, or if that request is no longer known. */
  readonly lastFeed: RequestReference | undefined;
}

/**
 * Lists, histories and searches. Each call does a bounded amount of work, whatever the size of the data, and runs in
 * parallel with the hot reads, never before them.
 */
export interface BrowseStorage {
  /** All audiences, or those with the given IDs, with their counters; ascending by ID. */
  listAudiences(ids?: readonly number[]): Promise<AudienceWithSize[]>;
  /** The request that last changed the audience's members; undefined if there is none, or if it is no longer known. */
  findLastFeed(audienceId: number): Promise<RequestReference | undefined>;
  /**
   * An audience with its counters, and the request that last changed its members, as of one moment; undefined for an
   * unknown audience.
   */
  findAudienceWithFeed(audienceId: number): Promise<AudienceWithFeed | undefined>;
  /**
   * The hours since `from` (inclusive) in which the audience changed, ascending, and its members after the last of
   * them.
   */
  listAudienceHours(audienceId: number, from: number): Promise<{ members: number; hours: HourOfAudience[] }>;
  /**
   * Joins and leaves of each audience since an hour (inclusive), and its members afterwards; audiences that did not
   * move are left out.
   */
  sumAudienceHours(audienceIds: readonly number[], from: number): Promise<AudienceSums[]>;
  /**
   * Entries of one audience below the number `before` (undefined: from the latest), newest first: at most `limit`, from
   * a bounded part of the ledger.
   */
  listAudienceChanges(audienceId: number, before: number | undefined, limit: number): Promise<Slice<RecordedChange>>;
  /**
   * Members with a profile ID above `after`, ascending, without the first `skip` of them: at most `limit`. With a
   * query, those whose integration ID contains it in any case, from a bounded part of the members.
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
  /**
   * Lists the newest attribute jobs, including finished ones, newest first; only those of one audience, if one is
   * given.
   */
  listAttributeJobs(audienceId: number | undefined, limit: number): Promise<AttributeJobReport[]>;
  /** The number of profiles an Application has seen. */
  countApplicationProfiles(applicationId: number): Promise<number>;
  /** The profile with that internal ID, including an erased one, which no list and no search contains. */
  findProfileById(id: number): Promise<ProfileState | undefined>;
  /**
   * The memberships a profile began and ended, newest first, undefined for an unknown profile. What a replacement of all members
   * did to it counts as joined or left; an audience that was deleted or emptied, where the profile was in it.
   */
  profileHistory(id: number, position: HistoryPosition | undefined, limit: number): Promise<HistoryStep | undefined>;

  /**
   * Begins to compare a list with the members of an audience, part by part.
   * @returns a number to be passed to the next two; it must be closed
   * @throws DomainError `not_found`, or `unavailable` while too many are open
   */
  openComparison(audienceId: number): Promise<number>;
  /**
   * Compares the next part of the list, at most some thousand IDs. @throws DomainError `unavailable` when it is not
   * open
   */
  compareMembers(comparison: number, integrationIds: readonly string[]): Promise<MemberComparison>;
  /** Closes the comparison; unknown numbers are ignored. */
  closeComparison(comparison: number): Promise<void>;
}

export interface MembershipStorage {
  // ---- hot writes

  /**
   * Applies the commands in order in one durable transaction (promise 1): when it resolves, everything acknowledged
   * survives a crash. Must decide each with `domain/memberships/decide.ts` on the state inside the transaction. After
   * an unexpected failure the batch must be retried one command at a time, so that one cannot spoil the answers of the
   * others.
   */
  write(commands: readonly WriteCommand[]): Promise<WriteOutcome[]>;

  /** Decides the commands in order as `write` would, in one transaction, without keeping anything. */
  preview(commands: readonly WriteCommand[]): Promise<WriteOutcome[]>;

  // ---- hot reads; each sees every write that was acknowledged before it was called (promise 5)

  findProfile(environment: Environment, integrationId: string): Promise<ProfileState | undefined>;
  /**
   * Audiences of each profile in the order given, ascending by ID, all as of one moment; empty for an unknown profile.
   */
  findAudiencesOf(environment: Environment, integrationIds: readonly string[]): Promise<AudienceReference[][]>;

  // ---- back office

  /** Lists, histories and searches, for people. */
  readonly browse: BrowseStorage;
  /** Up to `limit` members with a profile ID above `after`, ascending; empty at the end. */
  listMembers(audienceId: number, after: number, limit: number): Promise<Member[]>;

  // ---- erasures, each of which is unfinished from its write until `finishErasure`

  /** The oldest unfinished ones. */
  listUnfinishedErasures(limit: number): Promise<ErasedPerson[]>;
  /** Forgets the ID of an erased person, of whom no trace is left elsewhere. Unknown numbers are ignored. */
  finishErasure(profileId: number): Promise<void>;

  // ---- replacing all members of an audience

  /**
   * Opens a hidden member set for the audience.
   * @returns the set's number, to be passed to the next three
   * @throws DomainError `conflict` while another replacement of it is in progress, `not_found`
   */
  beginReplacement(audienceId: number): Promise<number>;
  /**
   * Adds profiles to the hidden set, creating unknown ones. @throws DomainError `conflict` when the replacement has
   * been taken over
   */
  stageMembers(audienceId: number, set: number, integrationIds: readonly string[]): Promise<void>;
  /**
   * Makes the hidden set the audience's members, in one transaction: one audience-level ledger entry with the net joins
   * and leaves, an entry in the list of imports, and one in the audit log unless the caller is an API key.
   * @throws DomainError `conflict` when it has been taken over, or is drastic and not confirmed; nothing is changed
   * then
   */
  finishReplacement(
    audienceId: number,
    set: number,
    caller: Caller,
    options?: ReplacementOptions,
  ): Promise<Replacement>;
  /** Drops the hidden set; the audience is unchanged. */
  abandonReplacement(audienceId: number, set: number): Promise<void>;
}
