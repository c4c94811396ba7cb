/**
 * The part of the port that reads for people: lists, histories and searches. Each call does a bounded amount of work, whatever
 * the size of the data, and runs beside the hot reads, never before them.
 */

import type { AttributeType, AttributeValue } from './attributes.ts';
import type { AudienceWithSize } from './audiences.ts';
import type { ChangeAction } from './decide.ts';
import type { Environment } from './environment.ts';
import type { ProfileState } from './write-commands.ts';

/** An attribute value that profiles must have, exactly. */
export interface WantedValue {
  readonly attributeId: number;
  readonly name: string;
  readonly type: AttributeType;
  /** A checked one. */
  readonly value: AttributeValue;
}

/** What profiles are wanted: all that is given must hold. */
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

/** A step of a walk through the wanted profiles, by their number. */
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

/** An entry of the ledger as people read it. */
export interface RecordedChange {
  readonly id: number;
  /** ms since the epoch */
  readonly time: number;
  readonly action: ChangeAction;
  readonly audienceId: number;
  /** As it is called now, or was when it was deleted. */
  readonly audienceName: string;
  readonly profileId: number | undefined;
  readonly integrationId: string | undefined;
  readonly count: number;
  readonly requestUuid: string;
  readonly keyId: number | undefined;
  readonly keyName: string | undefined;
  readonly userId: number | undefined;
  readonly userEmail: string | undefined;
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

export interface BrowseStorage {
  /** All audiences with their counters, ascending by ID. */
  listAudiences(): Promise<AudienceWithSize[]>;
  walkProfiles(walk: ProfileWalk): Promise<ProfileStep>;
  /** How many profiles an Application has seen. */
  countApplicationProfiles(applicationId: number): Promise<number>;
  /** The profile of that internal number. */
  findProfileByNumber(id: number): Promise<ProfileState | undefined>;
  /**
   * The memberships a profile began and ended, newest first, undefined for an unknown profile. What a replacement of all members
   * did to it is told as joined or left; that a whole audience was deleted or emptied, where the profile was in it.
   */
  profileHistory(id: number, position: HistoryPosition | undefined, limit: number): Promise<HistoryStep | undefined>;
}
