/** What killing a process cannot show: how connections sync, the moment a backup shows, and that it was checked. */

import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStorage } from '../../src/storage/index.ts';
import { LogFile } from '../../src/storage/sqlite/access-log/log-file.ts';
import { type Connection, openConnection } from '../../src/storage/sqlite/database.ts';
import { until } from '../http/client.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { backUp, range, World } from './world.ts';

const SOURCES = new URL('../../src/storage/', import.meta.url);
const FULL = 2;
const NORMAL = 1;

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'test.db');
});
afterEach(() => folder.remove());

const settingsOf = (database: Connection) => ({
  journal: database.pragma('journal_mode', { simple: true }),
  synchronous: database.pragma('synchronous', { simple: true }),
});

describe('every connection', () => {
  test.for([
    ['of a command', {}],
    ['of a server', { checkpoints: 'elsewhere' }],
    ['that has the file alone', { exclusive: true }],
  ] as const)('%s syncs each commit to a write-ahead log, and the file before the log is given up', ([, options]) => {
    const database = openConnection(path, options);
    expect(settingsOf(database)).toEqual({ journal: 'wal', synchronous: FULL });
    database.close();
  });

  test('that only reads finds the log, and would sync', () => {
    const writer = openConnection(path);
    writer.exec('create table t (x)');
    const reader = openConnection(path, { readonly: true });
    expect(settingsOf(reader)).toEqual({ journal: 'wal', synchronous: FULL });
    reader.close();
    writer.close();
  });

  test('of the access log waits for no sync, but keeps its file sound', () => {
    const log = new LogFile(path, (database) => database);
    expect(log.use(settingsOf)).toEqual({ journal: 'wal', synchronous: NORMAL });
    log.close();
  });

  test('is opened where its settings are made, or writes nothing that must last', () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const holding = (pattern: RegExp) =>
      files.filter((file) => pattern.test(readFileSync(new URL(file, SOURCES), 'utf8'))).sort();
    expect(holding(/new Database\(/)).toEqual([
      'sqlite/access-log/log-file.ts',
      // Checks a copy that SQLite has synced, and makes it a single file.
      'sqlite/backup.ts',
      'sqlite/database.ts',
      // A scratch file without a name.
      'sqlite/member-comparisons.ts',
      // Inspects a file before it is known to be a Rollcall database.
      'sqlite/migrate.ts',
      'sqlite/reading-place.ts',
      // A lock.
      'sqlite/work-folder.ts',
    ]);
    expect(holding(/pragma\('synchronous/)).toEqual([
      'sqlite/access-log/log-file.ts',
      'sqlite/database.ts',
      'sqlite/member-comparisons.ts',
    ]);
    expect(holding(/openConnection\(path, \{ checkpoints/)).toEqual([
      'sqlite/checkpoint-thread.ts',
      'sqlite/writer-thread.ts',
    ]);
  });
});

describe('a backup', () => {
  const FILLER = 40 * 1024 * 1024;

  async function largeWorld(): Promise<World> {
    const world = await World.create(await openStorage(`sqlite:${path}`));
    await world.createAudience('a');
    await world.add('a', range(2000));
    return world;
  }

  test('is of the moment it began, whatever is written meanwhile', async () => {
    const world = await largeWorld();
    const filling = openConnection(path);
    filling.pragma('synchronous = off');
    filling.exec('create table filler (bytes blob)');
    filling.prepare('insert into filler values (zeroblob(?))').run(FILLER);
    filling.close();
    const file = join(folder.path, 'backup.db');
    const backup = backUp(world.storage, file);
    const growing = (): number => {
      const found = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).find((each) =>
        each.endsWith('copy.db'),
      );
      return found === undefined ? 0 : (statSync(join(folder.path, found), { throwIfNoEntry: false })?.size ?? 0);
    };
    await until(
      async () => growing(),
      (bytes) => bytes > 0,
      { everyMs: 1 },
    );
    await world.updateProfile('late', { adds: ['a'] });
    await backup;
    const copy = new Database(file, { readonly: true });
    const late = copy.prepare("select count(*) from profiles where integration_id = 'late'").pluck();
    expect(late.get()).toBe(0);
    expect(copy.prepare('select count(*) from members').pluck().get()).toBe(2000);
    copy.close();
    await world.storage.close();
  });

  test('is looked at: of a damaged database there is none', async () => {
    const world = await largeWorld();
    await world.storage.close();
    const database = new Database(path);
    const page = database.prepare("select rootpage from sqlite_schema where name = 'profiles_integration_id'").pluck();
    const offset = ((page.get() as number) - 1) * (database.pragma('page_size', { simple: true }) as number);
    database.close();
    const handle = openSync(path, 'r+');
    writeSync(handle, Buffer.alloc(64, 0xff), 0, 64, offset);
    closeSync(handle);
    const storage = await openStorage(`sqlite:${path}`);
    const file = join(folder.path, 'backup.db');
    await expect(backUp(storage, file)).rejects.toThrow('not intact');
    expect(existsSync(file)).toBe(false);
    await storage.close();
  });
});
