/** Applies batches of hot writes: load what they need, let the domain decide, write what changed; one transaction. */

import type { Actor } from '../../domain/actor.ts';
import type { AuditRecord } from '../../domain/audit-record.ts';
import type { AttributeLimits } from '../../domain/definitions/attribute-sizes.ts';
import { valueKey } from '../../domain/definitions/attribute-values.ts';
import { integrationKey } from '../../domain/definitions/audiences.ts';
import type { Catalog } from '../../domain/definitions/catalog.ts';
import type { Environment } from '../../domain/environment.ts';
import { DomainError } from '../../domain/errors.ts';
import {
  type BatchChanges,
  type CounterChange,
  type ProfileDraft,
  profileKey,
  type RequestEntry,
  type Sequences,
  type ValueChange,
} from '../../domain/memberships/batch.ts';
import type { WriteCommand, WriteOutcome } from '../../domain/memberships/commands.ts';
import { decide } from '../../domain/memberships/decide.ts';
import { auditValues, INSERT_AUDIT_ENTRY } from '../sql/audit.ts';
import { RAISE_CATALOG_VERSION } from '../sql/catalog.ts';
import { ACTION_NUMBERS, environmentToNumber, IS_ALLOWED, parseNumbers } from '../sql/rows.ts';
import { CatalogCache } from './catalog-cache.ts';
import { keepChecksums, rowChecksum } from './checksums.ts';
import { asUnavailable, type Connection, inTransaction, sqliteCode, type TransactionTimer } from './database.ts';
import { SqliteReplayHistory } from './replay-history.ts';

interface StoredProfile {
  id: number;
  sets: string;
  last_change: number;
  last_activity: number;
  attributes_written: number;
  created: number;
  attributes: string;
}

/** Column of each sequence. */
const SEQUENCE_NAMES: Record<keyof Sequences, string> = {
  profile: 'profile',
  audience: 'audience',
  memberSet: 'member_set',
  request: 'request',
  change: 'change',
};

const HOUR_MS = 3_600_000;
/** The one writer lane of an embedded store; counters of other lanes would carry other slots. */
const SLOT = 0;

export class SqliteWriter {
  readonly database: Connection;
  readonly catalog: CatalogCache;
  /** The time everything is written with, in ms since the epoch. */
  readonly now: () => number;
  readonly #limits: AttributeLimits;
  readonly #timer: TransactionTimer | undefined;
  readonly #statements;
  readonly #replays: SqliteReplayHistory;

  constructor(database: Connection, limits: AttributeLimits, now: () => number = Date.now, timer?: TransactionTimer) {
    this.database = database;
    this.#limits = limits;
    this.#timer = timer;
    this.now = now;
    this.catalog = new CatalogCache(database);
    keepChecksums(database);
    this.#statements = prepareStatements(database);
    this.#replays = new SqliteReplayHistory(database);
  }

  /** Applies the commands in order, durably. @throws DomainError `unavailable` when the store cannot work now */
  write(commands: readonly WriteCommand[]): WriteOutcome[] {
    try {
      return this.transaction((sequences) => this.#apply(commands, sequences));
    } catch (error) {
      if (error instanceof DomainError) throw error;
      return commands.map((each) => this.#writeAlone(each));
    }
  }

  /** Decides the commands as `write` would, on what it would find, and takes it all back. */
  preview(commands: readonly WriteCommand[]): WriteOutcome[] {
    try {
      this.transaction((sequences) => {
        throw new Decided(this.#apply(commands, sequences));
      });
    } catch (error) {
      if (error instanceof Decided) return error.outcomes;
      throw error;
    }
    return [];
  }

  /** Others of the same batch may be committed by now, so even a store that cannot work is this command's answer alone. */
  #writeAlone(command: WriteCommand): WriteOutcome {
    try {
      const [outcome] = this.transaction((sequences) => this.#apply([command], sequences));
      if (outcome === undefined) throw new Error('A command got no outcome');
      return outcome;
    } catch (error) {
      if (error instanceof DomainError) return { error: error.toRecord() };
      return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }

  /**
   * Runs `work` in a write transaction with the numbers it may take; what it did to the cached catalog is forgotten when it
   * fails. @throws DomainError `unavailable` when the store cannot work now
   */
  transaction<T>(work: (sequences: Sequences) => T): T {
    try {
      return inTransaction(
        this.database,
        () => {
          const sequences = this.#loadSequences();
          const before = { ...sequences };
          const result = work(sequences);
          for (const name of Object.keys(SEQUENCE_NAMES) as (keyof Sequences)[]) {
            if (sequences[name] !== before[name]) {
              this.#statements.saveSequence.run(sequences[name], SEQUENCE_NAMES[name]);
            }
          }
          return result;
        },
        this.#timer,
      );
    } catch (error) {
      this.catalog.invalidate();
      const translated = asUnavailable(error);
      if (translated === undefined) throw error;
      translated.cause = error;
      throw translated;
    }
  }

  /** `transaction`, for work that may meet a taken name. @throws DomainError `conflict` saying `taken` */
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

  /** Raises the catalog's version within the current transaction and returns it. */
  raiseCatalogVersion(): number {
    return this.#statements.raiseVersion.get() as number;
  }

  #save(changes: BatchChanges, profiles: Iterable<ProfileDraft>, now: number): void {
    const { insertChange } = this.#statements;
    for (const request of changes.requests) this.saveRequest(request, now);
    this.saveProfiles(profiles, now);
    for (const entry of changes.ledger) {
      const { id, requestId, audienceId, profileId, action, count, previous } = entry;
      insertChange.run(id, requestId, audienceId, profileId ?? null, ACTION_NUMBERS[action], count, previous);
    }
    this.saveCounters(changes.counters, now);
    for (const [applicationId, profileIds] of changes.connections) this.#connect(applicationId, profileIds);
    this.#saveAudiences(changes, now);
    for (const { actor, record } of changes.audits) this.audit(actor, record);
    this.#replays.save(changes.replayed);
  }

  /** Adds a request to the ledger. */
  saveRequest({ id, uuid, keyId, userId, firstChange, arrival }: RequestEntry, now: number): void {
    const { time = null, place = null } = arrival ?? {};
    const row = [id, uuid, keyId ?? null, userId ?? null, now, firstChange, time, place];
    this.#statements.insertRequest.run(...row, rowChecksum(row));
  }

  #connect(applicationId: number, profileIds: Iterable<number>): void {
    let added = 0;
    for (const profileId of profileIds) added += this.#statements.connect.run(applicationId, profileId).changes;
    if (added > 0) this.#statements.countConnected.run(applicationId, added);
  }

  /** Writes the profiles that changed, with their rows in the member sets. */
  saveProfiles(profiles: Iterable<ProfileDraft>, now: number): void {
    const catalog = this.catalog.current();
    for (const profile of profiles) if (profile.changed) this.#saveProfile(profile, catalog, now);
  }

  /** Adds to the audiences' counters and hourly figures. */
  saveCounters(counters: ReadonlyMap<number, CounterChange>, now: number): void {
    const hour = Math.floor(now / HOUR_MS);
    for (const [audienceId, { joins, leaves, lastRequest }] of counters) {
      if (joins === 0 && leaves === 0) continue;
      this.#statements.saveCounter.run(audienceId, SLOT, joins - leaves, now, lastRequest);
      this.#statements.saveHour.run(audienceId, hour, SLOT, joins, leaves);
    }
  }

  #apply(commands: readonly WriteCommand[], sequences: Sequences): WriteOutcome[] {
    const catalog = this.catalog.current();
    const now = this.now();
    const profiles = this.#loadProfiles(commands);
    const memberCount = (audienceId: number): number => this.#statements.countMembers.get(audienceId) ?? 0;
    const isAllowed = (list: number, value: string): boolean =>
      this.#statements.isAllowed.get(list, value) !== undefined;
    const given = { catalog, profiles, sequences, memberCount, isAllowed, limits: this.#limits };
    const state = { ...given, history: this.#replays, now };
    const { outcomes, changes } = decide(state, commands);
    this.#save(changes, profiles.values(), now);
    return outcomes;
  }

  #loadSequences(): Sequences {
    const stored = new Map(this.#statements.loadSequences.all().map((row) => [row.name, row.next]));
    const next = (name: keyof Sequences): number => {
      const value = stored.get(SEQUENCE_NAMES[name]);
      if (value === undefined) throw new Error(`The database lacks sequence ${name}`);
      return value;
    };
    return {
      profile: next('profile'),
      audience: next('audience'),
      memberSet: next('memberSet'),
      request: next('request'),
      change: next('change'),
    };
  }

  #loadProfiles(commands: readonly WriteCommand[]): Map<string, ProfileDraft> {
    const profiles = new Map<string, ProfileDraft>();
    for (const command of commands) {
      if (command.kind === 'updateProfile' || command.kind === 'eraseProfile')
        this.loadProfile(profiles, command.caller.environment, command.integrationId);
      else if (command.kind === 'updateMemberships') {
        for (const item of command.items) this.loadProfile(profiles, command.caller.environment, item.integrationId);
      }
    }
    return profiles;
  }

  /** Adds the profile to the map, if it is known to the store and not in the map yet. */
  loadProfile(profiles: Map<string, ProfileDraft>, environment: Environment, integrationId: string): void {
    const key = profileKey(environment, integrationId);
    if (profiles.has(key)) return;
    const row = this.#statements.findProfile.get(environmentToNumber(environment), integrationId);
    if (row === undefined) return;
    const sets = parseNumbers(row.sets);
    profiles.set(key, {
      id: row.id,
      environment,
      integrationId,
      created: row.created,
      isNew: false,
      storedSets: sets,
      sets,
      attributesJson: row.attributes,
      lastActivity: row.last_activity,
      lastChange: row.last_change,
      attributesWritten: row.attributes_written,
      changed: false,
    });
  }

  #saveProfile(profile: ProfileDraft, catalog: Catalog, now: number): void {
    const { insertProfile, updateProfile, addMember, removeMember } = this.#statements;
    const sets = profile.sets.filter((set) => catalog.isSetInUse(set));
    const setsJson = JSON.stringify(sets);
    const { id, lastChange, lastActivity, attributesJson, attributesWritten } = profile;
    const { integrationId, created } = profile;
    const environment = environmentToNumber(profile.environment);
    const key = [id, environment, integrationId, created] as const;
    const state = [setsJson, lastChange, lastActivity, now, attributesWritten, attributesJson] as const;
    const checksum = rowChecksum([...key, ...state]);
    if (profile.isNew) insertProfile.run(...key, ...state, checksum);
    else updateProfile.run(...state, checksum, id);
    if (profile.valueChanges !== undefined) this.#indexValues(profile, profile.valueChanges, catalog);
    for (const set of sets) if (!profile.storedSets.includes(set)) addMember.run(set, id);
    for (const set of profile.storedSets) if (!profile.sets.includes(set)) removeMember.run(set, id);
  }

  /** Files the profile under the values it has now. */
  #indexValues(profile: ProfileDraft, changes: ReadonlyMap<string, ValueChange>, catalog: Catalog): void {
    const environment = environmentToNumber(profile.environment);
    for (const [name, { before, after }] of changes) {
      const attribute = catalog.attributes.get(name);
      if (attribute === undefined || before === after) continue;
      const { id, type } = attribute;
      const old = before === undefined ? undefined : valueKey(type, before);
      const key = after === undefined ? undefined : valueKey(type, after);
      if (old === key) continue;
      if (old !== undefined) this.#statements.removeValue.run(environment, id, old, profile.id);
      if (key !== undefined) this.#statements.addValue.run(environment, id, key, profile.id);
    }
  }

  #saveAudiences(changes: BatchChanges, now: number): void {
    if (changes.audiences.size === 0) return;
    const version = this.raiseCatalogVersion();
    // The deleted first: what follows may have taken their external IDs.
    const ordered = [...changes.audiences.values()].sort((a, b) => Number(b.deleted) - Number(a.deleted));
    for (const { audience, deleted } of ordered) {
      this.#statements.saveAudience.run({
        id: audience.id,
        environment: environmentToNumber(audience.environment),
        name: audience.name,
        description: audience.description,
        integration: audience.integration ?? null,
        integrationKey: audience.integration === undefined ? null : integrationKey(audience.integration),
        integrationId: audience.integrationId ?? null,
        createdInThirdParty: audience.createdInThirdParty ? 1 : 0,
        applicationIds: JSON.stringify(audience.applicationIds),
        memberSet: audience.memberSet,
        stagedSet: deleted ? null : (audience.stagedSet ?? null),
        created: audience.created,
        modified: audience.modified,
        deleted: deleted ? now : null,
        version,
      });
      if (deleted) {
        this.#statements.burySet.run(audience.memberSet);
        if (audience.stagedSet !== undefined) this.#statements.burySet.run(audience.stagedSet);
      }
    }
    this.catalog.advanceTo(version);
  }
}

/** Ends the transaction of a preview. */
class Decided extends Error {
  readonly outcomes: WriteOutcome[];

  constructor(outcomes: WriteOutcome[]) {
    super('decided');
    this.outcomes = outcomes;
  }
}

function prepareStatements(database: Connection) {
  return {
    loadSequences: database.prepare<[], { name: string; next: number }>('select name, next from sequences'),
    saveSequence: database.prepare<[number, string]>('update sequences set next = ? where name = ?'),
    raiseVersion: database.prepare<[], number>(RAISE_CATALOG_VERSION).pluck(),
    findProfile: database.prepare<[number, string], StoredProfile>(`
      select id, sets, last_change, last_activity, coalesce(attributes_written, modified) as attributes_written, created,
        attributes
      from profiles where environment = ? and integration_id = ?`),
    insertProfile: database.prepare(`
      insert into profiles (
        id, environment, integration_id, created, sets, last_change, last_activity, modified, attributes_written, attributes,
        checksum)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    updateProfile: database.prepare(`
      update profiles set sets = ?, last_change = ?, last_activity = ?, modified = ?, attributes_written = ?, attributes = ?,
        checksum = ?
      where id = ?`),
    addMember: database.prepare<[number, number]>('insert into members values (?, ?) on conflict do nothing'),
    removeMember: database.prepare<[number, number]>('delete from members where member_set = ? and profile_id = ?'),
    insertRequest: database.prepare(
      'insert into requests (id, uuid, key_id, user_id, time, first_change, arrived, arrived_place, checksum) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    insertChange: database.prepare('insert into membership_changes values (?, ?, ?, ?, ?, ?, ?)'),
    isAllowed: database.prepare<[number, string]>(IS_ALLOWED),
    countMembers: database
      .prepare<[number], number>('select coalesce(sum(members), 0) from audience_counters where audience_id = ?')
      .pluck(),
    saveCounter: database.prepare(`
      insert into audience_counters (audience_id, slot, members, last_change, last_request) values (?, ?, ?, ?, ?)
      on conflict do update set members = members + excluded.members, last_change = excluded.last_change,
        last_request = excluded.last_request`),
    saveHour: database.prepare(`
      insert into audience_hours (audience_id, hour, slot, joins, leaves) values (?, ?, ?, ?, ?)
      on conflict do update set joins = joins + excluded.joins, leaves = leaves + excluded.leaves`),
    connect: database.prepare<[number, number]>(
      'insert into application_profiles values (?, ?) on conflict do nothing',
    ),
    countConnected: database.prepare<[number, number]>(`
      insert into application_profile_counts values (?, ?)
      on conflict do update set profiles = profiles + excluded.profiles`),
    addValue: database.prepare<[number, number, number, number]>(
      'insert into attribute_values (environment, attribute_id, value, profile_id) values (?, ?, ?, ?) on conflict do nothing',
    ),
    removeValue: database.prepare<[number, number, number, number]>(
      'delete from attribute_values where environment = ? and attribute_id = ? and value = ? and profile_id = ?',
    ),
    saveAudience: database.prepare(`
      insert into audiences (
        id, environment, name, description, integration, integration_key, integration_id, created_in_third_party,
        application_ids, member_set, staged_set, created, modified, deleted, version)
      values (
        $id, $environment, $name, $description, $integration, $integrationKey, $integrationId, $createdInThirdParty,
        $applicationIds, $memberSet, $stagedSet, $created, $modified, $deleted, $version)
      on conflict (id) do update set
        name = excluded.name, description = excluded.description, application_ids = excluded.application_ids,
        member_set = excluded.member_set, staged_set = excluded.staged_set, modified = excluded.modified,
        deleted = excluded.deleted, version = excluded.version`),
    insertAudit: database.prepare(INSERT_AUDIT_ENTRY),
    burySet: database.prepare<[number]>('insert into dead_sets values (?) on conflict do nothing'),
  };
}
