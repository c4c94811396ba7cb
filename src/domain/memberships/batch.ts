/**
 * A batch of writes as plain data: what is needed to decide it, and what it changes. Requests and ledger entries are
 * identified by their position in the batch, counted from 0. Their numbers must be in commit order, so a store reserves
 * them as late as possible, and adds the first number to each position when it saves.
 */

import type { Actor } from '../actor.ts';
import type { AuditRecord } from '../audit-record.ts';
import type { AttributeJob } from '../definitions/attribute-jobs.ts';
import type { AttributeLimits } from '../definitions/attribute-sizes.ts';
import type { IsAllowed } from '../definitions/attribute-values.ts';
import type { Attribute } from '../definitions/attributes.ts';
import type { Audience } from '../definitions/audiences.ts';
import type { Catalog } from '../definitions/catalog.ts';
import type { Environment } from '../environment.ts';
import type { JsonValue } from '../json-value.ts';
import type { Arrival, WriteCommand } from './commands.ts';
import type { ErasedPeople, ErasedPerson } from './erased-people.ts';
import type { KeptAnswer } from './idempotency.ts';
import { noReplays, type ReplayHistory, type ReplayNotes } from './replay-history.ts';

/** The value of a profile's attribute before and after the batch; undefined for no value. */
export interface ValueChange {
  readonly before: JsonValue | undefined;
  after: JsonValue | undefined;
}

/** A profile as stored, and as the batch leaves it. */
export interface ProfileDraft {
  readonly id: number;
  readonly environment: Environment;
  /** A pseudonym once the profile is erased. */
  integrationId: string;
  /** True from the erasure on: no ID refers to the profile any more. */
  isErased: boolean;
  readonly created: number;
  readonly isNew: boolean;
  /** The profile's sets when it was loaded; some may be dead by now. */
  readonly storedSets: readonly number[];
  sets: number[];
  /** JSON text: most writes pass it on without parsing it. */
  attributesJson: string;
  /** Attributes that were set or removed, by name; absent if there were none. */
  valueChanges?: Map<string, ValueChange>;
  lastActivity: number;
  /** Number of the profile's latest ledger entry before the batch; 0 for none. */
  readonly lastChange: number;
  /** Position in the batch's ledger of the profile's latest entry; undefined while the batch has none. */
  lastPlace: number | undefined;
  /** When a live write last set or removed attributes, in ms since the epoch; 0 for never. Replays do not count. */
  attributesWritten: number;
  /**
   * ID of the newest attribute job the profile is up to date with, among those pending when it was last written; 0 if
   * none was.
   */
  attributeJob: number;
  changed: boolean;
}

/** The next unused IDs of what is returned to callers; taken in order, and written back with the batch. */
export interface Sequences {
  profile: number;
  audience: number;
  memberSet: number;
  attributeJob: number;
}

/** An attribute job to be recorded. */
export interface RecordedJob {
  readonly job: AttributeJob;
  readonly requestUuid: string;
  readonly keyId: number | undefined;
  /** The number of members it applies to. */
  readonly members: number;
}

export type ChangeAction = 'joined' | 'left' | 'deleted' | 'emptied' | 'replaced';

/** One entry of the ledger. Audience-level entries have no profile and count the members concerned. */
export interface LedgerEntry {
  /** Position of its request in the batch. */
  readonly request: number;
  readonly audienceId: number;
  readonly profileId: number | undefined;
  readonly action: ChangeAction;
  readonly count: number;
  /** Number of the profile's latest entry before the batch; 0 if there is none. */
  readonly previous: number;
  /** Position of the profile's previous entry, if it is in this batch. */
  readonly previousPlace: number | undefined;
}

/** A request that changed memberships. */
export interface RequestEntry {
  readonly uuid: string;
  readonly keyId: number | undefined;
  readonly userId: number | undefined;
  /** Position of the first of its ledger entries, which are consecutive. */
  readonly firstPlace: number;
  /** When a replayed request first arrived; undefined for live ones. */
  readonly arrival: Arrival | undefined;
}

/** The joins and leaves of one audience. */
export interface CounterChange {
  joins: number;
  leaves: number;
  /** Position of the request that changed it last. */
  lastRequest: number;
}

/** An audience as the batch leaves it. */
export interface AudienceDraft {
  readonly audience: Audience;
  readonly deleted: boolean;
}

/** What a batch needs to know. `profiles` contains every known profile named by its commands, by `profileKey`. */
export interface BatchState {
  readonly catalog: Catalog;
  readonly profiles: Map<string, ProfileDraft>;
  readonly sequences: Sequences;
  /** Takes the next unused ID of an attribute; few batches need one. */
  readonly nextAttributeId: () => number;
  /** The number of members of an audience before the batch. */
  readonly memberCount: (audienceId: number) => number;
  /** Reports whether an imported list of allowed values contains a value. */
  readonly isAllowed: IsAllowed;
  readonly limits: AttributeLimits;
  /**
   * Answers that were kept before the batch for the idempotency keys of its commands, by scope; some may have expired.
   */
  readonly answers: ReadonlyMap<string, KeptAnswer>;
  readonly erased: ErasedPeople;
  /** What earlier writes left, by which replays are judged. */
  readonly history: ReplayHistory;
  /** ms since the epoch */
  readonly now: number;
}

/** What a batch changes. */
export interface BatchChanges {
  readonly requests: RequestEntry[];
  readonly ledger: LedgerEntry[];
  readonly counters: Map<number, CounterChange>;
  /** Attributes created. */
  readonly attributes: Attribute[];
  /** Audiences created, renamed or deleted, by ID. */
  readonly audiences: Map<number, AudienceDraft>;
  readonly attributeJobs: RecordedJob[];
  /** By job, the number of profiles it did not change because they would have become too large. */
  readonly tooLarge: Map<number, number>;
  /** Member sets that are no longer used; their rows are purged later. */
  readonly deadSets: number[];
  /** (Application, profile) pairs to connect, as `applicationId → profile IDs`. */
  readonly connections: Map<number, Set<number>>;
  /** Entries for the audit log. */
  readonly audits: { readonly actor: Actor; readonly record: AuditRecord }[];
  /** What was replayed, by which later replays are judged. */
  readonly replayed: ReplayNotes;
  /** Answers to keep, by the scope of their idempotency keys. */
  readonly answers: Map<string, KeptAnswer>;
  /** IDs of erased profiles, whose content must be removed from answers kept before the batch. */
  readonly forgottenInAnswers: Set<number>;
  /** Every profile erased in the batch, in order; one person may have had several. */
  readonly erased: ErasedPerson[];
}

export function noChanges(): BatchChanges {
  return {
    requests: [],
    ledger: [],
    counters: new Map(),
    attributes: [],
    audiences: new Map(),
    attributeJobs: [],
    tooLarge: new Map(),
    deadSets: [],
    connections: new Map(),
    audits: [],
    replayed: noReplays(),
    answers: new Map(),
    forgottenInAnswers: new Set(),
    erased: [],
  };
}

/**
 * The number of a profile's ledger entry, given the number or the position known to the batch.
 * @param base number of the batch's first entry
 */
export function entryNumber(stored: number, place: number | undefined, base: number): number {
  return place === undefined ? stored : base + place;
}

/**
 * The audiences in the order in which to save them: deleted ones first, since later ones may have taken their external
 * IDs.
 */
export function inSavingOrder(audiences: ReadonlyMap<number, AudienceDraft>): AudienceDraft[] {
  return [...audiences.values()].sort((a, b) => Number(b.deleted) - Number(a.deleted));
}

/**
 * A customer profile that was unknown until now.
 * @param jobs the pending attribute jobs, none of which applies to this profile
 * @param now ms since the epoch
 */
export function newProfile(
  id: number,
  environment: Environment,
  integrationId: string,
  jobs: readonly AttributeJob[],
  now: number,
): ProfileDraft {
  return {
    id,
    environment,
    integrationId,
    isErased: false,
    created: now,
    isNew: true,
    storedSets: [],
    sets: [],
    attributesJson: '{}',
    lastActivity: now,
    lastChange: 0,
    lastPlace: undefined,
    attributesWritten: 0,
    attributeJob: jobs.at(-1)?.id ?? 0,
    changed: true,
  };
}

/** Records for the index of values that a batch sets or removes a value of a profile. */
export function noteValue(
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

/** The profiles named by commands, each as often as it is named: what a store loads before it decides them. */
export function* namedProfiles(
  commands: readonly WriteCommand[],
): Generator<{ readonly environment: Environment; readonly integrationId: string }> {
  for (const command of commands) {
    const { environment } = command.caller;
    if (command.kind === 'updateProfile' || command.kind === 'eraseProfile') {
      yield { environment, integrationId: command.integrationId };
    } else if (command.kind === 'updateMemberships' || command.kind === 'updateProfiles') {
      for (const { integrationId } of command.items) yield { environment, integrationId };
    }
  }
}

/** The last profile of a person that was erased in the batch. */
export function erasedInBatch(
  { erased }: Pick<BatchChanges, 'erased'>,
  environment: Environment,
  integrationId: string,
): ErasedPerson | undefined {
  return erased.findLast((each) => each.environment === environment && each.integrationId === integrationId);
}

/** Where an erased profile is in `BatchState.profiles`: where no ID leads. */
export function erasedKey(profileId: number): string {
  return `e${profileId}`;
}

/** Distinguishes profiles of both environments in `BatchState.profiles`. */
export function profileKey(environment: Environment, integrationId: string): string {
  return environment === 'live' ? `l${integrationId}` : `s${integrationId}`;
}
