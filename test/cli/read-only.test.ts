/**
 * Commands that only read change nothing, and only `serve` and `migrate` upgrade: files of earlier versions, backups,
 * running servers.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConnection } from '../../src/storage/sqlite/database.ts';
import { listMigrations, migrate } from '../../src/storage/sqlite/migrate.ts';
import { runCli, type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { cli, expectRefusal, firstKey, json, runCommand, updateStatus } from './world.ts';

const READING = [
  ['key', 'list'],
  ['application', 'list'],
  ['attribute', 'list'],
  ['audience', 'list'],
  ['audience', 'export', '1'],
  ['verify'],
];
const NEWEST = listMigrations().length;

/** The content of all files in a folder, by name. */
function contents(folder: string): Record<string, string> {
  const digest = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, statSync(join(folder, name)).isFile() ? digest(name) : 'a folder']),
  );
}

/** A database as the previous version left it, alone in a folder. */
function olderDatabase(): { folder: string; file: string; url: string } {
  const folder = temporaryFolder();
  const file = join(folder, 'older.db');
  const database = openConnection(file);
  migrate(database, undefined, listMigrations().slice(0, -1));
  database.close();
  return { folder, file, url: `sqlite:${file}` };
}

let server: ServerProcess;
let backup: string;

beforeAll(async () => {
  server = await startServerProcess();
  expect(await updateStatus(server, firstKey(server.database), { Tier: 'gold' })).toBe(200);
  backup = join(temporaryFolder(), 'backup.db');
  await cli(server.database, 'backup', backup);
});
afterAll(async () => {
  await server.stop();
});

describe('a command that reads', () => {
  it('sees what a running server has only in its log', async () => {
    expect(statSync(`${server.database.slice('sqlite:'.length)}-wal`).size).toBeGreaterThan(0);
    expect(await json<unknown[]>(server.database, 'key', 'list')).toHaveLength(1);
    expect(await json<unknown[]>(server.database, 'audience', 'list')).toHaveLength(1);
  });

  it('leaves a backup, and a database that nobody uses, as they are', async () => {
    const folder = temporaryFolder();
    copyFileSync(backup, join(folder, 'backup.db'));
    copyFileSync(backup, join(folder, 'stopped.db'));
    // As a server leaves it when it stops.
    const stopped = new Database(join(folder, 'stopped.db'));
    stopped.pragma('journal_mode = wal');
    stopped.close();
    const before = contents(folder);
    expect(Object.keys(before)).toEqual(['backup.db', 'stopped.db']);
    for (const name of Object.keys(before)) {
      const commands = name === 'stopped.db' ? READING : [['key', 'list'], ['verify']];
      for (const args of commands) await cli(`sqlite:${join(folder, name)}`, ...args);
      await cli(`sqlite:${join(folder, name)}`, 'backup', join(temporaryFolder(), 'copy.db'));
    }
    expect(contents(folder)).toEqual(before);
  });

  it('leaves the log of a server that was killed to the next server', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'killed.db');
    const path = server.database.slice('sqlite:'.length);
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, file + suffix);
    const before = contents(folder);
    expect(await json<unknown[]>(`sqlite:${file}`, 'key', 'list')).toHaveLength(1);
    expect((await cli(`sqlite:${file}`, 'verify')).stdout).toMatch(/^Clean/);
    expect(contents(folder)).toMatchObject(before);
  });

  // Root may write anywhere, so only a read-only mount stops it.
  const isRoot = process.getuid?.() === 0;
  it.skipIf(isRoot)('works where nothing can be written', async () => {
    const folder = temporaryFolder();
    copyFileSync(backup, join(folder, 'stopped.db'));
    const stopped = new Database(join(folder, 'stopped.db'));
    stopped.pragma('journal_mode = wal');
    stopped.close();
    chmodSync(folder, 0o555);
    try {
      for (const args of READING) await cli(`sqlite:${join(folder, 'stopped.db')}`, ...args);
    } finally {
      chmodSync(folder, 0o755);
    }
  });

  it.skipIf(!isRoot)('works on a read-only mount', async (context) => {
    const mount = temporaryFolder();
    const { status } = spawnSync('mount', ['-t', 'tmpfs', 'none', mount]);
    if (status !== 0) context.skip('no right to mount a file system');
    try {
      mkdirSync(join(mount, 'data'));
      for (const [name, mode] of [
        ['backup.db', 'delete'],
        ['stopped.db', 'wal'],
      ] as const) {
        copyFileSync(backup, join(mount, 'data', name));
        const database = new Database(join(mount, 'data', name));
        database.pragma(`journal_mode = ${mode}`);
        database.close();
      }
      expect(spawnSync('mount', ['-o', 'remount,ro', mount]).status).toBe(0);
      for (const name of ['backup.db', 'stopped.db']) {
        for (const args of [['key', 'list'], ['verify']]) await cli(`sqlite:${join(mount, 'data', name)}`, ...args);
      }
    } finally {
      spawnSync('umount', ['-l', mount]);
    }
  });
});

describe('a database of an earlier version', () => {
  it('is neither read nor written before it is upgraded, and says how', async () => {
    const { folder, url } = olderDatabase();
    const before = contents(folder);
    const writing = [
      ['key', 'create', '--name', 'n', '--expires', '2099-01-01'],
      ['application', 'create', 'Shop'],
      ['audience', 'import', '1', '/dev/null'],
    ];
    for (const args of [...READING, ...writing]) {
      const result = await runCommand([...args, '--database', url]);
      expectRefusal(
        result,
        1,
        /older\.db: The database has schema \d+, this program requires \d+: .*rollcall migrate\n$/,
      );
    }
    expect(contents(folder)).toEqual(before);
  });

  it('is backed up as it is', async () => {
    const { folder, url } = olderDatabase();
    const before = contents(folder);
    const copy = join(temporaryFolder(), 'copy.db');
    await cli(url, 'backup', copy);
    expect(contents(folder)).toEqual(before);
    const database = new Database(copy, { readonly: true });
    expect(database.prepare('select max(number) from schema_migrations').pluck().get()).toBe(NEWEST - 1);
    database.close();
  });

  it('is upgraded by migrate, which can first say what it would do', async () => {
    const { folder, file, url } = olderDatabase();
    const before = contents(folder);
    const migrations = [listMigrations().at(-1)?.name];
    expect((await cli(url, 'migrate', '--dry-run')).stdout).toContain('Nothing was changed');
    const plan = { from: NEWEST - 1, to: NEWEST, migrations };
    expect(await json(url, 'migrate', '--dry-run')).toEqual({ ...plan, applied: false, copy: null });
    expect(contents(folder)).toEqual(before);
    const copy = `${file}.before-${NEWEST}`;
    expect(await json(url, 'migrate')).toEqual({ ...plan, applied: true, copy });
    expect(readdirSync(folder).sort()).toEqual(['older.db', `older.db.before-${NEWEST}`]);
    expect((await cli(url, 'verify')).stdout).toMatch(/^Clean/);
    expect((await cli(url, 'migrate')).stdout).toMatch(/^Nothing to do/);
  });

  it('is not upgraded while another process has it open, by migrate or by a server', async () => {
    const { folder, file, url } = olderDatabase();
    const before = contents(folder)['older.db'];
    const other = new Database(file);
    other.prepare('select count(*) from applications').get();
    const refusal = /older\.db: The schema of the database must be upgraded to \d+, but another process has it open/;
    expectRefusal(await runCli(['migrate', '--database', url]), 1, refusal);
    const serve = ['serve', '--port', '0', '--log-level', 'error', '--database', url];
    expectRefusal(await runCli(serve), 1, refusal);
    expect(contents(folder)['older.db']).toEqual(before);
    // The dry run and the backup only read.
    await cli(url, 'migrate', '--dry-run');
    await cli(url, 'backup', join(folder, 'backup.db'));
    other.close();
    await cli(url, 'migrate');
  });

  it('is not replaced by a restored one either', async () => {
    const { url } = olderDatabase();
    expectRefusal(await runCli(['restore', backup, '--yes', '--database', url]), 1, /rollcall migrate/);
  });
});
