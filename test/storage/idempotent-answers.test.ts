/** Answers kept under idempotency keys in the embedded engine: their size limit, and that other processes see them. */

import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { noChanges } from '../../src/domain/memberships/batch.ts';
import { openStorage } from '../../src/storage/index.ts';
import { type Connection, MEMORY, openConnection } from '../../src/storage/sqlite/database.ts';
import { SqliteIdempotentAnswers } from '../../src/storage/sqlite/idempotent-answers.ts';
import { migrate } from '../../src/storage/sqlite/migrate.ts';
import { under } from './conformance/idempotency.ts';
import { OtherProcess } from './other-process.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { problemsOf, World } from './world.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

test('the oldest answers make way for new ones', () => {
  const database = openConnection(MEMORY);
  migrate(database, undefined);
  const answers = new SqliteIdempotentAnswers(database, 1500);
  const keep = (key: string, bytes: number, time: number): void => {
    const { scope, fingerprint } = under(key);
    const profiles = [{ id: 1, created: 1, lastActivity: 1, content: 'x'.repeat(bytes) }];
    answers.save({ ...noChanges(), answers: new Map([[scope, { fingerprint, time, profiles }]]) });
  };
  const kept = (): string[] => ['a', 'b', 'c', 'd', 'e'].filter((key) => isKept(database, key));
  keep('b', 400, 2);
  keep('a', 400, 1);
  expect(kept()).toEqual(['a', 'b']);
  keep('c', 400, 3);
  expect(kept()).toEqual(['b', 'c']);
  // It replaces the answer kept for the same key.
  keep('c', 450, 4);
  expect(kept()).toEqual(['b', 'c']);
  keep('d', 1100, 5);
  expect(kept()).toEqual(['d']);
  keep('e', 2000, 6);
  expect(kept()).toEqual([]);
  expect(database.prepare('select bytes from idempotent_answers_size').pluck().get()).toBe(0);
  database.close();
});

function isKept(database: Connection, key: string): boolean {
  const find = database.prepare('select 1 from idempotent_answers where scope = ?');
  return find.get(Buffer.from(under(key).scope, 'hex')) !== undefined;
}

test('another process at the same file knows the answer, and a copy of the file does', async () => {
  const url = `sqlite:${join(folder.path, 'shared.db')}`;
  const world = await World.create(await openStorage(url));
  const write = { ...world.update('ada', { runRuleEngine: true }), idempotency: under('k') };
  const other = new OtherProcess(url);
  try {
    await other.opened;
    const [first] = (await other.call('write', [write])) as object[];
    expect(first).not.toHaveProperty('isRepeat');
    expect(await world.storage.write([write])).toEqual([
      { ...first, changed: expect.anything() as unknown, isRepeat: true },
    ]);
    await other.close();
    const copy = join(folder.path, 'copy.db');
    await world.storage.backup?.(copy);
    const copied = await openStorage(`sqlite:${copy}`);
    expect(await copied.write([write])).toMatchObject([{ isRepeat: true }]);
    expect(await problemsOf(copied)).toEqual([]);
    await copied.close();
  } finally {
    await other.kill();
    await world.storage.close();
  }
});
