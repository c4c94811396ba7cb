/** Reads for people use indexes: the plans of all statements show that none scans a table that grows with the data. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccessLogFilter } from '../../src/access-log/access-log.ts';
import { LogDictionary } from '../../src/storage/sqlite/access-log/dictionary.ts';
import { LogEntries } from '../../src/storage/sqlite/access-log/entries.ts';
import { LogFiguresReader } from '../../src/storage/sqlite/access-log/figures.ts';
import { FilterPlanner } from '../../src/storage/sqlite/access-log/filter-plan.ts';
import { PayloadBlocks } from '../../src/storage/sqlite/access-log/payload-blocks.ts';
import { RefusedWrites } from '../../src/storage/sqlite/access-log/refused-writes.ts';
import { RowReports } from '../../src/storage/sqlite/access-log/row-reports.ts';
import { LogTailReader } from '../../src/storage/sqlite/access-log/tail.ts';
import { UuidGroups } from '../../src/storage/sqlite/access-log/uuid-groups.ts';
import { type Connection, MEMORY, openConnection } from '../../src/storage/sqlite/database.ts';
import { migrate } from '../../src/storage/sqlite/migrate.ts';
import { SqliteReader } from '../../src/storage/sqlite/reader.ts';
import { createReaderMethods } from '../../src/storage/sqlite/reader-methods.ts';
import { StatementCache } from '../../src/storage/sqlite/statement-cache.ts';

// The tables that grow with profiles and their changes.
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

// The same for the access log, which is a database of its own.
const BIG_IN_LOG = ['entries', 'payload_blocks', 'uuid_groups', 'cause_hours', 'minutes', 'refused_writes'];

let database: Connection;
let log: Connection;
let prepared: readonly string[];
let preparedOnLog: readonly string[];

beforeAll(() => {
  database = openConnection(MEMORY);
  migrate(database, undefined);
  prepared = recorded(database, () => {
    createReaderMethods(database);
    new SqliteReader(database);
  });
  log = openConnection(MEMORY);
  log.exec(readFileSync(new URL('../../src/storage/sqlite/access-log/schema.sql', import.meta.url), 'utf8'));
  preparedOnLog = recorded(log, () => readLog(log));
});
afterAll(() => {
  database.close();
  log.close();
});

/** The statements that `work` prepares. */
function recorded(connection: Connection, work: () => void): string[] {
  const statements = new Set<string>();
  const prepare = connection.prepare.bind(connection);
  connection.prepare = (sql: string) => {
    statements.add(sql);
    return prepare(sql);
  };
  work();
  connection.prepare = prepare;
  return [...statements];
}

/** Reads the access log with every pair of filters, in both directions, from its end and from the middle. */
function readLog(connection: Connection): void {
  connection.exec("insert into operations values (1, 'cdp/updateCustomerProfile')");
  connection.exec('update state set next_id = 100');
  connection.exec("insert into keys values (1, 'My CDP', 1)");
  connection.exec("insert into causes values (1, 400, 1, 'cause', null, null)");
  const dictionary = new LogDictionary(connection);
  const statements = new StatementCache(connection);
  const planner = new FilterPlanner(statements, dictionary);
  const reports = new RowReports(connection, statements, 1);
  const refused = new RefusedWrites(connection, dictionary, statements, 1);
  const parts = {
    dictionary,
    refused,
    reports,
    blocks: new PayloadBlocks(connection),
    uuids: new UuidGroups(connection),
  };
  const entries = new LogEntries(statements, planner, parts);
  const tail = new LogTailReader(statements, planner, entries);
  new LogFiguresReader(connection);
  const filters: AccessLogFilter[] = [
    { applicationId: 1 },
    { keyId: 1 },
    { operation: 'cdp/updateCustomerProfile' },
    { method: 'PUT' },
    { statusCode: 400 },
    { statusCode: 200 },
    { status: 'success' },
    { status: 'error' },
    { cause: 'cause' },
    { path: 'cdp' },
  ];
  for (const first of [{}, ...filters]) {
    for (const second of [{}, ...filters]) {
      const filter = { ...first, ...second };
      tail.tail(filter, { epoch: 'another', id: 0 }, 100);
      for (const newestFirst of [true, false]) {
        for (const after of [undefined, { time: 5, id: 5 }]) {
          entries.walk({ filter, range: { start: 0, end: 10 }, newestFirst, after, limit: 100, payloads: true });
        }
      }
    }
  }
}

function planOf(sql: string, connection = database): string[] {
  const filled = sql.replace(/\?|[$@]\w+/g, '1');
  const steps = connection.prepare(`explain query plan ${filled}`).all() as { detail: string }[];
  return steps.map(({ detail }) => detail);
}

/** Steps of the plan that visit every row of a large table. */
function walksOf(sql: string, connection = database, big = BIG): string[] {
  const walk = new RegExp(`^SCAN (${big.join('|')})\\b`);
  return planOf(sql, connection).filter((each) => walk.test(each));
}

test('every statement that is prepared for reading uses an index', () => {
  expect(prepared.length).toBeGreaterThan(30);
  const found = prepared.map((sql) => ({ sql, walks: walksOf(sql) })).filter(({ walks }) => walks.length > 0);
  expect(found).toEqual([]);
});

test('every way to walk the access log uses an index', () => {
  expect(preparedOnLog.length).toBeGreaterThan(100);
  const found = preparedOnLog
    .map((sql) => ({ sql, walks: walksOf(sql, log, BIG_IN_LOG) }))
    .filter(({ walks }) => walks.length > 0);
  expect(found).toEqual([]);
});

test('pages of profiles are not sorted', () => {
  const pages = prepared.filter((sql) => /order by (id|profile_id) (asc|desc) limit/.test(sql));
  expect(pages).toHaveLength(8);
  for (const sql of pages) expect(planOf(sql).join('\n')).not.toContain('TEMP B-TREE');
});

test('a walk is seen', () => {
  expect(walksOf("select id from profiles where attributes like '%x%'")).toEqual(['SCAN profiles']);
});
