/** The hot writes as plain data: what a request asks of the store, and what it gets back. */

import type { ChangeCounts } from '../change-counts.ts';
import type { InexactNumbers } from '../definitions/attribute-values.ts';
import type { Attribute, AttributeType } from '../definitions/attributes.ts';
import type { Audience, Membership } from '../definitions/audiences.ts';
import type { Environment } from '../environment.ts';
import { DomainError, type ErrorRecord } from '../errors.ts';
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
  | 'ledgerPruned'
  /** The person has been erased since; not even `override` brings anything back. */
  | 'profileErased';

/** One thing a replayed write did or, if there is a reason, did not do. */
export interface ReplayEffect {
  readonly action: 'set' | 'remove' | 'join' | 'leave' | 'create' | 'rename' | 'empty' | 'delete';
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

/**
 * The key that a client gave a request, so that it is applied once however often it is sent; both hashes are in
 * hexadecimal.
 */
export interface Idempotency {
  /** Hash of the key, its owner, and what it is used for. */
  readonly scope: string;
  /** Hash of the complete request. */
  readonly fingerprint: string;
}

/** How a write creates the undefined attributes that it sets. */
export interface AttributeCreation {
  /** The description of created attributes. */
  readonly description: string;
  /**
   * Types that the caller declares, by attribute name; other types are inferred from the values. A single value is
   * converted to its declared type if the attribute has that type.
   */
  readonly types: Readonly<Record<string, AttributeType>>;
}

/** An audience that a write creates if it is unknown. */
export interface NamedAudience {
  /** The write's reference to it, which is the external ID if it is known. */
  readonly ref: string;
  /** The external ID that a new one gets; a known one may also have it. */
  readonly newId: string;
  readonly name: string;
}

/** Audiences that a write may create, in the namespace of its platform. */
export interface NamedAudiences {
  readonly audiences: readonly NamedAudience[];
  /** Whether known audiences with another name are renamed. */
  readonly renames: boolean;
}

export interface UpdateProfile extends MembershipChange {
  readonly kind: 'updateProfile';
  readonly caller: Caller;
  readonly integration: string;
  /** Merged into the profile; null removes a value. */
  readonly attributes: Readonly<Record<string, JsonValue>> | undefined;
  /** Undefined if the caller's API has no such option. */
  readonly skipUndefinedAttributes: boolean | undefined;
  /** Numbers in the attributes that parsing has altered; undefined for most. */
  readonly inexactNumbers?: InexactNumbers | undefined;
  /** The effective value: true updates `lastActivity`. */
  readonly runRuleEngine: boolean;
  readonly idempotency?: Idempotency | undefined;
  /** Audiences that must exist although their memberships do not change; usually undefined. */
  readonly onlyChecked?: readonly AudienceRef[] | undefined;
  /** Undefined if undefined attributes are refused or skipped. */
  readonly creation?: AttributeCreation | undefined;
  /** Undefined where audiences must exist. */
  readonly named?: NamedAudiences | undefined;
}

/** Attributes to merge into one of several profiles; null removes an attribute. */
export interface AttributesChange {
  readonly integrationId: string;
  readonly attributes: Readonly<Record<string, JsonValue>> | undefined;
  readonly inexactNumbers?: InexactNumbers | undefined;
}

/**
 * Requests a verdict on each row of a request, and says what happens to the others if some are refused. A row is one
 * entry of the list in the request; an item of the command is a row that matches its schema.
 */
export interface RowHandling {
  /** If false, one refused row refuses the request. */
  readonly isLenient: boolean;
  /** If more rows than this are refused, nothing is applied; undefined for no limit. Only used if lenient. */
  readonly maxErrors: number | undefined;
  /** The row of each item, counted from 0. */
  readonly places: readonly number[];
  /** Rows that do not match their schema, in order. */
  readonly refused: readonly RefusedRow[];
}

export interface RefusedRow {
  readonly place: number;
  readonly error: ErrorRecord;
}

/** The outcome of one row. An unchanged row was accepted but changed nothing. */
export interface RowVerdict {
  readonly place: number;
  readonly verdict: 'applied' | 'unchanged' | 'refused';
  /** Why it was refused. */
  readonly error?: ErrorRecord;
}

export interface UpdateProfiles {
  readonly kind: 'updateProfiles';
  readonly caller: Caller;
  /** Applied in order; a later item for the same profile wins. */
  readonly items: readonly AttributesChange[];
  /** Present if the rows are judged one by one. */
  readonly rows?: RowHandling | undefined;
  /** Whether the caller wants the resulting profiles. */
  readonly isAnswered: boolean;
  readonly idempotency?: Idempotency | undefined;
  /** Undefined if neither the caller nor its key asks for it. */
  readonly skipUndefinedAttributes?: boolean | undefined;
  /** True updates `lastActivity`. */
  readonly runRuleEngine?: boolean | undefined;
  /** Membership changes of the same profiles; undefined if the caller's API does not combine them in a request. */
  readonly memberships?: MembershipsOfProfiles | undefined;
}

/** A membership change of a profile that is among the items of its command. */
export interface MembershipOfItem extends MembershipChange {
  /** Position of that item, counted from 0. */
  readonly item: number;
}

/** Membership changes, and the namespace of their external audience IDs. */
export interface MembershipsOfProfiles {
  readonly integration: string;
  /** Applied in order; a later one for the same profile wins. A refused item takes its own with it. */
  readonly items: readonly MembershipOfItem[];
  /** Undefined where audiences must exist; an unknown one then refuses the request, even if its rows are judged. */
  readonly named?: NamedAudiences | undefined;
}

export interface UpdateMemberships {
  readonly kind: 'updateMemberships';
  readonly caller: Caller;
  readonly integration: string;
  /** Applied in order; a later item for the same profile wins. */
  readonly items: readonly MembershipChange[];
  /** Whether an item without adds is skipped if its profile is unknown; otherwise the profile is created. */
  readonly skipsUnknownProfiles?: boolean | undefined;
  /** Present if the rows are judged one by one. */
  readonly rows?: RowHandling | undefined;
}

export interface CreateAudience {
  readonly kind: 'createAudience';
  readonly caller: Caller;
  /** The audience's ID, and the name of the platform that uses it; the name is empty if no platform does. */
  readonly target: ExternalTarget | undefined;
  readonly name: string;
  /** Whether a known audience with that ID is renamed; otherwise the ID must be free. */
  readonly renames?: boolean | undefined;
  /** The creator's description of it; undefined if a platform creates it. */
  readonly details: AudienceDetails | undefined;
}

export interface AudienceDetails {
  readonly description: string;
  /** The platform of an audience that has no ID there. */
  readonly integration?: string | undefined;
  /** Undefined for the caller's own Application. */
  readonly applicationIds: readonly number[] | undefined;
  readonly createdInThirdParty: boolean;
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

/** Ends all memberships of an audience; the audience stays. */
export interface EmptyAudience {
  readonly kind: 'emptyAudience';
  readonly caller: Caller;
  readonly target: AudienceTarget;
}

/** Sets attributes of everyone who is in an audience when the command is applied. */
export interface SetAudienceAttributes {
  readonly kind: 'setAudienceAttributes';
  readonly caller: Caller;
  readonly target: AudienceTarget;
  /** Merged into each member; null removes a value. */
  readonly attributes: Readonly<Record<string, JsonValue>>;
  readonly inexactNumbers?: InexactNumbers | undefined;
  /** Undefined where undefined attributes are refused. */
  readonly skipUndefinedAttributes?: boolean | undefined;
}

/** Removes all personal data of a profile, its ID included; the empty row stays, under a pseudonym. */
export interface EraseProfile {
  readonly kind: 'eraseProfile';
  readonly caller: Caller;
  readonly integrationId: string;
}

export type WriteCommand =
  | UpdateProfile
  | UpdateProfiles
  | UpdateMemberships
  | EraseProfile
  | CreateAudience
  | UpdateAudience
  | EmptyAudience
  | DeleteAudience
  | SetAudienceAttributes;

/** How to judge the rows of a write; undefined for most writes. */
export function rowsOf(command: WriteCommand): RowHandling | undefined {
  return command.kind === 'updateMemberships' || command.kind === 'updateProfiles' ? command.rows : undefined;
}

/** The memberships of the accepted items, and the audiences that these name. */
export function ofAcceptedItems(
  { integration, items, named }: MembershipsOfProfiles,
  isAccepted: (item: number) => boolean,
): MembershipsOfProfiles {
  const kept = items.filter(({ item }) => isAccepted(item));
  if (kept.length === items.length || named === undefined) return { integration, items: kept, named };
  const refs = new Set(kept.flatMap(({ adds, deletes }) => [...adds, ...deletes]));
  return {
    integration,
    items: kept,
    named: { ...named, audiences: named.audiences.filter(({ ref }) => refs.has(ref)) },
  };
}

/** True for commands that leave less data than before: they run even when there is no room to grow. */
export function freesSpace({ kind }: WriteCommand): boolean {
  return kind === 'deleteAudience' || kind === 'emptyAudience' || kind === 'eraseProfile';
}

/** A customer profile as callers see it. */
export interface ProfileState {
  readonly id: number;
  readonly environment: Environment;
  /** A pseudonym if the profile has been erased. */
  readonly integrationId: string;
  readonly isErased?: true;
  readonly attributes: Readonly<Record<string, JsonValue>>;
  /** ascending by audience ID */
  readonly memberships: readonly Membership[];
  /** ms since the epoch */
  readonly created: number;
  /** ms since the epoch; equals `created` until the first rule-engine call */
  readonly lastActivity: number;
}

/** An audience that a write named, and what the write did to its definition. */
export interface NamedOutcome {
  readonly audience: Audience;
  readonly status: 'unmodified' | 'updated' | 'new';
}

/** A profile right after its update. */
export interface UpdatedProfile extends ProfileState {
  /** Attributes that the update created; absent if it may not create any. */
  readonly createdAttributes?: readonly Attribute[];
  /** Audiences that the update named, each once; absent if it may not create any. */
  readonly namedAudiences?: readonly NamedOutcome[];
}

/** The number of an erased profile. */
export interface ErasedProfile {
  readonly profileId: number;
}

/** The result of each command. */
export interface WriteResults {
  updateProfile: UpdatedProfile;
  /** Null if they are not wanted. */
  updateProfiles: readonly ProfileState[] | null;
  updateMemberships: null;
  eraseProfile: ErasedProfile;
  createAudience: Audience;
  updateAudience: Audience;
  emptyAudience: null;
  deleteAudience: null;
  setAudienceAttributes: null;
}

export type WriteResult = WriteResults[WriteCommand['kind']];

/**
 * The outcome of one command in a batch: its result, its refusal, or an unexpected failure (never shown to callers).
 */
export type WriteOutcome =
  | {
      readonly result: WriteResult;
      readonly changed: ChangeCounts;
      readonly effects?: ReplayEffects;
      /** True if this is the answer to an earlier request with the same idempotency key; nothing was applied. */
      readonly isRepeat?: boolean;
      /** In the order of the rows, if the command requests them. */
      readonly verdicts?: readonly RowVerdict[];
      /** The number of erased people that the write named and left alone; absent if there are none. */
      readonly leftOut?: number;
    }
  | {
      readonly error: ErrorRecord;
      readonly effects?: ReplayEffects;
      readonly leftOut?: number;
      /** Of the refused rows, if the command requests them. */
      readonly verdicts?: readonly RowVerdict[];
    }
  | { readonly failure: string };

/** The outcome of a command as it is decided, before anything can fail. */
export type DecidedOutcome = Exclude<WriteOutcome, { readonly failure: string }>;

/**
 * The outcome of a command whose transaction failed although it contained only that command. Others of its batch may
 * already be committed, so even an unavailable store is an answer to this command only.
 */
export function failedOutcome(error: unknown): WriteOutcome {
  if (error instanceof DomainError) return { error: error.toRecord() };
  return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
