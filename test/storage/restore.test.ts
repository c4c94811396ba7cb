/** Restoring a backup: under running servers, in one step, without losing what was acknowledged, or not at all. */

import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { MEMORY_URL, openStorage, restoreStorage } from '../../src/storage/index.ts';
import { forkModule } from '../fork-module.ts';
import { OtherProcess } from './other-process.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { backUp, problemsOf, range, refusalOf, World } from './world.ts';

describe('restore', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  let url: string;
  let backup: string;
  const open: Storage[] = [];

  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'live', 'test.db');
    url = `sqlite:${file}`;
    backup = join(folder.path, 'backup.db');
  });
  afterEach(async () => {
    for (const storage of open.splice(0)) await storage.close();
    folder.remove();
  });

  async function opened(path: string): Promise<Storage> {
    const storage = await openStorage(`sqlite:${path}`);
    open.push(storage);
    return storage;
  }

  /** A running store with newer changes than its backup, which contains audience `old` with ten members. */
  async function runningWorld(): Promise<World> {
    const world = await World.create(await opened(file));
    await world.defineAttribute('Tier', 'string');
    await world.createAudience('old');
    await world.add('old', range(10));
    await world.updateProfile('profile-0', { attributes: { Tier: 'gold' } });
    await backUp(world.storage, backup);
    await world.defineAttribute('Later', 'string');
    await world.write(world.deletion('old'));
    for (const integrationId of ['new-1', 'new-2', 'new-3']) await world.createAudience(integrationId);
    await world.add('new-2', range(500, 'new-'));
    await world.updateProfile('profile-0', { attributes: { Tier: 'lead', Later: 'x' } });
    return world;
  }

  async function expectRestored(storage: Storage): Promise<void> {
    expect(
      (await storage.browse.listAudiences()).map(({ id, integrationId, members }) => [id, integrationId, members]),
    ).toEqual([[1, 'old', 10]]);
    expect([...(await storage.catalog()).attributes.keys()]).toEqual(['Tier']);
    expect(await storage.findProfile('live', 'profile-0')).toMatchObject({
      attributes: { Tier: 'gold' },
      memberships: [{ id: 1 }],
    });
    expect(await storage.findProfile('live', 'new-0')).toBeUndefined();
    expect(await storage.findAudiencesOf('live', ['profile-9', 'new-1'])).toMatchObject([
      [{ integrationId: 'old' }],
      [],
    ]);
    expect(await problemsOf(storage)).toEqual([]);
  }

  async function expectWorking(world: World): Promise<void> {
    expect(await world.write(world.creation('after'))).toMatchObject([{ id: 2, memberSet: 2 }]);
    await world.write(
      world.bulk([
        { integrationId: 'profile-3', adds: ['after'], deletes: ['old'] },
        { integrationId: 'unseen', adds: ['after', 1], deletes: [] },
      ]),
    );
    await world.updateProfile('profile-0', { attributes: { Tier: 'silver' } });
    expect(await world.audiencesOf('profile-3')).toEqual(['after']);
    expect(await world.audiencesOf('unseen')).toEqual(['old', 'after']);
    expect((await world.storage.browse.listAudiences()).map((each) => each.members)).toEqual([10, 2]);
    await world.replaceMembers(2, ['profile-5', 'fresh']);
    await world.write(world.deletion('old'));
    await world.purgeAll();
    expect(await problemsOf(world.storage)).toEqual([]);
  }

  function filesBeside(): string[] {
    return readdirSync(join(folder.path, 'live')).filter((each) => !/^test\.db(-wal|-shm)?$/.test(each));
  }

  test('a running store shows the restored data at once and continues from there', async () => {
    const world = await runningWorld();
    const { safetyCopy } = await restoreStorage(url, backup);
    await expectRestored(world.storage);
    await expectWorking(world);
    expect(safetyCopy).toMatch(/test\.db\.before-restore-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/);
    expect(filesBeside()).toEqual([safetyCopy?.slice(safetyCopy.lastIndexOf('/') + 1)]);
  });

  test('so does one in another process, which has its own caches and statements', async () => {
    const world = await runningWorld();
    const other = new OtherProcess(url);
    try {
      await other.opened;
      // This fills its caches.
      expect(await other.call('findAudiencesOf', 'live', ['new-3'])).toMatchObject([[{ integrationId: 'new-2' }]]);
      await other.call('write', [world.update('from-other', { adds: ['new-1'] })]);
      await restoreStorage(url, backup);
      expect(await other.call('findProfile', 'live', 'profile-0')).toMatchObject({ attributes: { Tier: 'gold' } });
      expect(await other.call('findProfile', 'live', 'from-other')).toBeUndefined();
      expect(await other.call('write', [world.update('profile-1', { adds: ['new-1'] })])).toMatchObject([
        { error: { code: 'not_found' } },
      ]);
      expect(
        await other.call('write', [world.creation('after'), world.update('profile-1', { adds: ['after'] })]),
      ).toMatchObject([{ result: { id: 2 } }, { result: { memberships: [{ id: 1 }, { id: 2 }] } }]);
      expect(await world.audiencesOf('profile-1')).toEqual(['old', 'after']);
      await world.write(world.update('profile-2', { adds: ['after'] }));
      expect(await other.call('findAudiencesOf', 'live', ['profile-2'])).toMatchObject([[{ id: 1 }, { id: 2 }]]);
      expect(await problemsOf(world.storage)).toEqual([]);
      await other.close();
    } finally {
      await other.kill();
    }
  });

  test('what is acknowledged while it goes on is in the safety copy or in the restored data', {
    timeout: 60_000,
  }, async () => {
    const world = await runningWorld();
    for (let round = 0; round < 10; round += 1) await world.add('new-3', range(1000, `bulk-${round}-`));
    let stop = false;
    const acknowledged: string[] = [];
    const writers = range(4, 'writer-').map(async (name) => {
      for (let index = 0; !stop; index += 1) {
        try {
          await world.updateProfile(`${name}-${index}`);
          acknowledged.push(`${name}-${index}`);
        } catch (error) {
          if (!(error instanceof DomainError) || error.code !== 'unavailable') throw error;
        }
      }
    });
    await delay(50);
    const { safetyCopy } = await restoreStorage(url, backup);
    await delay(50);
    stop = true;
    await Promise.all(writers);
    const before = await opened(safetyCopy ?? '');
    const kept = await Promise.all(
      acknowledged.map(async (id) => [
        await before.findProfile('live', id),
        await world.storage.findProfile('live', id),
      ]),
    );
    expect(kept.every(([old, now]) => old !== undefined || now !== undefined)).toBe(true);
    expect(kept.some(([old]) => old !== undefined)).toBe(true);
    expect(kept.some(([, now]) => now !== undefined)).toBe(true);
    expect(await problemsOf(before)).toEqual([]);
    expect(await problemsOf(world.storage)).toEqual([]);
  });

  test('the safety copy is private, and restoring it undoes the restore', async () => {
    const world = await runningWorld();
    const listed = await world.storage.browse.listAudiences();
    const profile = await world.storage.findProfile('live', 'profile-0');
    const { safetyCopy } = await restoreStorage(url, backup);
    expect((statSync(safetyCopy ?? '').mode & 0o777).toString(8)).toBe('600');
    await expectRestored(world.storage);
    await delay(1000);
    const second = await restoreStorage(url, safetyCopy ?? '');
    expect(second.safetyCopy).not.toBe(safetyCopy);
    expect(await world.storage.browse.listAudiences()).toEqual(listed);
    expect(await world.storage.findProfile('live', 'profile-0')).toEqual(profile);
    expect(await problemsOf(world.storage)).toEqual([]);
  });

  test('one that is aborted at the last moment leaves everything as it was', async () => {
    const world = await runningWorld();
    const aborted = restoreStorage(url, backup, { mayContinue: () => false });
    await expect(aborted).rejects.toThrow('The restore was aborted');
    expect(await world.audiencesOf('new-499')).toEqual(['new-2']);
    expect(filesBeside()).toEqual([]);
    await world.add('new-1', ['after']);
  });

  test('two restores within one second keep two safety copies', async () => {
    const world = await runningWorld();
    const first = await restoreStorage(url, backup);
    const others = [await restoreStorage(url, backup), await restoreStorage(url, backup)];
    const copies = [first, ...others].map((each) => each.safetyCopy ?? '');
    expect(new Set(copies).size).toBe(3);
    expect(copies.every((each) => existsSync(each))).toBe(true);
    await expectRestored(world.storage);
  });

  test('without a database one is made, private to its owner', async () => {
    await runningWorld();
    const fresh = join(folder.path, 'fresh', 'test.db');
    const mask = process.umask(0);
    try {
      expect(await restoreStorage(`sqlite:${fresh}`, backup)).toEqual({ safetyCopy: undefined });
    } finally {
      process.umask(mask);
    }
    expect(readdirSync(join(folder.path, 'fresh'))).toEqual(['test.db']);
    expect((statSync(fresh).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(join(folder.path, 'fresh')).mode & 0o777).toString(8)).toBe('700');
    const world = await opened(fresh);
    await expectRestored(world);
  });

  test('the backup itself stays as it is', async () => {
    await runningWorld();
    const before = readFileSync(backup);
    await restoreStorage(url, backup);
    expect(readFileSync(backup).equals(before)).toBe(true);
    expect(readdirSync(folder.path).sort()).toEqual(['backup.db', 'live']);
  });

  test('a database that somebody uses can be restored from, its log included', async () => {
    const world = await runningWorld();
    expect(existsSync(`${file}-wal`)).toBe(true);
    const target = join(folder.path, 'target', 'test.db');
    await restoreStorage(`sqlite:${target}`, file);
    const storage = await opened(target);
    expect(await storage.browse.listAudiences()).toEqual(await world.storage.browse.listAudiences());
    expect(await problemsOf(storage)).toEqual([]);
  });

  test('a backup of another page size, with free pages, fits as well', async () => {
    const world = await runningWorld();
    const database = new Database(backup);
    database.pragma('page_size = 16384');
    database.exec('vacuum; create table filler (x); insert into filler values (zeroblob(1000000)); drop table filler');
    database.close();
    await restoreStorage(url, backup);
    await expectRestored(world.storage);
    await expectWorking(world);
  });

  test('numbers given out since the backup may come again, those in the backup may not', async () => {
    const world = await runningWorld();
    const before = await world.storage.accounts.createUser(COMMAND_LINE, {
      email: 'a@x',
      name: 'a',
      isAdmin: false,
      state: 'active',
      mustChangePassword: false,
      passwordHash: '',
    });
    const with1 = join(folder.path, 'with-user.db');
    await backUp(world.storage, with1);
    const database = new Database(with1);
    database.exec("delete from users; delete from row_checksums where table_name = 'users'");
    database.close();
    await restoreStorage(url, with1);
    const after = await world.storage.accounts.createUser(COMMAND_LINE, {
      email: 'b@x',
      name: 'b',
      isAdmin: false,
      state: 'active',
      mustChangePassword: false,
      passwordHash: '',
    });
    expect(after.id).toBeGreaterThan(before.id);
  });

  test.each<[string, (path: string) => void, string]>([
    ['a file that is not there', () => {}, 'not_found'],
    ['an empty file', (path) => writeFileSync(path, ''), 'invalid'],
    ['a file that is no database', (path) => writeFileSync(path, 'x'.repeat(5000)), 'invalid'],
    ['a database of another program', (path) => new Database(path).exec('create table t (x)').close(), 'conflict'],
    [
      'a backup of a newer program',
      (path) => edit(path, "insert into schema_migrations values (99, 'later', 99, 1)"),
      'conflict',
    ],
    ['a damaged backup', damage, 'invalid'],
    ['a backup cut short', (path) => writeFileSync(path, readFileSync(backup).subarray(0, 40_000)), 'invalid'],
  ])('%s is refused, and nothing changes', async (_title, make, code) => {
    const world = await runningWorld();
    const listed = await world.storage.browse.listAudiences();
    const wrong = join(folder.path, 'wrong.db');
    make(wrong);
    expect(await refusalOf(restoreStorage(url, wrong))).toBe(code);
    expect(await world.storage.browse.listAudiences()).toEqual(listed);
    expect(await problemsOf(world.storage)).toEqual([]);
    expect(filesBeside()).toEqual([]);
  });

  function edit(path: string, sql: string): void {
    copyFileSync(backup, path);
    new Database(path).exec(sql).close();
  }

  function damage(path: string): void {
    copyFileSync(backup, path);
    const handle = openSync(path, 'r+');
    writeSync(handle, Buffer.alloc(3000, 0xaa), 0, 3000, 4096 * 3);
    closeSync(handle);
  }

  test('a database of another program is not restored into', async () => {
    await runningWorld();
    const other = join(folder.path, 'other.db');
    new Database(other).exec('create table t (x)').close();
    const before = readFileSync(other);
    expect(await refusalOf(restoreStorage(`sqlite:${other}`, backup))).toBe('conflict');
    expect(readFileSync(other).equals(before)).toBe(true);
  });

  test('neither is one of a newer program, one in memory, the backup itself, or another engine', async () => {
    await runningWorld();
    expect(await refusalOf(restoreStorage(`sqlite:${backup}`, backup))).toBe('invalid');
    expect(await refusalOf(restoreStorage(MEMORY_URL, backup))).toBe('invalid');
    expect(await refusalOf(restoreStorage('postgres://user:secret@host/db', backup))).toBe('invalid');
    const newer = join(folder.path, 'newer.db');
    edit(newer, "insert into schema_migrations values (99, 'later', 1, 1)");
    expect(await refusalOf(restoreStorage(`sqlite:${newer}`, backup))).toBe('conflict');
    expect(readdirSync(folder.path).sort()).toEqual(['backup.db', 'live', 'newer.db']);
  });

  test('killed at any moment, it has happened or it has not', { timeout: 180_000 }, async () => {
    const world = await runningWorld();
    for (let round = 0; round < 20; round += 1) await world.add('new-3', range(1000, `bulk-${round}-`));
    const [old, big] = [backup, join(folder.path, 'big.db')];
    await backUp(world.storage, big);
    const script = new URL('./restore-main.ts', import.meta.url);
    const states = new Set<string>();
    // On a busy machine the first kills may all come too early, so later ones wait longer.
    for (let round = 0; round < 4 || (states.size < 2 && round < 40); round += 1) {
      const child = forkModule(script, [url, round % 2 === 0 ? old : big]);
      const ended = once(child, 'exit');
      await once(child, 'message');
      await delay(round * 20);
      child.kill('SIGKILL');
      await ended;
      const audiences = (await world.storage.browse.listAudiences())
        .map((each) => `${each.integrationId} ${each.members}`)
        .join(', ');
      expect(['old 10', 'new-1 0, new-2 500, new-3 20000']).toContain(audiences);
      states.add(audiences);
      await world.updateProfile(`still-${round}`);
      expect(await problemsOf(world.storage)).toEqual([]);
    }
    expect(states.size).toBe(2);
  });
});
