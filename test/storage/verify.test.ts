/** Every check of `verify` can fail: the file is damaged in one way, and exactly that is reported. */

import { closeSync, copyFileSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import type { VerifyProblem } from '../../src/domain/storage.ts';
import { openStorage } from '../../src/storage/index.ts';
import { openConnection } from '../../src/storage/sqlite/database.ts';
import { verifyDatabase } from '../../src/storage/sqlite/verify.ts';
import { under } from './conformance/idempotency.ts';
import { temporaryFolder } from './temporary-folder.ts';
import {
  ANSWERS,
  ATTRIBUTE_JOBS,
  DEFINITIONS,
  ERASURES,
  LEDGER,
  MEMBERS,
  PRUNED,
  type SpoiltCase,
} from './verify-cases.ts';
import { range, World } from './world.ts';

/** Fills a store as described in `verify-cases.ts`. */
async function fill(url: string): Promise<void> {
  const world = await World.create(await openStorage(url));
  await world.defineAttribute('Tier', 'string');
  await world.defineAttribute('Score', 'number', [1]);
  for (const integrationId of ['a', 'b']) await world.createAudience(integrationId);
  await world.createAudience('s', 'sandbox');
  for (const integrationId of ['gone', 'replaced', 'staging']) await world.createAudience(integrationId);
  await world.updateProfile('p', { attributes: { Tier: 'gold', Score: 1 }, adds: ['a', 'b'] });
  await world.updateProfile('q', { adds: ['a'] });
  await world.updateProfile('q', { deletes: ['a'] });
  await world.updateProfile('q', { adds: ['a'] });
  await world.updateProfile('s1', { adds: ['s'] }, 'sandbox');
  await world.updateProfile('p', { adds: ['gone'] });
  await world.write(world.deletion('gone'));
  await world.updateProfile('r', { adds: ['replaced'] });
  await world.replaceMembers(5, ['p', 'q']);
  const set = await world.storage.beginReplacement(6);
  await world.storage.stageMembers(6, set, ['p', 'q']);
  await world.storage.createApiKey(COMMAND_LINE, {
    applicationId: 1,
    title: 'k',
    platform: 'none',
    type: '',
    readOnly: false,
    rateLimit: undefined,
    timeOffset: undefined,
    lenientRows: false,
    rowReports: false,
    skipUndefinedAttributes: false,
    prefix: 'rck_',
    suffix: 'abcd',
    expires: 1,
    createdBy: undefined,
    hash: Buffer.alloc(32),
  });
  await world.write({ ...world.update('p'), idempotency: under('k') });
  await world.write(world.update('erased'), world.erasure('erased'));
  expect(await world.problems()).toEqual([]);
  await world.storage.close();
}

/** Removes the checksums, which would otherwise report every change as damage as well. */
function withoutChecksums(file: string): void {
  const database = new Database(file);
  database.exec('update profiles set checksum = null; update requests set checksum = null; delete from row_checksums');
  database.close();
}

function problemsIn(file: string): VerifyProblem[] {
  const problems: VerifyProblem[] = [];
  const database = openConnection(file, { readonly: true });
  try {
    verifyDatabase(
      database,
      (problem) => problems.push(problem),
      () => {},
    );
  } finally {
    database.close();
  }
  return problems;
}

describe('verify', () => {
  const folder = temporaryFolder();
  const whole = join(folder.path, 'whole.db');
  const pruned = join(folder.path, 'pruned.db');
  const sealed = join(folder.path, 'sealed.db');
  let copies = 0;

  beforeAll(async () => {
    await fill(`sqlite:${whole}`);
    copyFileSync(whole, sealed);
    withoutChecksums(whole);
    copyFileSync(whole, pruned);
    const database = new Database(pruned);
    // As `pruneLedger` leaves it when the first four requests are past their retention.
    database.exec(`delete from membership_changes where id < 5; delete from requests where first_change < 5;
      update ledger_baseline set pruned_before = 5`);
    database.close();
    expect(problemsIn(pruned)).toEqual([]);
  });
  afterAll(() => folder.remove());

  function spoil(source: string, sql: string): string {
    copies += 1;
    const file = join(folder.path, `copy-${copies}.db`);
    copyFileSync(source, file);
    const database = new Database(file);
    database.unsafeMode(true);
    database.exec(sql);
    database.close();
    return file;
  }

  function declare(source: string, cases: readonly SpoiltCase[]): void {
    test.each(cases)('reports %s', (_title, sql, checks, says) => {
      const problems = problemsIn(spoil(source, sql));
      expect([...new Set(problems.map((each) => each.check))].sort(), JSON.stringify(problems, undefined, 1)).toEqual(
        checks,
      );
      expect(problems.map((each) => each.message).join('\n')).toMatch(says);
    });
  }

  describe('definitions', () => declare(whole, DEFINITIONS));
  describe('members and profiles', () => declare(whole, MEMBERS));
  describe('the ledger', () => declare(whole, LEDGER));
  describe('answers kept under idempotency keys', () => declare(whole, ANSWERS));
  describe('erasures', () => declare(whole, ERASURES));
  describe('attribute jobs', () => declare(whole, ATTRIBUTE_JOBS));
  describe('a pruned ledger', () => declare(pruned, PRUNED));

  describe('rows that are not what was written', () => {
    test.each([
      ['applications', "name = 'Shop'"],
      ['attributes', "description = 'x'"],
      ['audiences', 'created = created + 1'],
      ['api_keys', 'expires = expires + 1'],
      ['audit_entries', 'created = created + 1'],
      ['imports', 'amount = amount + 1'],
      ['requests', 'time = time + 1'],
      ['profiles', 'last_activity = last_activity - 1'],
      ['profiles', 'attribute_job = attribute_job + 1'],
      ['profiles', 'checksum = checksum + 1'],
    ])('%s, by its number: %s', (table, change) => {
      const id = (new Database(sealed, { readonly: true }).prepare(`select max(id) from ${table}`).pluck().get() ??
        0) as number;
      const found = problemsIn(spoil(sealed, `update ${table} set ${change} where id = ${id}`));
      const checksums = found.filter(({ check }) => check === 'checksums');
      expect(checksums).toEqual([
        { check: 'checksums', message: `${table}, row ${id}: its content differs from what was written` },
      ]);
    });

    test('one that is gone', () => {
      const found = problemsIn(spoil(sealed, 'delete from imports where id = 1'));
      expect(found).toEqual([
        { check: 'checksums', message: 'imports, row 1: it is missing, but its checksum exists' },
      ]);
    });
  });

  test('reports an index that lacks rows', () => {
    const file = spoil(
      whole,
      "pragma writable_schema = on; update sqlite_schema set sql = replace(sql, '(environment, integration_id)', '(integration_id, environment)') where name = 'profiles_integration_id'",
    );
    const problems = problemsIn(file);
    expect(new Set(problems.map((each) => each.check))).toEqual(new Set(['file']));
    expect(problems[0]?.message).toMatch(/profiles_integration_id/);
  });

  test('reports a damaged page, and goes on with what can be read', () => {
    const file = spoil(whole, '');
    const database = new Database(file);
    const page = database
      .prepare("select rootpage from sqlite_schema where name = 'membership_changes'")
      .pluck()
      .get() as number;
    const pageSize = database.pragma('page_size', { simple: true }) as number;
    database.close();
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(pageSize, 0xaa), 0, pageSize, (page - 1) * pageSize);
    closeSync(handle);
    const problems = problemsIn(file);
    expect(new Set(problems.map((each) => each.check))).toEqual(new Set(['file']));
    expect(problems.length).toBeGreaterThan(1);
  });

  test('reports a hundred problems of a kind, then how many more there are', () => {
    const file = spoil(
      whole,
      `with recursive n(i) as (select 1000 union all select i + 1 from n where i < 1149)
       insert into audience_counters select i, 0, 1, 1, 1 from n`,
    );
    const problems = problemsIn(file);
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toEqual({ check: 'counters', message: 'and 50 more' });
  });

  test('sees one state while others write', async () => {
    const world = await World.create(await openStorage(`sqlite:${join(folder.path, 'busy.db')}`));
    try {
      await world.createAudience('a');
      await world.add('a', range(1000));
      for (let round = 0; round < 5; round += 1) {
        // The writer has its own thread, and works these off while the checks run here.
        const writes = Array.from({ length: 40 }, async (_, index) =>
          index % 2 === 0
            ? world.add('a', range(100, `${round}-${index}-`))
            : world.remove('a', range(100, `${round}-${index - 1}-`)),
        );
        expect(await world.problems()).toEqual([]);
        await Promise.all(writes);
      }
    } finally {
      await world.storage.close();
    }
  });

  test('names each check once as it goes', async () => {
    const checks: string[] = [];
    const database = openConnection(whole, { readonly: true });
    verifyDatabase(
      database,
      () => {},
      (check) => checks.push(check),
    );
    database.close();
    expect([...checks].sort()).toEqual([
      'answers',
      'attribute jobs',
      'attributes',
      'audiences',
      'catalog',
      'chains',
      'checksums',
      'counters',
      'environments',
      'erasures',
      'file',
      'history',
      'hours',
      'json',
      'ledger',
      'members',
      'references',
      'requests',
      'sequences',
      'values',
    ]);
  });
});
