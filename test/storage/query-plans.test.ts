/** What people look at is read by index: the plans of all statements prove that none walks a table that grows with the data. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, MEMORY, openConnection } from '../../src/storage/sqlite/database.ts';
import { migrate } from '../../src/storage/sqlite/migrate.ts';
import { SqliteReader } from '../../src/storage/sqlite/reader.ts';
import { createReaderMethods } from '../../src/storage/sqlite/reader-methods.ts';

// Those whose rows come with profiles and with what happens to them.
const BIG = [
  'profiles',
  'members',
  'attribute_values',
  'application_profiles',
  'membership_changes',
  'replacement_changes',
  'requests',
  'allowed_values',
  'audit_entries',
];

let database: Connection;
const prepared: string[] = [];

beforeAll(() => {
  database = openConnection(MEMORY);
  migrate(database, undefined);
  const prepare = database.prepare.bind(database);
  database.prepare = (sql: string) => {
    prepared.push(sql);
    return prepare(sql);
  };
  createReaderMethods(database);
  new SqliteReader(database);
  database.prepare = prepare;
});
afterAll(() => database.close());

function planOf(sql: string): string[] {
  const filled = sql.replace(/\?|[$@]\w+/g, '1');
  const steps = database.prepare(`explain query plan ${filled}`).all() as { detail: string }[];
  return steps.map(({ detail }) => detail);
}

/** Steps of the plan that visit every row of a big table. */
function walksOf(sql: string): string[] {
  const walk = new RegExp(`^SCAN (${BIG.join('|')})\\b`);
  return planOf(sql).filter((each) => walk.test(each));
}

test('every statement that is prepared for reading uses an index', () => {
  expect(prepared.length).toBeGreaterThan(30);
  const found = prepared.map((sql) => ({ sql, walks: walksOf(sql) })).filter(({ walks }) => walks.length > 0);
  expect(found).toEqual([]);
});

test('pages of profiles are not sorted', () => {
  const pages = prepared.filter((sql) => /order by (id|profile_id) (asc|desc) limit/.test(sql));
  expect(pages).toHaveLength(6);
  for (const sql of pages) expect(planOf(sql).join('\n')).not.toContain('TEMP B-TREE');
});

test('a walk is seen', () => {
  expect(walksOf("select id from profiles where attributes like '%x%'")).toEqual(['SCAN profiles']);
});
