/** Reads of several statements see one state, even if another connection commits between two of the statements. */

import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStorage } from '../../src/storage/index.ts';
import { copySnapshot } from '../../src/storage/sqlite/backup.ts';
import { CatalogCache } from '../../src/storage/sqlite/catalog-cache.ts';
import { openConnection } from '../../src/storage/sqlite/database.ts';
import { SqliteReader } from '../../src/storage/sqlite/reader.ts';
import { createReaderMethods } from '../../src/storage/sqlite/reader-methods.ts';
import { createWriterMethods, type WriterMethods } from '../../src/storage/sqlite/writer-methods.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { range, World } from './world.ts';

const CROWD = range(200);

let folder: ReturnType<typeof temporaryFolder>;
let world: World;
let writer: WriterMethods;
let writing: Database.Database;
let reading: Database.Database;
/** Runs before each statement of the reading connection. */
let before: (sql: string) => void;

beforeEach(async () => {
  folder = temporaryFolder();
  const path = join(folder.path, 'test.db');
  world = await World.create(await openStorage(`sqlite:${path}`));
  await world.defineAttribute('Tier', 'string');
  await world.createAudience('left');
  await world.createAudience('right');
  await world.add('left', CROWD);
  writing = openConnection(path);
  writer = createWriterMethods(writing);
  before = () => undefined;
  reading = new Database(path, { readonly: true, verbose: (sql) => before(String(sql)) });
});

afterEach(async () => {
  reading.close();
  writing.close();
  await world.storage.close();
  folder.remove();
});

/** From now on, moves all members to the other audience, in one bulk call, before each statement of a read. */
function flipBeforeEachStatement(): void {
  let [from, to] = ['left', 'right'];
  before = () => {
    const items = CROWD.map((integrationId) => ({ integrationId, adds: [to], deletes: [from] }));
    writer.write(JSON.stringify([world.bulk(items)]));
    [from, to] = [to, from];
  };
}

describe('a read of several statements', () => {
  test('of many profiles: a bulk call is seen whole or not at all', () => {
    const reader = new SqliteReader(reading);
    flipBeforeEachStatement();
    const asked = CROWD.slice(0, 20);
    const found = reader.findAudiencesOf('live', asked).map((audiences) => audiences.map(({ name }) => name).join());
    expect(new Set(found).size).toBe(1);
    expect(['Name of left', 'Name of right']).toContain(found[0]);
  });

  test('of audiences: what moved adds up to the members beside it', () => {
    const reader = createReaderMethods(reading);
    flipBeforeEachStatement();
    const sums = reader.sumAudienceHours([1, 2], 0);
    for (const { joins, leaves, members } of sums) expect(joins - leaves).toBe(members);
    expect(sums.map(({ members }) => members).sort((a, b) => a - b)).toEqual([0, CROWD.length]);
  });

  test('of a profile: its memberships are named by the catalog of the same moment', () => {
    const reader = new SqliteReader(reading);
    reader.catalog();
    // The profile is in the audience before and after; between the two, the audience gets another set of members.
    before = () => {
      const set = writer.beginReplacement(1);
      writer.stageMembers(1, set, CROWD);
      while (writer.finishReplacement(1, set, world.caller()) === undefined);
    };
    expect(reader.findProfile('live', 'profile-7')?.memberships).toEqual([{ id: 1, name: 'Name of left' }]);
    expect(reader.findAudiencesOf('live', ['profile-7'])[0]).toMatchObject([{ id: 1 }]);
  });

  test('of the catalog: what is cached is what one version holds', () => {
    const cache = new CatalogCache(reading);
    let rounds = 0;
    // An attribute is created before an audience, so a reader that sees the audience must see the attribute.
    before = () => {
      rounds += 1;
      writing.exec(`begin immediate;
        update catalog_version set version = version + 1;
        insert into attributes (entity, name, title, type, description, suggestions, restricted_by_suggestions, editable,
          application_ids, created, version)
        values ('CustomerProfile', 'A${rounds}', 'A${rounds}', 'string', '', '[]', 0, 1, '[]', 0,
          (select version from catalog_version));
        commit`);
      writer.write(JSON.stringify([world.creation(`A${rounds}`)]));
    };
    for (let read = 0; read < 5; read += 1) {
      const catalog = cache.current();
      const audiences = [...catalog.audiences()].map(({ integrationId }) => integrationId);
      const attributes = [...catalog.attributes.keys()].filter((name) => name !== 'Tier');
      expect(audiences.filter((id) => id?.startsWith('A'))).toEqual(attributes);
    }
    expect(rounds).toBeGreaterThan(10);
  });
});

describe('every read method', () => {
  const HASH = randomBytes(32);
  const FILTER = { environment: 'live' } as const;
  type Calls<Table> = Record<keyof Table, (table: Table) => unknown>;

  const HOT: Calls<Omit<SqliteReader, never>> = {
    catalog: (reader) => reader.catalog(),
    findApiKey: (reader) => reader.findApiKey(HASH),
    findSession: (reader) => reader.findSession(HASH),
    findManagementKey: (reader) => reader.findManagementKey(HASH),
    findProfile: (reader) => reader.findProfile('live', 'profile-1'),
    findAudiencesOf: (reader) => reader.findAudiencesOf('live', ['profile-1', 'profile-2']),
    findAllowed: (reader) => reader.findAllowed([1, 2].map((list) => ({ list, value: 'x' }))),
    hasUsers: (reader) => reader.hasUsers(),
    listApiKeys: (reader) => reader.listApiKeys(),
    statistics: (reader) => reader.statistics(),
  };
  const SLOW: Calls<ReturnType<typeof createReaderMethods>> = {
    listUsers: (reader) => reader.listUsers(),
    findUserByEmail: (reader) => reader.findUserByEmail('a@example.com'),
    findDevice: (reader) => reader.findDevice(Buffer.from('hash')),
    listSessions: (reader) => reader.listSessions(1),
    walkProfiles: (reader) =>
      reader.walkProfiles({ filter: FILTER, descending: false, after: undefined, skip: 0, limit: 3 }),
    listWrittenSince: (reader) => reader.listWrittenSince('live', CROWD, 0, 3),
    countApplicationProfiles: (reader) => reader.countApplicationProfiles(1),
    findProfileById: (reader) => reader.findProfileById(1),
    profileHistory: (reader) => reader.profileHistory(1, undefined, 10),
    listManagementKeys: (reader) => reader.listManagementKeys(),
    listAuditEntries: (reader) =>
      reader.listAuditEntries({}, { limit: 2, skip: 0, descending: true, after: undefined, countAll: true }),
    listAttributeJobs: (reader) => reader.listAttributeJobs(1, 10),
    listAudiences: (reader) => reader.listAudiences(),
    findAudienceWithFeed: (reader) => reader.findAudienceWithFeed(1),
    findLastFeed: (reader) => reader.findLastFeed(1),
    listAudienceHours: (reader) => reader.listAudienceHours(1, 0),
    sumAudienceHours: (reader) => reader.sumAudienceHours([1, 2], 0),
    listAudienceChanges: (reader) => reader.listAudienceChanges(1, undefined, 10),
    listMembers: (reader) => reader.listMembers(1, 0, 10),
    openComparison: (reader) => reader.openComparison(1),
    compareMembers: (reader) => reader.compareMembers(reader.openComparison(1), CROWD),
    closeComparison: (reader) => reader.closeComparison(1),
    listMemberProfiles: (reader) => reader.listMemberProfiles(1, { after: 0, skip: 0, limit: 10, query: undefined }),
  };

  /** Statements outside any transaction, grouped into runs of consecutive ones. */
  function longestLooseRun(statements: readonly string[]): number {
    let [open, run, longest] = [false, 0, 0];
    for (const sql of statements) {
      if (sql === 'begin') open = true;
      else if (sql === 'rollback') open = false;
      else if (!open) run += 1;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  async function statementsOf(work: () => unknown): Promise<string[]> {
    const statements: string[] = [];
    before = (sql) => statements.push(sql);
    await work();
    before = () => undefined;
    return statements;
  }

  test('runs one statement, or all of them in one transaction', async () => {
    const hot = new SqliteReader(reading);
    const slow = createReaderMethods(reading);
    const methods = Object.getOwnPropertyNames(SqliteReader.prototype).filter((name) => name !== 'constructor');
    expect(Object.keys(HOT).sort()).toEqual(methods.sort());
    expect(Object.keys(SLOW).sort()).toEqual(Object.keys(slow).sort());
    const calls: [string, () => unknown][] = [
      ...Object.entries(HOT).map(([name, call]): [string, () => unknown] => [name, () => call(hot)]),
      ...Object.entries(SLOW).map(([name, call]): [string, () => unknown] => [name, () => call(slow)]),
    ];
    const runs: [string, string[]][] = [];
    for (const [name, call] of calls) runs.push([name, await statementsOf(call)]);
    expect(runs.filter(([, statements]) => longestLooseRun(statements) > 1)).toEqual([]);
    expect(runs.flatMap(([, statements]) => statements).length).toBeGreaterThan(30);
  });
});

test('a file that appears while a copy is made is not written over', async () => {
  const file = join(folder.path, 'copy.db');
  // The copy has begun when the call returns.
  const copying = copySnapshot(join(folder.path, 'test.db'), file);
  writeFileSync(file, 'of another program');
  await expect(copying).rejects.toMatchObject({ code: 'conflict' });
  expect(readFileSync(file, 'utf8')).toBe('of another program');
});
