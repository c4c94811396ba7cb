/**
 * Imports whose process was killed, with clocks that were set: a dead import ends at once, a live one is left alone.
 */

import { randomUUID } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { runCli, startServerProcess, temporaryFolder } from '../server-process.ts';
import { OtherProcess } from '../storage/other-process.ts';
import { cli, expectRefusal, filledDatabase, type Result } from './world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let database: string;
let path: string;
let clock: string;
const owners = new Set<OtherProcess>();

beforeAll(async () => {
  ({ database } = await filledDatabase());
  path = database.slice('sqlite:'.length);
  const folder = temporaryFolder();
  // Loaded before the program, in each of its threads: shifts the clock by this number of ms.
  clock = join(folder, 'clock.mjs');
  writeFileSync(
    clock,
    `const [real, by] = [Date.now, Number(process.env.TEST_CLOCK_SET_BY)];
     Date.now = () => real() + by;`,
  );
});
afterEach(async () => {
  for (const owner of owners) await owner.kill();
  owners.clear();
});

function staged(): number | null {
  const file = new Database(path, { readonly: true });
  const set = file.prepare('select staged_set from audiences where id = 1').pluck().get() as number | null;
  file.close();
  return set;
}

/** Starts a process that is in the middle of an import. */
async function openImport(): Promise<{ owner: OtherProcess; set: number }> {
  const owner = new OtherProcess(database);
  owners.add(owner);
  await owner.opened;
  const set = await owner.call('beginReplacement', 1);
  await owner.call('stageMembers', 1, set, ['ada', 'bob']);
  return { owner, set };
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
  const { owner } = await openImport();
  await owner.kill();
  expect(staged()).not.toBeNull();
  expect(await importAt(setBy)).toMatchObject({ code: 0 });
  expect(staged()).toBeNull();
});

it('a server ends killed imports when it starts, and leaves running ones alone', { timeout: 120_000 }, async () => {
  const killed = await openImport();
  await killed.owner.kill();
  const first = await startServerProcess({ database });
  expect(staged()).toBeNull();
  await first.stop();

  const { owner, set } = await openImport();
  const server = await startServerProcess({ database });
  expectRefusal(await importAt(0), 1, /Another import into audience 1 is in progress/);
  const caller = {
    requestUuid: randomUUID(),
    keyId: undefined,
    applicationId: 1,
    environment: 'live',
    bytes: 0,
  } as const;
  await owner.call('finishReplacement', 1, set, caller);
  await owner.close();
  await server.stop();
  expect((await cli(database, 'verify')).stdout).toMatch(/^Clean/);
  expect(readdirSync(join(path, '..')).filter((name) => name.endsWith('.partial'))).toEqual([]);
});
