/**
 * Applies batches of hot writes: loads what they need, lets the domain decide, writes what changed, in one transaction.
 */

import type { Actor } from '../../domain/actor.ts';
import type { AuditRecord } from '../../domain/audit-record.ts';
import { type AttributeLimits, DEFAULT_ATTRIBUTE_LIMITS } from '../../domain/definitions/attribute-sizes.ts';
import type { Environment } from '../../domain/environment.ts';
import { DomainError } from '../../domain/errors.ts';
import {
  type BatchChanges,
  inSavingOrder,
  namedProfiles,
  type ProfileDraft,
  type RecordedJob,
  type Sequences,
} from '../../domain/memberships/batch.ts';
import { failedOutcome, type WriteCommand, type WriteOutcome } from '../../domain/memberships/commands.ts';
import { decide } from '../../domain/memberships/decide.ts';
import { attributeValues, INSERT_ATTRIBUTE } from '../sql/attributes.ts';
import { auditValues, INSERT_AUDIT_ENTRY } from '../sql/audit.ts';
import { RAISE_CATALOG_VERSION } from '../sql/catalog.ts';
import { IS_ALLOWED } from '../sql/rows.ts';
import { SqliteAudienceRows } from './audience-rows.ts';
import { CatalogCache } from './catalog-cache.ts';
import { keepChecksums } from './checksums.ts';
import { asUnavailable, type Connection, inTransaction, sqliteCode, type TransactionTimer } from './database.ts';
import { SqliteErasedPeople } from './erased-people.ts';
import { SqliteIdempotentAnswers } from './idempotent-answers.ts';
import { type LedgerBase, SqliteLedgerRows } from './ledger-rows.ts';
import { SqliteProfileRows } from './profile-rows.ts';
import { SqliteReplayHistory } from './replay-history.ts';

/** The next unused IDs, including those of the ledger. */
export interface StoreSequences extends Sequences {
  request: number;
  change: number;
}

export interface WriterOptions {
  readonly limits?: AttributeLimits;
  /** The clock for all writes, in ms since the epoch. */
  readonly now?: (() => number) | undefined;
  /** Called with what transactions waited for. */
  readonly timer?: TransactionTimer;
  /** Environments that keep erased people out; undefined for those that the last server on the file had. */
  readonly staysErased?: readonly Environment[] | undefined;
}

/** Column of each sequence. */
const SEQUENCE_NAMES: Record<keyof StoreSequences, string> = {
  profile: 'profile',
  audience: 'audience',
  memberSet: 'member_set',
  attributeJob: 'attribute_job',
  request: 'request',
  change: 'change',
};

export class SqliteWriter {
  readonly database: Connection;
  readonly catalog: CatalogCache;
  readonly answers: SqliteIdempotentAnswers;
  readonly erased: SqliteErasedPeople;
  /** The time of all writes, in ms since the epoch. */
  readonly now: () => number;
  readonly limits: AttributeLimits;
  readonly #timer: TransactionTimer | undefined;
  readonly #statements;
  readonly #profiles: SqliteProfileRows;
  readonly #ledger: SqliteLedgerRows;
  readonly #audiences: SqliteAudienceRows;
  readonly #replays: SqliteReplayHistory;

  constructor(database: Connection, { limits, now, timer, staysErased }: WriterOptions = {}) {
    this.database = database;
    this.limits = limits ?? DEFAULT_ATTRIBUTE_LIMITS;
    this.#timer = timer;
    this.now = now ?? Date.now;
    this.catalog = new CatalogCache(database);
    keepChecksums(database);
    this.#statements = prepareStatements(database);
    this.#profiles = new SqliteProfileRows(database);
    this.#ledger = new SqliteLedgerRows(database);
    this.#audiences = new SqliteAudienceRows(database);
    this.#replays = new SqliteReplayHistory(database);
    this.answers = new SqliteIdempotentAnswers(database);
    this.erased = new SqliteErasedPeople(database, staysErased);
  }

  /**
   * Applies the commands in order, durably. @throws DomainError `unavailable` when the store cannot work at the moment
   */
  write(commands: readonly WriteCommand[]): WriteOutcome[] {
    try {
      return this.transaction((sequences) => this.#apply(commands, sequences));
    } catch (error) {
      if (error instanceof DomainError) throw error;
      return commands.map((each) => this.#writeAlone(each));
    }
  }

  /** Decides the commands as `write` would, on the current state, and rolls everything back. */
  preview(commands: readonly WriteCommand[]): WriteOutcome[] {
    try {
      this.transaction((sequences) => {
        const version = this.catalog.version;
        const outcomes = this.#apply(commands, sequences);
        throw new Decided(outcomes, this.catalog.version !== version);
      });
    } catch (error) {
      if (error instanceof Decided) return error.outcomes;
      throw error;
    }
    return [];
  }

  #writeAlone(command: WriteCommand): WriteOutcome {
    try {
      const [outcome] = this.transaction((sequences) => this.#apply([command], sequences));
      if (outcome === undefined) throw new Error('A command got no outcome');
      return outcome;
    } catch (error) {
      return failedOutcome(error);
    }
  }

  /**
   * Runs `work` in a write transaction with the IDs it may assign; its changes to the cached catalog are discarded when
   * it fails. @throws DomainError `unavailable` when the store cannot work at the moment
   */
  transaction<T>(work: (sequences: StoreSequences) => T): T {
    try {
      return inTransaction(
        this.database,
        () => {
          const sequences = this.#loadSequences();
          const before = { ...sequences };
          const result = work(sequences);
          for (const name of Object.keys(SEQUENCE_NAMES) as (keyof StoreSequences)[]) {
            if (sequences[name] !== before[name]) {
              this.#statements.saveSequence.run(sequences[name], SEQUENCE_NAMES[name]);
            }
          }
          return result;
        },
        this.#timer,
      );
    } catch (error) {
      if (!(error instanceof Decided) || error.isCatalogChanged) this.catalog.invalidate();
      const translated = asUnavailable(error);
      if (translated === undefined) throw error;
      translated.cause = error;
      throw translated;
    }
  }

  /** `transaction`, for work that may fail because a name is taken. @throws DomainError `conflict` saying `taken` */
  insert<T>(taken: string, work: () => T): T {
    try {
      return this.transaction(work);
    } catch (error) {
      if (sqliteCode(error) === 'SQLITE_CONSTRAINT_UNIQUE') throw new DomainError('conflict', taken);
      throw error;
    }
  }

  /** Writes an entry of the audit log within the current transaction. */
  audit(actor: Actor, record: AuditRecord): void {
    this.#statements.insertAudit.run(...auditValues(actor, record, this.now()));
  }

  /** Increments the catalog's version within the current transaction and returns it. */
  raiseCatalogVersion(): number {
    return this.#statements.raiseVersion.get() as number;
  }

  /**
   * Saves what a batch changes, with the profiles that it changed, within the current transaction.
   * @param now the time it was decided with, in ms since the epoch
   * @returns the numbers of its first request and its first ledger entry
   */
  save(changes: BatchChanges, profiles: Iterable<ProfileDraft>, sequences: StoreSequences, now: number): LedgerBase {
    const base = { firstRequest: sequences.request, firstEntry: sequences.change };
    sequences.request += changes.requests.length;
    sequences.change += changes.ledger.length;
    this.#ledger.save(changes, base, now);
    this.#saveDefinitions(changes, now);
    const catalog = this.catalog.current();
    for (const profile of profiles) if (profile.changed) this.#profiles.save(profile, base.firstEntry, catalog, now);
    for (const [applicationId, profileIds] of changes.connections) this.#connect(applicationId, profileIds);
    for (const [job, profiles] of changes.tooLarge) this.#statements.countTooLarge.run(profiles, job);
    for (const set of changes.deadSets) this.#audiences.bury(set);
    for (const { actor, record } of changes.audits) this.audit(actor, record);
    this.#replays.save(changes.replayed);
    this.answers.save(changes);
    this.erased.save(changes, catalog.applications);
    return base;
  }

  /** Loads the known ones among the profiles, by `profileKey`. */
  loadProfiles(
    named: Iterable<{ readonly environment: Environment; readonly integrationId: string }>,
  ): Map<string, ProfileDraft> {
    const profiles = new Map<string, ProfileDraft>();
    for (const { environment, integrationId } of named) this.#profiles.load(profiles, environment, integrationId);
    return profiles;
  }

  /** The profile with an internal ID. */
  loadProfileById(id: number): ProfileDraft | undefined {
    return this.#profiles.loadById(id);
  }

  #apply(commands: readonly WriteCommand[], sequences: StoreSequences): WriteOutcome[] {
    const now = this.now();
    const profiles = this.loadProfiles(namedProfiles(commands));
    const { outcomes, changes } = decide(
      {
        catalog: this.catalog.current(),
        profiles,
        sequences,
        nextAttributeId: this.#attributeIds(),
        memberCount: (audienceId) => this.#ledger.countMembers(audienceId),
        isAllowed: (list, value) => this.#statements.isAllowed.get(list, value) !== undefined,
        limits: this.limits,
        answers: this.answers.load(commands),
        erased: this.erased,
        history: this.#replays,
        now,
      },
      commands,
    );
    this.save(changes, profiles.values(), sequences, now);
    return outcomes;
  }

  #loadSequences(): StoreSequences {
    const stored = new Map(this.#statements.loadSequences.all().map((row) => [row.name, row.next]));
    const next = (name: keyof StoreSequences): number => {
      const value = stored.get(SEQUENCE_NAMES[name]);
      if (value === undefined) throw new Error(`The database lacks sequence ${name}`);
      return value;
    };
    return {
      profile: next('profile'),
      audience: next('audience'),
      memberSet: next('memberSet'),
      attributeJob: next('attributeJob'),
      request: next('request'),
      change: next('change'),
    };
  }

  #saveAttributeJob({ job, requestUuid, keyId, members }: RecordedJob): void {
    const { id, audienceId, memberSet, attributes, recorded, arrived } = job;
    const source = [requestUuid, keyId ?? null, members] as const;
    const values = [audienceId, memberSet, JSON.stringify(attributes), recorded, arrived ?? null, ...source] as const;
    this.#statements.insertAttributeJob.run(id, ...values);
  }

  #connect(applicationId: number, profileIds: Iterable<number>): void {
    let added = 0;
    for (const profileId of profileIds) added += this.#statements.connect.run(applicationId, profileId).changes;
    if (added > 0) this.#statements.countConnected.run(applicationId, added);
  }

  /** Counts from the last ID, which is read when the first new one is needed. */
  #attributeIds(): () => number {
    let last: number | undefined;
    return () => {
      last = (last ?? this.#statements.lastAttributeId.get() ?? 0) + 1;
      return last;
    };
  }

  /** The cached catalog already contains the changes. */
  #saveDefinitions({ attributes, audiences, attributeJobs }: BatchChanges, now: number): void {
    if (attributes.length === 0 && audiences.size === 0 && attributeJobs.length === 0) return;
    const version = this.raiseCatalogVersion();
    for (const attribute of attributes) {
      this.#statements.insertAttribute.run(attribute.id, ...attributeValues(attribute, version));
    }
    for (const draft of inSavingOrder(audiences)) this.#audiences.save(draft, version, now);
    for (const each of attributeJobs) this.#saveAttributeJob(each);
    this.catalog.advanceTo(version);
  }
}

/** Ends the transaction of a preview. */
class Decided extends Error {
  readonly outcomes: WriteOutcome[];
  /** Whether the cached catalog contains changes that were rolled back. */
  readonly isCatalogChanged: boolean;

  constructor(outcomes: WriteOutcome[], isCatalogChanged: boolean) {
    super('decided');
    this.outcomes = outcomes;
    this.isCatalogChanged = isCatalogChanged;
  }
}

function prepareStatements(database: Connection) {
  return {
    loadSequences: database.prepare<[], { name: string; next: number }>('select name, next from sequences'),
    saveSequence: database.prepare<[number, string]>('update sequences set next = ? where name = ?'),
    raiseVersion: database.prepare<[], number>(RAISE_CATALOG_VERSION).pluck(),
    isAllowed: database.prepare<[number, string]>(IS_ALLOWED),
    connect: database.prepare<[number, number]>(
      'insert into application_profiles values (?, ?) on conflict do nothing',
    ),
    countConnected: database.prepare<[number, number]>(`
      insert into application_profile_counts values (?, ?)
      on conflict do update set profiles = profiles + excluded.profiles`),
    insertAudit: database.prepare(INSERT_AUDIT_ENTRY),
    // Never reused after a deletion, like IDs that the engine assigns.
    lastAttributeId: database.prepare<[], number>("select seq from sqlite_sequence where name = 'attributes'").pluck(),
    insertAttribute: database.prepare(INSERT_ATTRIBUTE),
    insertAttributeJob: database.prepare(`
      insert into attribute_jobs (id, audience_id, member_set, attributes, recorded, arrived, request_uuid, key_id, members)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    countTooLarge: database.prepare<[number, number]>(
      'update attribute_jobs set too_large = too_large + ? where id = ?',
    ),
  };
}
