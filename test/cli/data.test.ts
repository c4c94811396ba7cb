/** `rollcall verify`, `backup` and `restore`, with and without a running server. */

import { copyFileSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { call, cli, expectRefusal, firstKey, json, newDatabase, runCommand, updateStatus } from './world.ts';

let server: ServerProcess;
let key: string;
let folder: string;
let intact: string;

beforeAll(async () => {
  folder = temporaryFolder();
  server = await startServerProcess();
  key = firstKey(server.database);
  expect(await updateStatus(server, key, { Tier: 'gold' })).toBe(200);
  intact = join(folder, 'intact.db');
  await cli(server.database, 'backup', intact);
});
afterAll(async () => {
  await server.stop();
});

async function tier(): Promise<unknown> {
  const answer = await call(server, '/cdp/customer_profile/ada', { key, method: 'PUT', body: {} });
  return ((await answer.json()) as { customerProfile: { attributes: { Tier?: string } } }).customerProfile.attributes
    .Tier;
}

describe('verify', () => {
  it('finds nothing in sound data', async () => {
    const { stdout, stderr } = await cli(server.database, 'verify');
    expect(stdout).toMatch(/^Clean: \d+ checks passed\.\n$/);
    expect(stderr).toBe('');
    const report = await json<{ checks: string[] }>(`sqlite:${intact}`, 'verify');
    expect(report).toEqual({ clean: true, checks: expect.any(Array) as string[], problems: [] });
    expect(report.checks.length).toBeGreaterThan(3);
  });

  it('is exit 1 with each problem named where a promise does not hold', async () => {
    const broken = join(folder, 'broken.db');
    copyFileSync(intact, broken);
    const database = new Database(broken);
    database.exec('insert into audience_counters (audience_id, slot, members, last_change) values (1, 7, 5, 0)');
    database.close();
    const run = async (...more: string[]) => runCommand(['verify', '--database', `sqlite:${broken}`, ...more]);
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^[a-z ]+: .*[Aa]udience 1.*\n/);
    const report = await run('--json');
    expect(report.code).toBe(1);
    expect(JSON.parse(report.stdout)).toMatchObject({
      clean: false,
      problems: [{ check: expect.any(String) as string, message: expect.any(String) as string }],
    });
  });
});

describe('backup', () => {
  it('writes one private file, beside the running server, that is a database of its own', async () => {
    const file = join(folder, 'new', 'backup.db');
    mkdirSync(join(folder, 'new'));
    const { stdout } = await cli(server.database, 'backup', file);
    expect(stdout).toBe(`Written to ${file}. It holds customer data: keep it private.\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'new'))).toEqual(['backup.db']);
    const keys = await json<unknown[]>(`sqlite:${file}`, 'key', 'list');
    expect(keys).toHaveLength(1);
    const other = join(folder, 'new', 'other.db');
    expect(await json(server.database, 'backup', other)).toEqual({ file: other });
  });

  it('never overwrites', async () => {
    const file = join(folder, 'taken');
    writeFileSync(file, 'precious');
    expectRefusal(await runCommand(['backup', file, '--database', server.database]), 1, /taken already exists/);
    expectRefusal(await runCommand(['backup', folder, '--database', server.database]), 1, /already exists/);
  });

  it('says where it cannot write', async () => {
    const run = async (file: string) => runCommand(['backup', file, '--database', server.database]);
    expectRefusal(await run(join(intact, 'x')), 1, /intact\.db\/x: part of this path is a file, not a folder\n$/);
    expectRefusal(await run(join(folder, 'x'.repeat(300))), 1, /the name is too long/);
  });
});

describe('restore', () => {
  it('puts a backup in place under the running server, and keeps what was there', async () => {
    expect(await updateStatus(server, key, { Tier: 'tin' })).toBe(200);
    const { stdout } = await cli(server.database, 'restore', intact, '--yes');
    const kept = /^Restored from (\S+)\. The previous data is kept in (\S+)\.\n$/.exec(stdout);
    expect(kept?.[1]).toBe(intact);
    expect(await tier()).toBe('gold');
    // The safety copy is the way back.
    const back = await json<{ restored: string; safetyCopy: string }>(
      server.database,
      'restore',
      kept?.[2] ?? '',
      '--yes',
    );
    expect(back).toEqual({ restored: kept?.[2], safetyCopy: expect.stringContaining('.before-restore-') as string });
    expect(await tier()).toBe('tin');
    expect((await cli(server.database, 'verify')).stdout).toMatch(/^Clean/);
  });

  it('makes a database where there was none', async () => {
    const database = newDatabase();
    expect(await json(database, 'restore', intact)).toEqual({ restored: intact, safetyCopy: null });
    expect(await json<unknown[]>(database, 'key', 'list')).toHaveLength(1);
  });

  it('does nothing without --yes, and nothing to a file that is no intact backup', async () => {
    const run = async (file: string, ...more: string[]) =>
      runCommand(['restore', file, '--database', server.database, ...more]);
    expectRefusal(await run(intact), 2, /this replaces all data in .*; confirm with --yes/);
    expectRefusal(await run(join(folder, 'missing.db'), '--yes'), 1, /There is no file .*missing\.db/);
    expectRefusal(await run(folder, '--yes'), 1, /There is no file/);
    const text = join(folder, 'text.db');
    writeFileSync(text, 'not a database at all, but long enough to look at\n'.repeat(100));
    expectRefusal(await run(text, '--yes'), 2, /text\.db is not a database/);
    const half = join(folder, 'half.db');
    copyFileSync(intact, half);
    truncateSync(half, 20_000);
    expectRefusal(await run(half, '--yes'), 2, /half\.db is damaged/);
    expect(await tier()).toBe('tin');
  });
});
