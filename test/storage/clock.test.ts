/** The clock of an in-memory store: everything is written with the time the clock gives, not the real one. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import { MEMORY_URL, openStorage } from '../../src/storage/index.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { backUp, World } from './world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const START = Date.UTC(2001, 0, 1, 12);

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** Every number in every row that could be a current time, as `table.column`. */
function presentTimes(file: string): string[] {
  const database = new Database(file, { readonly: true });
  const found: string[] = [];
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").pluck().all() as string[];
  for (const table of tables.filter((each) => each !== 'schema_migrations')) {
    for (const row of database.prepare(`select * from ${table}`).all() as Record<string, unknown>[]) {
      for (const [column, value] of Object.entries(row)) {
        if (typeof value === 'number' && Math.abs(value - Date.now()) < 1000 * DAY_MS) found.push(`${table}.${column}`);
      }
    }
  }
  database.close();
  return found;
}

test('a store in memory lives through the time its clock tells', async () => {
  let time = START;
  const storage = await openStorage(MEMORY_URL, { now: () => time });
  const world = await World.create(storage);
  await world.defineAttribute('Tier', 'string');
  await world.createAudience('a');
  await world.createAudience('b');
  const before = await world.updateProfile('ada', { attributes: { Tier: 'gold' }, adds: ['a'] });
  expect(before).toMatchObject({ created: START, lastActivity: START });

  time += DAY_MS;
  expect(await world.updateProfile('ada', { deletes: ['a'], runRuleEngine: true })).toMatchObject({
    created: START,
    lastActivity: time,
  });
  await world.replaceMembers(2, ['ada', 'bob']);
  const user = await storage.accounts.createUser(COMMAND_LINE, {
    email: 'a@example.com',
    name: 'A',
    passwordHash: 'none',
    isAdmin: true,
    state: 'active',
    mustChangePassword: false,
  });
  const session = { userId: user.id, kind: 'console', hash: randomBytes(32), expires: time + DAY_MS } as const;
  await storage.accounts.createSession({ ...session, userAgent: '', address: '' });
  const key = await storage.createApiKey(COMMAND_LINE, {
    applicationId: world.live.id,
    title: 'Key',
    platform: 'none',
    type: '',
    readOnly: false,
    rateLimit: undefined,
    timeOffset: undefined,
    lenientRows: false,
    rowReports: false,
    skipUndefinedAttributes: false,
    hash: randomBytes(32),
    prefix: 'rck_',
    suffix: 'last',
    expires: time + DAY_MS,
    createdBy: undefined,
  });
  expect(key.created).toBe(time);
  await storage.deleteApiKey(COMMAND_LINE, key.id);
  expect(await world.problems()).toEqual([]);

  const copy = join(folder.path, 'copy.db');
  await backUp(storage, copy);
  await storage.close();
  expect(presentTimes(copy)).toEqual([]);
});
