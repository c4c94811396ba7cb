/** How the writer loads and saves profiles: their rows, their sets, and the index of their attribute values. */

import type { Catalog } from '../../domain/definitions/catalog.ts';
import type { Environment } from '../../domain/environment.ts';
import { entryNumber, type ProfileDraft, profileKey } from '../../domain/memberships/batch.ts';
import { filedSets, refilings } from '../../domain/memberships/filing.ts';
import { environmentToNumber, ofProfileEnvironment, parseNumbers, profileEnvironment } from '../sql/rows.ts';
import { profileChecksum } from './checksums.ts';
import type { Connection } from './database.ts';

interface StoredProfile {
  id: number;
  sets: string;
  last_change: number;
  last_activity: number;
  attributes_written: number;
  attribute_job: number;
  created: number;
  attributes: string;
}

/** Includes its owner, if only its number was known. */
interface IdentifiedProfile extends StoredProfile {
  environment: number;
  integration_id: string;
}

export class SqliteProfileRows {
  readonly #statements;

  constructor(database: Connection) {
    this.#statements = prepareStatements(database);
  }

  /** Adds the profile to the map, if the store knows it and it is not in the map yet. */
  load(profiles: Map<string, ProfileDraft>, environment: Environment, integrationId: string): void {
    const key = profileKey(environment, integrationId);
    if (profiles.has(key)) return;
    const row = this.#statements.findProfile.get(environmentToNumber(environment), integrationId);
    if (row !== undefined) profiles.set(key, toDraft(row, integrationId, { environment, isErased: false }));
  }

  /** The profile with an internal ID. */
  loadById(id: number): ProfileDraft | undefined {
    const row = this.#statements.findProfileById.get(id);
    return row === undefined ? undefined : toDraft(row, row.integration_id, ofProfileEnvironment(row.environment));
  }

  /** Writes a profile with its index entries. @param firstEntry number of the batch's first ledger entry */
  save(profile: ProfileDraft, firstEntry: number, catalog: Catalog, now: number): void {
    const { insertProfile, updateProfile, renameProfile, addMember, removeMember, addValue, removeValue } =
      this.#statements;
    const { id, integrationId, created, lastActivity, attributesJson, attributesWritten, attributeJob } = profile;
    const { sets, added, removed } = filedSets(profile, catalog);
    const lastChange = entryNumber(profile.lastChange, profile.lastPlace, firstEntry);
    const key = [id, profileEnvironment(profile), integrationId, created] as const;
    const state = [
      JSON.stringify(sets),
      lastChange,
      lastActivity,
      now,
      attributesWritten,
      attributesJson,
      attributeJob,
    ] as const;
    const checksum = profileChecksum([...key, ...state]);
    if (profile.isNew) insertProfile.run(...key, ...state, checksum);
    else {
      if (profile.isErased) renameProfile.run(key[1], integrationId, id);
      updateProfile.run(...state, checksum, id);
    }
    const environment = environmentToNumber(profile.environment);
    for (const { attributeId, before, after } of refilings(profile, catalog)) {
      if (before !== undefined) removeValue.run(environment, attributeId, before, id);
      if (after !== undefined) addValue.run(environment, attributeId, after, id);
    }
    for (const set of added) addMember.run(set, id);
    for (const set of removed) removeMember.run(set, id);
  }
}

function toDraft(
  row: StoredProfile,
  integrationId: string,
  { environment, isErased }: Pick<ProfileDraft, 'environment' | 'isErased'>,
): ProfileDraft {
  const sets = parseNumbers(row.sets);
  return {
    id: row.id,
    environment,
    integrationId,
    isErased,
    created: row.created,
    isNew: false,
    storedSets: sets,
    sets,
    attributesJson: row.attributes,
    lastActivity: row.last_activity,
    lastChange: row.last_change,
    lastPlace: undefined,
    attributesWritten: row.attributes_written,
    attributeJob: row.attribute_job,
    changed: false,
  };
}

function prepareStatements(database: Connection) {
  const columns = `id, sets, last_change, last_activity, coalesce(attributes_written, modified) as attributes_written,
    attribute_job, created, attributes`;
  return {
    findProfile: database.prepare<[number, string], StoredProfile>(
      `select ${columns} from profiles where environment = ? and integration_id = ?`,
    ),
    findProfileById: database.prepare<[number], IdentifiedProfile>(
      `select ${columns}, environment, integration_id from profiles where id = ?`,
    ),
    insertProfile: database.prepare(`
      insert into profiles (
        id, environment, integration_id, created, sets, last_change, last_activity, modified, attributes_written, attributes,
        attribute_job, checksum)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    updateProfile: database.prepare(`
      update profiles set sets = ?, last_change = ?, last_activity = ?, modified = ?, attributes_written = ?, attributes = ?,
        attribute_job = ?, checksum = ?
      where id = ?`),
    renameProfile: database.prepare<[number, string, number]>(
      'update profiles set environment = ?, integration_id = ? where id = ?',
    ),
    addMember: database.prepare<[number, number]>('insert into members values (?, ?) on conflict do nothing'),
    removeMember: database.prepare<[number, number]>('delete from members where member_set = ? and profile_id = ?'),
    addValue: database.prepare<[number, number, number, number]>(
      'insert into attribute_values (environment, attribute_id, value, profile_id) values (?, ?, ?, ?) on conflict do nothing',
    ),
    removeValue: database.prepare<[number, number, number, number]>(
      'delete from attribute_values where environment = ? and attribute_id = ? and value = ? and profile_id = ?',
    ),
  };
}
