/**
 * Checks who may use the back office, and the record of what they did: small tables, except the audit log, which is
 * streamed.
 */

import { checkApplicationIds, parseJson } from './definitions.ts';
import { type Facts, pairs } from './facts.ts';
import type { Problems } from './problems.ts';

interface GrantRow {
  id: number;
  endpoints: string;
  application_ids: string;
}

export function checkAccounts(facts: Facts, problems: Problems): void {
  const { database } = facts;
  // A user is deleted together with the sessions and the known browsers.
  const orphans = pairs<number>(
    database,
    'select id, user_id from sessions where user_id not in (select id from users) order by id',
  );
  for (const [id, userId] of orphans) {
    problems.add('references', `session ${id} belongs to user ${userId}, who does not exist`);
  }
  const strays = database
    .prepare<[], number>('select user_id from devices where user_id not in (select id from users) order by user_id')
    .pluck()
    .all();
  for (const userId of strays)
    problems.add('references', `a known browser belongs to user ${userId}, who does not exist`);
  const keys = database
    .prepare<[], GrantRow>('select id, endpoints, application_ids from management_keys order by id')
    .iterate();
  for (const key of keys) {
    const name = `management key ${key.id}`;
    if (!isEndpointList(parseJson(key.endpoints)))
      problems.add('json', `${name}: endpoints is not a list of operations`);
    checkApplicationIds(facts, problems, name, parseJson(key.application_ids));
  }
  const entries = database
    .prepare<[], number>(`
      select id from audit_entries where not (json_valid(coalesce(old, '{}')) and json_valid(coalesce(new, '{}')))`)
    .pluck()
    .iterate();
  for (const id of entries) problems.add('json', `audit entry ${id}: the state before or after is not JSON`);
}

function isEndpointList(value: unknown): boolean {
  const isEndpoint = (each: unknown): boolean => {
    const { method, path } = (each ?? {}) as { method?: unknown; path?: unknown };
    return typeof method === 'string' && typeof path === 'string';
  };
  return Array.isArray(value) && value.length > 0 && value.every(isEndpoint);
}
