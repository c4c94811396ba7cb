/** Imports whose process was killed or stopped, under clocks that were set: what is over is over at once, what goes on is left alone. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { runCli, startServerProcess, temporaryFolder } from '../server-process.ts';
import { cli, ENTRY, expectRefusal, filledDatabase, type Result, within } from './world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const MEMBERS = 60_000;

let database: string;
let path: string;
let list: string;
let clock: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  ({ database } = await filledDatabase());
  path = database.slice('sqlite:'.length);
  const folder = temporaryFolder();
  list = join(folder, 'list.csv');
  const members = Array.from({ length: MEMBERS }, (_, index) => `customer-${index}`);
  writeFileSync(list, `profileintegrationid\nada\n${members.join('\n')}\n`);
  // Loaded before the program, in each of its threads: the machine's clock, set by so many ms.
  clock = join(folder, 'clock.mjs');
  writeFileSync(
    clock,
    `const [real, by] = [Date.now, Number(process.env.TEST_CLOCK_SET_BY)];
     Date.now = () => real() + by;`,
  );
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

function staged(): number | null {
  const file = new Database(path, { readonly: true });
  const set = file.prepare('select staged_set from audiences where id = 1').pluck().get() as number | null;
  file.close();
  return set;
}

/** Starts an import, and stops the process in the middle, between two of its writes. */
async function stoppedImport(): Promise<{ child: ChildProcess; ended: Promise<unknown[]> }> {
  const args = ['audience', 'import', '1', list, '--database', database];
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: 'ignore' });
  children.add(child);
  const ended = once(child, 'exit');
  await within(20_000, async () => staged() ?? undefined);
  let pause = 0;
  await within(20_000, async () => {
    child.kill('SIGSTOP');
    const other = new Database(path, { timeout: 100 });
    try {
      other.exec('begin immediate; rollback');
      return true;
    } catch {
      // In the middle of one: it goes on for another while each time.
      child.kill('SIGCONT');
      pause += 30;
      await delay(pause);
      return undefined;
    } finally {
      other.close();
    }
  });
  return { child, ended };
}

async function importAt(setBy: number): Promise<Result> {
  const input = 'profileintegrationid\nada\n';
  const env = { NODE_OPTIONS: `--import=${clock}`, TEST_CLOCK_SET_BY: String(setBy) };
  return runCli(['audience', 'import', '1', '-', '--database', database], { input, env });
}

it.each([
  ['at once', 0],
  ['under a clock that was set back by two days', -2 * DAY_MS],
  ['under a clock that was set forward by two days', 2 * DAY_MS],
])('an import that was killed is over: the next begins %s', { timeout: 120_000 }, async (_title, setBy) => {
  const { child, ended } = await stoppedImport();
  child.kill('SIGKILL');
  await ended;
  expect(staged()).not.toBeNull();
  expect(await importAt(setBy)).toMatchObject({ code: 0 });
  expect(staged()).toBeNull();
});

it('a server at its start ends what was killed, and what goes on is left alone', { timeout: 120_000 }, async () => {
  const killed = await stoppedImport();
  killed.child.kill('SIGKILL');
  await killed.ended;
  const first = await startServerProcess({ database });
  expect(staged()).toBeNull();
  await first.stop();

  const { child, ended } = await stoppedImport();
  const server = await startServerProcess({ database });
  expectRefusal(await importAt(0), 1, /Another import into audience 1 is under way/);
  child.kill('SIGCONT');
  expect(await ended).toEqual([0, null]);
  await server.stop();
  expect((await cli(database, 'verify')).stdout).toMatch(/^Clean/);
  expect(readdirSync(join(path, '..')).filter((name) => name.endsWith('.partial'))).toEqual([]);
});
