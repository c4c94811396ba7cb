/**
 * Checks what does not grow with traffic: definitions, references between them, and that sequences are above all IDs in
 * use.
 */

import { integrationKey } from '../../../domain/definitions/audiences.ts';
import { type Facts, pairs } from './facts.ts';
import type { Problems } from './problems.ts';

interface AudienceNames {
  id: number;
  environment: number;
  integration: string | null;
  integration_key: string | null;
  integration_id: string | null;
  application_ids: string;
  deleted: number | null;
}

export function checkDefinitions(facts: Facts, problems: Problems): void {
  checkVersions(facts, problems);
  checkAudiences(facts, problems);
  checkAllowedLists(facts, problems);
  for (const attribute of facts.attributes) {
    const name = `attribute ${attribute.id} '${attribute.name}'`;
    if (!isTextList(attribute.suggestions)) problems.add('json', `${name}: suggestions is not a list of texts`);
    checkApplicationIds(facts, problems, name, attribute.applicationIds);
  }
  for (const [id, applicationId] of pairs<number>(facts.database, 'select id, application_id from api_keys')) {
    if (!facts.applications.has(applicationId)) {
      problems.add('references', `API key ${id} belongs to Application ${applicationId}, which does not exist`);
    }
  }
}

/**
 * Readers load rows with a version above theirs: a row above the catalog's own version would be read again and again,
 * or never.
 */
function checkVersions({ database }: Facts, problems: Problems): void {
  const catalog = database
    .prepare<[], { version: number; epoch: string }>('select version, epoch from catalog_version')
    .get();
  if (catalog === undefined || catalog.epoch === '') {
    problems.add('catalog', 'the catalog has no version or no epoch');
    return;
  }
  for (const [kind, table] of [
    ['Application', 'applications'],
    ['attribute', 'attributes'],
    ['audience', 'audiences'],
  ]) {
    const newer = pairs<number>(
      database,
      `select id, version from ${table} where version > ${catalog.version} or version < 1`,
    );
    for (const [id, version] of newer) {
      problems.add('catalog', `${kind} ${id} has version ${version}, expected 1 to ${catalog.version}`);
    }
  }
}

function checkAudiences(facts: Facts, problems: Problems): void {
  const { database } = facts;
  const rows = database
    .prepare<[], AudienceNames>(`
      select id, environment, integration, integration_key, integration_id, application_ids, deleted
      from audiences order by id`)
    .iterate();
  for (const row of rows) {
    const name = `audience ${row.id}`;
    const expectedKey = integrationKey(row.integration ?? '');
    if ((row.integration_key ?? '') !== expectedKey) {
      problems.add('audiences', `${name} is filed under platform '${row.integration_key}', expected '${expectedKey}'`);
    }
    if (row.environment !== 0 && row.environment !== 1) {
      problems.add('environments', `${name} is in environment ${row.environment}, which does not exist`);
    }
    const applicationIds = parseJson(row.application_ids);
    if (applicationIds === undefined) problems.add('json', `${name}: application_ids is not JSON`);
    else checkApplicationIds(facts, problems, name, applicationIds);
  }
  for (const audience of facts.audiences.values()) {
    if (audience.deleted && audience.stagedSet !== null) {
      problems.add(
        'audiences',
        `audience ${audience.id} is deleted, yet set ${audience.stagedSet} is being staged for it`,
      );
    }
  }
  for (const [set, { audience }] of facts.sets) {
    if (facts.deadSets.has(set)) {
      problems.add('audiences', `set ${set} is in use by audience ${audience.id}, yet marked for removal`);
    }
  }
  const repeated = database
    .prepare<[], { ids: string; id: string }>(`
      select group_concat(id) as ids, integration_id as id from audiences
      where deleted is null and integration_id is not null
      group by environment, integration_key, integration_id having count(*) > 1`)
    .iterate();
  for (const { ids, id } of repeated) problems.add('audiences', `audiences ${ids} share the external ID '${id}'`);
}

/** Lists contain values for an attribute, now or soon, or wait for their removal; never both, never neither. */
function checkAllowedLists({ database }: Facts, problems: Problems): void {
  const used = new Map<number, number>();
  for (const column of ['allowed_list', 'staged_list']) {
    const lists = pairs<number>(database, `select ${column}, id from attributes where ${column} is not null`);
    for (const [list, attributeId] of lists) used.set(list, attributeId);
  }
  const dead = new Set(database.prepare<[], number>('select allowed_list from dead_allowed_lists').pluck().all());
  for (const [list, attributeId] of used) {
    if (!dead.has(list)) continue;
    const message = `list ${list} of allowed values is in use by attribute ${attributeId}, yet marked for removal`;
    problems.add('references', message);
  }
  const filled = database.prepare<[], number>('select allowed_list from allowed_values group by 1').pluck().iterate();
  for (const list of filled) {
    if (used.has(list) || dead.has(list)) continue;
    problems.add('references', `list ${list} of allowed values is no attribute's and not marked for removal`);
  }
}

/** Reports each Application in a list that does not exist, and a list that is not one. */
export function checkApplicationIds(facts: Facts, problems: Problems, name: string, ids: unknown): void {
  if (!Array.isArray(ids) || !ids.every(Number.isInteger)) {
    problems.add('json', `${name}: application_ids is not a list of numbers`);
    return;
  }
  for (const id of ids as number[]) {
    if (!facts.applications.has(id))
      problems.add('references', `${name} names Application ${id}, which does not exist`);
  }
}

/** Where the IDs of each sequence are stored. */
const NUMBERED: Record<string, string> = {
  profile: 'select max(id) from profiles',
  audience: 'select max(id) from audiences',
  member_set: `select max(number) from (
    select max(member_set) as number from audiences union all select max(staged_set) from audiences
    union all select max(member_set) from members union all select max(member_set) from dead_sets
    union all select max(member_set) from replacements union all select max(member_set) from replacement_changes)`,
  request: 'select max(id) from requests',
  attribute_job: `select max(number) from (
    select max(id) as number from attribute_jobs union all select max(attribute_job) from profiles)`,
  allowed_list: `select max(number) from (
    select max(allowed_list) as number from attributes union all select max(staged_list) from attributes
    union all select max(allowed_list) from allowed_values union all select max(allowed_list) from dead_allowed_lists)`,
  change:
    'select max(number) from (select max(id) as number from membership_changes union all select pruned_before - 1 from ledger_baseline)',
};

/** An ID assigned twice would join what belongs apart. */
export function checkSequences(facts: Facts, problems: Problems): void {
  for (const [name, sql] of Object.entries(NUMBERED)) {
    const next = facts.sequences.get(name);
    const highest = facts.database.prepare<[], number | null>(sql).pluck().get() ?? 0;
    if (next === undefined) problems.add('sequences', `sequence ${name} is missing`);
    else if (next <= highest)
      problems.add('sequences', `sequence ${name} gives ${next} next, but ${highest} is used already`);
  }
}

export function checkApplicationProfiles({ database, applications }: Facts, problems: Problems): void {
  const rows = database
    .prepare<[], [number, number, number | null]>(`
      select application_id, profile_id, environment
      from application_profiles left join profiles on profiles.id = profile_id`)
    .raw()
    .iterate();
  const counts = new Map<number, number>();
  for (const [applicationId, profileId, environment] of rows) {
    counts.set(applicationId, (counts.get(applicationId) ?? 0) + 1);
    const expected = applications.get(applicationId);
    const name = `the connection of profile ${profileId} with Application ${applicationId}`;
    if (expected === undefined) problems.add('references', `${name}: there is no such Application`);
    else if (environment === null) problems.add('references', `${name}: there is no such profile`);
    else if (environment !== expected) problems.add('environments', `${name} crosses environments`);
  }
  const told = pairs<number>(database, 'select application_id, profiles from application_profile_counts');
  for (const applicationId of new Set([...counts.keys(), ...told.keys()])) {
    const [count, counter] = [counts.get(applicationId) ?? 0, told.get(applicationId) ?? 0];
    if (count === counter) continue;
    problems.add(
      'counters',
      `Application ${applicationId} has seen ${count} profiles, but its counter says ${counter}`,
    );
  }
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
