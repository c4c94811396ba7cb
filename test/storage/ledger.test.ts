/**
 * What the embedded engine writes to its ledger: only net changes, one request each, and one entry for a whole
 * audience.
 */

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStorage } from '../../src/storage/index.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { range, World } from './world.ts';

interface Entry {
  id: number;
  uuid: string;
  audience_id: number;
  profile_id: number | null;
  action: number;
  count: number;
  previous: number;
}

const [JOINED, LEFT, DELETED, REPLACED] = [1, 2, 3, 5];

describe('the ledger', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  let world: World;

  beforeEach(async () => {
    folder = temporaryFolder();
    file = join(folder.path, 'test.db');
    world = await World.create(await openStorage(`sqlite:${file}`));
    for (const integrationId of ['a', 'b']) await world.createAudience(integrationId);
  });

  afterEach(async () => {
    expect(await world.problems()).toEqual([]);
    await world.storage.close();
    folder.remove();
  });

  function rows<Row>(sql: string): Row[] {
    const database = new Database(file, { readonly: true });
    try {
      return database.prepare<[], Row>(sql).all();
    } finally {
      database.close();
    }
  }

  function entries(): Entry[] {
    return rows<Entry>('select c.*, uuid from membership_changes c join requests r on r.id = request_id order by c.id');
  }

  test('each net change of a request is one entry, whatever happened on the way', async () => {
    const command = world.bulk([
      { integrationId: 'p', adds: ['a', 'b'], deletes: [] },
      { integrationId: 'q', adds: ['a'], deletes: ['a'] },
      { integrationId: 'p', adds: [], deletes: ['b'] },
      { integrationId: 'p', adds: ['a'], deletes: [] },
    ]);
    await world.write(command);
    expect(entries()).toEqual([
      {
        id: 1,
        uuid: command.caller.requestUuid,
        request_id: 1,
        audience_id: 1,
        profile_id: 1,
        action: JOINED,
        count: 1,
        previous: 0,
      },
    ]);
  });

  test('a request without net change leaves no trace', async () => {
    await world.add('a', ['p']);
    await world.write(
      world.update('p', { adds: ['a'], runRuleEngine: true }),
      world.update('p', { deletes: ['b'] }),
      world.update('p', { adds: ['b'], deletes: ['b'] }),
      world.bulk([
        { integrationId: 'p', adds: [], deletes: ['a'] },
        { integrationId: 'p', adds: ['a'], deletes: [] },
      ]),
    );
    expect(entries()).toHaveLength(1);
    expect(rows('select * from requests')).toHaveLength(1);
  });

  test('two requests of one batch that undo each other are two entries', async () => {
    await world.write(world.update('p', { adds: ['a'] }), world.update('p', { deletes: ['a'] }));
    expect(
      entries().map(({ action, request_id, previous }: Entry & { request_id?: number }) => [
        action,
        request_id,
        previous,
      ]),
    ).toEqual([
      [JOINED, 1, 0],
      [LEFT, 2, 1],
    ]);
    expect(rows('select joins, leaves from audience_hours')).toEqual([{ joins: 1, leaves: 1 }]);
  });

  test('a request carries its UUID, key and time once; the command line has no key', async () => {
    const before = Date.now();
    const command = world.update('p', { adds: ['a', 'b'] });
    await world.write(command, {
      ...world.update('q', { adds: ['a'] }),
      caller: { ...world.caller(), keyId: undefined },
    });
    const requests = rows<{ uuid: string; key_id: number | null; time: number; first_change: number }>(
      'select * from requests',
    );
    expect(requests).toMatchObject([
      { uuid: command.caller.requestUuid, key_id: 1, first_change: 1 },
      { key_id: null, first_change: 3 },
    ]);
    for (const { time } of requests) {
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(Date.now());
    }
  });

  test("a profile's entries form a chain from its last one back", async () => {
    await world.write(
      world.update('p', { adds: ['a', 'b'] }),
      world.update('q', { adds: ['a'] }),
      world.update('p', { deletes: ['a'] }),
    );
    expect(entries().map(({ id, profile_id, previous }) => [id, profile_id, previous])).toEqual([
      [1, 1, 0],
      [2, 1, 1],
      [3, 2, 0],
      [4, 1, 2],
    ]);
    expect(rows('select id, last_change from profiles')).toEqual([
      { id: 1, last_change: 4 },
      { id: 2, last_change: 3 },
    ]);
  });

  test('a deletion is one entry with its count, whatever the size', async () => {
    await world.add('a', range(500));
    await world.write(world.deletion('a'));
    expect(entries().at(-1)).toMatchObject({ audience_id: 1, profile_id: null, action: DELETED, count: 500 });
    expect(entries()).toHaveLength(501);
    await world.purgeAll();
    expect(entries()).toHaveLength(501);
    expect(rows('select * from members')).toEqual([]);
    expect(rows('select * from dead_sets')).toEqual([]);
  });

  test('a replacement is one entry, its net joins and leaves kept beside it', async () => {
    await world.add('a', range(3));
    await world.replaceMembers(1, ['profile-1', 'new']);
    expect(entries().at(-1)).toMatchObject({ audience_id: 1, profile_id: null, action: REPLACED, count: 2 });
    expect(
      rows('select integration_id, action from replacement_changes join profiles on id = profile_id order by 1'),
    ).toEqual([
      { integration_id: 'new', action: JOINED },
      { integration_id: 'profile-0', action: LEFT },
      { integration_id: 'profile-2', action: LEFT },
    ]);
    await world.purgeAll();
    expect(rows('select count(*) as count from members')).toEqual([{ count: 2 }]);
  });

  test('a retried batch appends nothing for what failed', async () => {
    const broken = world.update(null as unknown as string, { adds: ['a'] });
    await world.storage.write([world.update('p', { adds: ['a'] }), broken, world.update('p', { adds: ['b'] })]);
    expect(entries().map(({ id, audience_id, previous }) => [id, audience_id, previous])).toEqual([
      [1, 1, 0],
      [2, 2, 1],
    ]);
    expect(rows("select next from sequences where name in ('change', 'profile') order by name")).toEqual([
      { next: 3 },
      { next: 2 },
    ]);
  });
});
