/** A batch of writes as plain data: what deciding it needs to know, and what it changes. */

import type { Actor } from '../actor.ts';
import type { AuditRecord } from '../audit-record.ts';
import type { AttributeLimits } from '../definitions/attribute-sizes.ts';
import type { IsAllowed } from '../definitions/attribute-values.ts';
import type { Audience } from '../definitions/audiences.ts';
import type { Catalog } from '../definitions/catalog.ts';
import type { Environment } from '../environment.ts';
import type { JsonValue } from '../json-value.ts';
import type { Arrival } from './commands.ts';
import type { ReplayHistory, ReplayNotes } from './replay-history.ts';

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
  /** Ledger entry of the profile's latest own change; 0 for none. */
  lastChange: number;
  /** When a live write last set or removed attributes, in ms since the epoch; 0 for never. Replays do not count. */
  attributesWritten: number;
  changed: boolean;
}

/** Next unused numbers; taken in order, written back with the batch. */
export interface Sequences {
  profile: number;
  audience: number;
  memberSet: number;
  request: number;
  change: number;
}

export type ChangeAction = 'joined' | 'left' | 'deleted' | 'emptied' | 'replaced';

/** One entry of the ledger. Audience-level entries have no profile and count the members concerned. */
export interface LedgerEntry {
  readonly id: number;
  readonly requestId: number;
  readonly audienceId: number;
  readonly profileId: number | undefined;
  readonly action: ChangeAction;
  readonly count: number;
  /** The profile's entry before this one; 0 for none. */
  readonly previous: number;
}

export interface RequestEntry {
  readonly id: number;
  readonly uuid: string;
  readonly keyId: number | undefined;
  readonly userId: number | undefined;
  /** The first of its ledger entries, which are consecutive. */
  readonly firstChange: number;
  /** When a replayed request first arrived; undefined for live ones. */
  readonly arrival: Arrival | undefined;
}

export interface CounterChange {
  joins: number;
  leaves: number;
  /** The request that changed the audience's members last. */
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
  /** (Application, profile) pairs to connect, as `applicationId → profile IDs`. */
  readonly connections: Map<number, Set<number>>;
  /** What people and the command line changed, for the audit log; requests of platforms are in the access log. */
  readonly audits: { readonly actor: Actor; readonly record: AuditRecord }[];
  /** What was replayed, for later replays to be judged by. */
  readonly replayed: ReplayNotes;
}

export function profileKey(environment: Environment, integrationId: string): string {
  return environment === 'live' ? `l${integrationId}` : `s${integrationId}`;
}
