/** What only the embedded engine has: a writer thread, other processes on the same file, and its own time limits. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStorage } from '../../src/storage/index.ts';
import { OtherProcess } from './other-process.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { backUp, problemsOf, range, refusalOf, World } from './world.ts';

describe('the SQLite engine', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  let world: World;

  beforeEach(async () => {
    folder = temporaryFolder();
    file = join(folder.path, 'test.db');
    world = await World.create(await openStorage(`sqlite:${file}`));
    await world.createAudience('a');
  });
  afterEach(async () => {
    expect(await problemsOf(world.storage)).toEqual([]);
    await world.storage.close();
    folder.remove();
  });

  function edit(sql: string): void {
    const database = new Database(file);
    database.exec(sql);
    database.close();
  }

  test('a replacement that stopped for a minute is taken over, which the first one learns', async () => {
    const set = await world.storage.beginReplacement(1);
    await world.storage.stageMembers(1, set, ['first']);
    edit('update audiences set staged_at = staged_at - 61000');
    const second = await world.storage.beginReplacement(1);
    expect(second).not.toBe(set);
    expect(await refusalOf(world.storage.stageMembers(1, set, ['late']))).toBe('conflict');
    expect(await refusalOf(world.storage.finishReplacement(1, set, world.caller()))).toBe('conflict');
    await world.storage.abandonReplacement(1, set);
    await world.storage.stageMembers(1, second, ['second']);
    expect(await world.storage.finishReplacement(1, second, world.caller())).toMatchObject({
      members: 1,
      joins: 1,
      leaves: 0,
    });
    await world.purgeAll();
    expect(await world.members(1)).toEqual(['second']);
  });

  test('a replacement whose process is gone is not in progress for the next one', async () => {
    const set = await world.storage.beginReplacement(1);
    const stagedIn = async ({ storage }: World) => (await storage.catalog()).audience(1)?.stagedSet;
    expect(await stagedIn(world)).toBe(set);
    const during = world.in(await openStorage(`sqlite:${file}`));
    expect(await stagedIn(during)).toBe(set);
    await during.storage.close();
    await world.storage.close();
    world = world.in(await openStorage(`sqlite:${file}`));
    expect(await stagedIn(world)).toBeUndefined();
  });

  test('a replacement in progress is not taken over', async () => {
    const set = await world.storage.beginReplacement(1);
    edit('update audiences set staged_at = staged_at - 59000');
    expect(await refusalOf(world.storage.beginReplacement(1))).toBe('conflict');
    await world.storage.stageMembers(1, set, ['p']);
    edit('update audiences set staged_at = staged_at - 59000');
    expect(await refusalOf(world.storage.beginReplacement(1))).toBe('conflict');
    await world.storage.finishReplacement(1, set, world.caller());
  });

  test('two processes write at once: nothing is lost, each sees the other at once', async () => {
    const other = new OtherProcess(`sqlite:${file}`);
    try {
      await other.opened;
      const mine = range(30, 'mine-').map(async (id) => world.add('a', [id, 'shared']));
      for (const id of range(30, 'theirs-')) {
        const items = [id, 'shared'].map((integrationId) => ({ integrationId, adds: ['a'], deletes: [] }));
        await other.call('write', [world.bulk(items)]);
        expect(await world.audiencesOf(id)).toEqual(['a']);
      }
      await Promise.all(mine);
      expect(await world.size(1)).toBe(61);
      await world.createAudience('b');
      expect(await other.call('write', [world.update('p', { adds: ['b'] })])).toMatchObject([
        { result: { memberships: [{ id: 2 }] } },
      ]);
      const created = await other.call('write', [world.creation('c'), world.deletion('b')]);
      expect(created).toMatchObject([{ result: { id: 3 } }, { result: null }]);
      await world.updateProfile('p', { adds: ['c'] });
      expect(await world.audiencesOf('p')).toEqual(['c']);
      await other.close();
    } finally {
      await other.kill();
    }
  });

  test('while another holds the file too long, writes are refused as unavailable and reads go on', async () => {
    const holder = new Database(file);
    holder.exec('begin immediate');
    const write = refusalOf(world.add('a', ['p']));
    await delay(50);
    expect(await world.audiencesOf('p')).toEqual([]);
    expect(await write).toBe('unavailable');
    holder.close();
    await world.add('a', ['p']);
    expect(await world.members(1)).toEqual(['p']);
  });

  test('a process killed while it writes leaves whole batches', async () => {
    for (let round = 0; round < 3; round += 1) {
      const other = new OtherProcess(`sqlite:${file}`);
      await other.opened;
      const prefix = `round-${round}-`;
      const call = other.call('write', [
        world.creation(`killed-${round}`),
        world.bulk(
          range(1000, prefix).map((integrationId) => ({ integrationId, adds: [`killed-${round}`, 'a'], deletes: [] })),
        ),
      ]);
      const ended = call.catch(() => undefined);
      await delay(round * 8);
      await other.kill();
      await ended;
      const found = (await world.storage.browse.listAudiences()).find(
        (each) => each.integrationId === `killed-${round}`,
      );
      expect([undefined, 1000]).toContain(found?.members);
      expect(await problemsOf(world.storage)).toEqual([]);
    }
  });

  test('a backup is private, whole, of one moment, and opens as a database of its own', async () => {
    await world.defineAttribute('Tier', 'string');
    await world.updateProfile('p', { attributes: { Tier: 'gold' }, adds: ['a'] });
    for (let round = 0; round < 10; round += 1) await world.add('a', range(1000, `before-${round}-`));
    const backup = join(folder.path, 'backup.db');
    const mask = process.umask(0);
    let stop = false;
    const writes = (async () => {
      for (let round = 0; !stop; round += 1) await world.add('a', range(10, `during-${round}-`));
    })();
    try {
      await backUp(world.storage, backup);
    } finally {
      process.umask(mask);
      stop = true;
      await writes;
    }
    expect((statSync(backup).mode & 0o777).toString(8)).toBe('600');
    const copy = world.in(await openStorage(`sqlite:${backup}`));
    const members = await copy.members(1);
    expect(members.filter((id) => id.startsWith('before-'))).toHaveLength(10_000);
    // It contains complete requests only, in their order.
    const during = members.filter((id) => id.startsWith('during-'));
    expect(during).toEqual(
      Array.from({ length: during.length / 10 }, (_, round) => range(10, `during-${round}-`)).flat(),
    );
    expect(await copy.storage.findProfile('live', 'p')).toEqual(await world.storage.findProfile('live', 'p'));
    expect(await copy.problems()).toEqual([]);
    await copy.updateProfile('new', { adds: ['a'] });
    await copy.storage.close();
    expect(readdirSync(folder.path).filter((each) => each.startsWith('backup'))).toEqual(['backup.db']);
  });

  test('a backup that is killed on its way leaves nothing that looks like one', async () => {
    for (let round = 0; round < 20; round += 1) await world.add('a', range(1000, `profile-${round}-`));
    for (let round = 0; round < 3; round += 1) {
      const backup = join(folder.path, `backup-${round}.db`);
      const other = new OtherProcess(`sqlite:${file}`);
      await other.opened;
      const call = other.call('backup', backup).catch(() => undefined);
      await delay(round * 4);
      await other.kill();
      await call;
      if (!existsSync(backup)) continue;
      const copy = await openStorage(`sqlite:${backup}`);
      expect(await problemsOf(copy)).toEqual([]);
      expect((await copy.statistics()).members).toBe(20_000);
      await copy.close();
    }
    const others = readdirSync(folder.path).filter((each) => !/^(test|backup-\d)\.db(-wal|-shm)?$/.test(each));
    expect(others.filter((each) => !/\.partial(-journal|-wal|-shm)?$/.test(each))).toEqual([]);
  });

  test('closing finishes what was asked before it, refuses what comes after, and may be repeated', async () => {
    const storage = await openStorage(`sqlite:${join(folder.path, 'other.db')}`);
    const other = await World.create(storage);
    await other.createAudience('a');
    const writes = range(20).map(async (id) => other.updateProfile(id, { adds: ['a'] }));
    await storage.close();
    expect(await Promise.all(writes)).toHaveLength(20);
    await storage.close();
    await expect(storage.write([other.update('late')])).rejects.toThrow(/closed/);
  });
});
