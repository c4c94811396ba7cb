/**
 * A batch of writes as plain data: what deciding it needs to know, and what it changes. Requests and ledger entries are named by
 * their place in the batch, counted from 0. Their numbers are the order of commits, so a store takes them as late as it can, and
 * adds the first number to each place when it saves.
 */

import type { Actor } from '../actor.ts';
import type { AuditRecord } from '../audit-record.ts';
import type { AttributeLimits } from '../definitions/attribute-sizes.ts';
import type { IsAllowed } from '../definitions/attribute-values.ts';
import type { Audience } from '../definitions/audiences.ts';
import type { Catalog } from '../definitions/catalog.ts';
import type { Environment } from '../environment.ts';
import type { JsonValue } from '../json-value.ts';
import type { Arrival, WriteCommand } from './commands.ts';
import { noReplays, type ReplayHistory, type ReplayNotes } from './replay-history.ts';

/** What an attribute of a profile was before the batch, and is after it; undefined where it has no value. */
export interface ValueChange {
  readonly before: JsonValue | undefined;
  after: JsonValue | undefined;
}

/** A profile as stored, and as the batch leaves it. */
export interface ProfileDraft {
  readonly id: number;
  readonly environment: Environment;
  readonly integrationId: string;
  readonly created: number;
  readonly isNew: boolean;
  /** Sets the profile was in when loaded; some may be gone by now. */
  readonly storedSets: readonly number[];
  sets: number[];
  /** JSON text: most writes carry it through unread. */
  attributesJson: string;
  /** Attributes that were set or removed, by name; absent while none was. */
  valueChanges?: Map<string, ValueChange>;
  lastActivity: number;
  /** Number of the ledger entry of the profile's latest own change before the batch; 0 for none. */
  readonly lastChange: number;
  /** Place in the batch's ledger of its latest own change; undefined while the batch made none. */
  lastPlace: number | undefined;
  /** When a live write last set or removed attributes, in ms since the epoch; 0 for never. Replays do not count. */
  attributesWritten: number;
  changed: boolean;
}

/** Next unused numbers of what answers name; taken in order, written back with the batch. */
export interface Sequences {
  profile: number;
  audience: number;
  memberSet: number;
}

export type ChangeAction = 'joined' | 'left' | 'deleted' | 'emptied' | 'replaced';

/** One entry of the ledger. Audience-level entries have no profile and count the members concerned. */
export interface LedgerEntry {
  /** Place of its request in the batch. */
  readonly request: number;
  readonly audienceId: number;
  readonly profileId: number | undefined;
  readonly action: ChangeAction;
  readonly count: number;
  /** Number of the profile's latest entry before the batch; 0 for none. */
  readonly previous: number;
  /** Place of the profile's entry before this one, where the batch made that one, too. */
  readonly previousPlace: number | undefined;
}

/** A request that changed memberships. */
export interface RequestEntry {
  readonly uuid: string;
  readonly keyId: number | undefined;
  readonly userId: number | undefined;
  /** Place of the first of its ledger entries, which are consecutive. */
  readonly firstPlace: number;
  /** When a replayed request first arrived; undefined for live ones. */
  readonly arrival: Arrival | undefined;
}

/** How much the members of one audience moved. */
export interface CounterChange {
  joins: number;
  leaves: number;
  /** Place of the request that changed them last. */
  lastRequest: number;
}

/** An audience as the batch leaves it. */
export interface AudienceDraft {
  readonly audience: Audience;
  readonly deleted: boolean;
}

/** What a batch needs to know. `profiles` holds every known profile its commands name, by `profileKey`. */
export interface BatchState {
  readonly catalog: Catalog;
  readonly profiles: Map<string, ProfileDraft>;
  readonly sequences: Sequences;
  /** Members of an audience before the batch. */
  readonly memberCount: (audienceId: number) => number;
  /** Whether an imported list of allowed values holds a value. */
  readonly isAllowed: IsAllowed;
  readonly limits: AttributeLimits;
  /** What earlier writes left for replays to be judged by. */
  readonly history: ReplayHistory;
  /** ms since the epoch */
  readonly now: number;
}

/** What a batch changes. */
export interface BatchChanges {
  readonly requests: RequestEntry[];
  readonly ledger: LedgerEntry[];
  readonly counters: Map<number, CounterChange>;
  /** Audiences created, renamed or deleted, by ID. */
  readonly audiences: Map<number, AudienceDraft>;
  /** Member sets that nothing points to from now on; their rows are purged later. */
  readonly deadSets: number[];
  /** (Application, profile) pairs to connect, as `applicationId → profile IDs`. */
  readonly connections: Map<number, Set<number>>;
  /** What people and the command line changed, for the audit log; requests of platforms are in the access log. */
  readonly audits: { readonly actor: Actor; readonly record: AuditRecord }[];
  /** What was replayed, for later replays to be judged by. */
  readonly replayed: ReplayNotes;
}

export function noChanges(): BatchChanges {
  return {
    requests: [],
    ledger: [],
    counters: new Map(),
    audiences: new Map(),
    deadSets: [],
    connections: new Map(),
    audits: [],
    replayed: noReplays(),
  };
}

/**
 * The number of a profile's ledger entry, of which a batch knows the number or the place.
 * @param base number of the batch's first entry
 */
export function entryNumber(stored: number, place: number | undefined, base: number): number {
  return place === undefined ? stored : base + place;
}

/** The audiences in an order to save them in: the deleted ones first, since those after them may have taken their external IDs. */
export function inSavingOrder(audiences: ReadonlyMap<number, AudienceDraft>): AudienceDraft[] {
  return [...audiences.values()].sort((a, b) => Number(b.deleted) - Number(a.deleted));
}

/** A customer profile that nobody knew until `now`, in ms since the epoch. */
export function newProfile(id: number, environment: Environment, integrationId: string, now: number): ProfileDraft {
  return {
    id,
    environment,
    integrationId,
    created: now,
    isNew: true,
    storedSets: [],
    sets: [],
    attributesJson: '{}',
    lastActivity: now,
    lastChange: 0,
    lastPlace: undefined,
    attributesWritten: 0,
    changed: true,
  };
}

/** The profiles that commands name, each as often as it is named: what a store loads before it decides them. */
export function* namedProfiles(
  commands: readonly WriteCommand[],
): Generator<{ readonly environment: Environment; readonly integrationId: string }> {
  for (const command of commands) {
    const { environment } = command.caller;
    if (command.kind === 'updateProfile' || command.kind === 'eraseProfile') {
      yield { environment, integrationId: command.integrationId };
    } else if (command.kind === 'updateMemberships') {
      for (const { integrationId } of command.items) yield { environment, integrationId };
    }
  }
}

/** Tells profiles of both environments apart in `BatchState.profiles`. */
export function profileKey(environment: Environment, integrationId: string): string {
  return environment === 'live' ? `l${integrationId}` : `s${integrationId}`;
}
