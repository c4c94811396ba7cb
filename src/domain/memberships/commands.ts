/** The hot writes as plain data: what a request asks of the store, and what it gets back. */

import type { ChangeCounts } from '../change-counts.ts';
import type { InexactNumbers } from '../definitions/attribute-values.ts';
import type { Audience, Membership } from '../definitions/audiences.ts';
import type { Environment } from '../environment.ts';
import type { ErrorRecord } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';

/**
 * The position of a request in the order of arrival. Of two in the same millisecond, the one with the lower `place`
 * came first; live requests come last in theirs.
 */
export interface Arrival {
  /** ms since the epoch */
  readonly time: number;
  readonly place: number;
}

/** A replay of a refused write: it counts from the time it first arrived. */
export interface ReplayedArrival extends Arrival {
  /** Applies values and definitions even if something newer has been written since. */
  readonly override: boolean;
}

/**
 * Who makes the request, and which one it is; stored in the ledger with every change. Plain data, like the commands it
 * is part of.
 */
export interface Caller {
  /** UUID v4 of the request, as the client receives it. */
  readonly requestUuid: string;
  /** The API key used; undefined for the command line and jobs. */
  readonly keyId: number | undefined;
  /** The user who made the request in the console or with a management key. */
  readonly userId?: number | undefined;
  /** The management key used; its creator is `userId`. */
  readonly managementKeyId?: number | undefined;
  /** The Application of the key; undefined for writes of the back office, which belong to none. */
  readonly applicationId: number | undefined;
  readonly environment: Environment;
  /** Size of the request in bytes, which counts towards the backlog. */
  readonly bytes: number;
  /** Decides the write without keeping any of it. */
  readonly dry?: boolean | undefined;
  /** Present when a refused write is replayed. */
  readonly replay?: ReplayedArrival | undefined;
}

/** Why part of a replayed write was skipped. */
export type SupersededBy =
  /** A newer request for the same value or membership has been replayed before. */
  | 'newerReplay'
  /** Attributes of the profile have been written since; which ones is not recorded. */
  | 'profileWritten'
  /** According to the ledger, the membership has begun or ended since. */
  | 'membershipChanged'
  /** All members of the audience have been replaced since. */
  | 'membersReplaced'
  /** The audience has been deleted since, and possibly created again. */
  | 'audienceDeleted'
  /** The audience has been created or renamed since, or its members have changed. */
  | 'audienceChanged'
  /** The ledger no longer reaches back to when the request arrived. */
  | 'ledgerPruned';

/** One thing a replayed write did or, if there is a reason, did not do. */
export interface ReplayEffect {
  readonly action: 'set' | 'remove' | 'join' | 'leave' | 'create' | 'rename' | 'delete';
  /** The profile's ID; undefined for a change of an audience itself. */
  readonly integrationId?: string | undefined;
  readonly attribute?: string | undefined;
  readonly audienceId?: number | undefined;
  readonly reason?: SupersededBy | undefined;
}

/** The first of the effects that a replay applied and skipped, and their total numbers. */
export interface ReplayEffects {
  readonly applied: readonly ReplayEffect[];
  readonly appliedCount: number;
  readonly skipped: readonly ReplayEffect[];
  readonly skippedCount: number;
}

/**
 * How a request names an audience. The JSON type decides, and is never converted: a number is the internal ID of any
 * audience of the environment, a string the external ID inside the caller's platform.
 */
export type AudienceRef = number | string;

/** How a platform identifies an audience. */
export interface ExternalTarget {
  readonly integration: string;
  readonly integrationId: string;
}

/** How a command identifies an audience of its environment: as its platform does, or by internal ID. */
export type AudienceTarget = ExternalTarget | { readonly audienceId: number };

export interface MembershipChange {
  readonly integrationId: string;
  readonly adds: readonly AudienceRef[];
  readonly deletes: readonly AudienceRef[];
}

export interface UpdateProfile extends MembershipChange {
  readonly kind: 'updateProfile';
  readonly caller: Caller;
  readonly integration: string;
  /** Merged into the profile; null removes a value. */
  readonly attributes: Readonly<Record<string, JsonValue>> | undefined;
  readonly skipUndefinedAttributes: boolean;
  /** Numbers in the attributes that parsing has altered; undefined for most. */
  readonly inexactNumbers?: InexactNumbers | undefined;
  /** The effective value: true updates `lastActivity`. */
  readonly runRuleEngine: boolean;
  /** Audiences that must exist although their memberships do not change; undefined for most. */
  readonly onlyChecked?: readonly AudienceRef[] | undefined;
}

export interface UpdateMemberships {
  readonly kind: 'updateMemberships';
  readonly caller: Caller;
  readonly integration: string;
  /** Applied in order; a later item for the same profile wins. */
  readonly items: readonly MembershipChange[];
}

export interface CreateAudience {
  readonly kind: 'createAudience';
  readonly caller: Caller;
  /** Undefined for an audience that belongs to no platform. */
  readonly target: ExternalTarget | undefined;
  readonly name: string;
  /** What people may set; undefined when a platform creates the audience. */
  readonly byHand: { readonly description: string; readonly applicationIds: readonly number[] } | undefined;
}

/** What may change about an audience; absent parts stay unchanged. */
export interface AudienceChange {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly applicationIds?: readonly number[] | undefined;
}

export interface UpdateAudience {
  readonly kind: 'updateAudience';
  readonly caller: Caller;
  readonly target: AudienceTarget;
  readonly change: AudienceChange;
}

export interface DeleteAudience {
  readonly kind: 'deleteAudience';
  readonly caller: Caller;
  readonly target: AudienceTarget;
}

/** Removes all personal data of a profile; its empty row stays. */
export interface EraseProfile {
  readonly kind: 'eraseProfile';
  readonly caller: Caller;
  readonly integrationId: string;
}

export type WriteCommand =
  | UpdateProfile
  | UpdateMemberships
  | EraseProfile
  | CreateAudience
  | UpdateAudience
  | DeleteAudience;

/** True for commands that leave less data than before: they run even when there is no room to grow. */
export function makesRoom({ kind }: WriteCommand): boolean {
  return kind === 'deleteAudience' || kind === 'eraseProfile';
}

/** A customer profile as callers see it. */
export interface ProfileState {
  readonly id: number;
  readonly environment: Environment;
  readonly integrationId: string;
  readonly attributes: Readonly<Record<string, JsonValue>>;
  /** ascending by audience ID */
  readonly memberships: readonly Membership[];
  /** ms since the epoch */
  readonly created: number;
  /** ms since the epoch; equals `created` until the first rule-engine call */
  readonly lastActivity: number;
}

/** The result of each command. */
export interface WriteResults {
  updateProfile: ProfileState;
  updateMemberships: null;
  eraseProfile: null;
  createAudience: Audience;
  updateAudience: Audience;
  deleteAudience: null;
}

export type WriteResult = WriteResults[WriteCommand['kind']];

/**
 * The outcome of one command in a batch: its result, its refusal, or an unexpected failure (never shown to callers).
 */
export type WriteOutcome =
  | { readonly result: WriteResult; readonly changed: ChangeCounts; readonly effects?: ReplayEffects }
  | { readonly error: ErrorRecord; readonly effects?: ReplayEffects }
  | { readonly failure: string };
