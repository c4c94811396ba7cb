/** Commands that are interrupted or killed, and a server that finds its port taken: what they leave behind. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startServerProcess, temporaryFolder } from '../server-process.ts';
import { cli, ENTRY, expectRefusal, newDatabase, within } from './world.ts';

const BALLAST_ROWS = 100;
const BALLAST_BYTES = 1024 * 1024;

let database: string;
let place: string;
let backup: string;
const children = new Set<ChildProcess>();

/** A database that takes a while to copy and check, alone in a folder. */
beforeAll(async () => {
  database = newDatabase();
  await cli(database, 'application', 'create', 'Shop');
  const path = database.slice('sqlite:'.length);
  place = join(path, '..');
  const file = new Database(path);
  file.exec('create table ballast (id integer primary key, bytes blob)');
  const insert = file.prepare('insert into ballast (bytes) values (randomblob(?))');
  for (let row = 0; row < BALLAST_ROWS; row += 1) insert.run(BALLAST_BYTES);
  file.close();
  backup = join(temporaryFolder(), 'backup.db');
  await cli(database, 'backup', backup);
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>;
}

function start(...args: string[]): Run {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    children.delete(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, stdout, stderr };
  });
  return { child, ended };
}

/** Waits until the folder contains a file with a matching name. */
async function appears(folder: string, name: RegExp): Promise<void> {
  await within(20_000, async () => (readdirSync(folder).some((each) => name.test(each)) ? true : undefined));
}

/** Matches the last message of a command, after one that it is waiting if a step takes more than a second here. */
function saying(outcome: string): unknown {
  return expect.stringMatching(new RegExp(`^(Stopping after the current step …\n)?rollcall: ${outcome}\n$`));
}

describe('interrupted, a command tidies up, says so in one line and fails', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('backup, by %s', async (signal) => {
    const folder = temporaryFolder();
    const { child, ended } = start('backup', join(folder, 'copy.db'), '--database', database);
    await appears(folder, /partial$/);
    child.kill(signal);
    expect(await ended).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: saying('interrupted; no backup was written'),
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(readdirSync(place)).toEqual(['rollcall.db']);
  });

  it('restore, and the data is what it was', async () => {
    const before = readFileSync(join(place, 'rollcall.db'));
    const { child, ended } = start('restore', backup, '--yes', '--database', database);
    await appears(place, /restoring$/);
    child.kill('SIGINT');
    const { code, stderr, stdout } = await ended;
    expect({ code, stderr, stdout }).toEqual({
      code: 1,
      stderr: saying('interrupted; nothing was changed'),
      stdout: '',
    });
    expect(readdirSync(place)).toEqual(['rollcall.db']);
    expect(readFileSync(join(place, 'rollcall.db')).equals(before)).toBe(true);
  });

  it('verify, of a database that nobody uses', async () => {
    const { child, ended } = start('verify', '--database', database);
    await appears(place, /-shm$/);
    child.kill('SIGINT');
    const { code, stderr, stdout } = await ended;
    expect({ code, stderr, stdout }).toEqual({
      code: 1,
      stderr: saying('interrupted; nothing was changed'),
      stdout: '',
    });
    expect(readdirSync(place)).toEqual(['rollcall.db']);
  });

  it('export, whose reader has stopped to read', async () => {
    const listed = newDatabase();
    const server = await startServerProcess({ database: listed });
    await server.stop();
    const members = Array.from({ length: 30_000 }, (_, index) => `customer-${index}`);
    const csv = `profileintegrationid\n${members.join('\n')}\n`;
    expect((await runCli(['audience', 'import', '1', '-', '--database', listed], { input: csv })).code).toBe(0);
    const child = spawn(process.execPath, [ENTRY, 'audience', 'export', '1', '--database', listed], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    await once(child.stdout, 'readable');
    const stderr = child.stderr.setEncoding('utf8').toArray();
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    expect(await exited).toEqual([1, null]);
    expect((await stderr).join('')).toBe('rollcall: interrupted; the list is incomplete\n');
    const left = readdirSync(join(listed.slice('sqlite:'.length), '..')).filter((name) => /-wal$|-shm$/.test(name));
    expect(left.filter((name) => !name.includes('access-log'))).toEqual([]);
  });
});

describe('what a killed command leaves', () => {
  it('is removed by the next that works in the same place, never what a running one is writing', async () => {
    const folder = temporaryFolder();
    const killed = start('backup', join(folder, 'killed.db'), '--database', database);
    await appears(folder, /^killed.*partial$/);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(readdirSync(folder)).toHaveLength(1);
    // Two run at once: the second finds the first at work, and the remains of the killed one.
    const [first, second] = ['first.db', 'second.db'].map((name) =>
      start('backup', join(folder, name), '--database', database),
    );
    expect(await first?.ended).toMatchObject({ code: 0 });
    expect(await second?.ended).toMatchObject({ code: 0 });
    expect(readdirSync(folder).sort()).toEqual(['first.db', 'second.db']);
  });

  it('beside the database is removed by a server at its start', async () => {
    const { child, ended } = start('restore', backup, '--yes', '--database', database);
    await appears(place, /restoring$/);
    child.kill('SIGKILL');
    await ended;
    expect(readdirSync(place).filter((name) => name.endsWith('restoring'))).toHaveLength(1);
    // A folder with a similar name belongs to somebody else.
    const other = join(place, 'x.00000000-0000-4000-8000-000000000000.partial');
    mkdirSync(other);
    writeFileSync(join(other, 'precious'), '');
    const server = await startServerProcess({ database });
    await server.stop();
    expect(readdirSync(place).filter((name) => /restoring$|partial$/.test(name))).toEqual([
      'x.00000000-0000-4000-8000-000000000000.partial',
    ]);
  });
});

describe('a port that is taken', () => {
  it('is one line, and nothing was created', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = taken.address() as AddressInfo;
      const folder = temporaryFolder();
      const args = ['serve', '--port', String(port), '--database', `sqlite:${join(folder, 'data', 'rollcall.db')}`];
      expectRefusal(
        await runCli(args, { cwd: folder }),
        2,
        /127\.0\.0\.1:\d+ is in use; choose another port with --port/,
      );
      expect(readdirSync(folder)).toEqual([]);
      expectRefusal(await runCli(['demo', '--port', String(port)]), 2, /is in use; choose another port with --port/);
    } finally {
      taken.close();
    }
  });
});
