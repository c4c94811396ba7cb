/** Damage on the disk: every flipped byte in rows of profiles is detected, and reported without their content. */

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VerifyProblem } from '../../src/domain/storage.ts';
import { openStorage, restoreStorage } from '../../src/storage/index.ts';
import { openConnection } from '../../src/storage/sqlite/database.ts';
import { verifyDatabase } from '../../src/storage/sqlite/verify.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { range, World } from './world.ts';

const FLIPS = 60;

const folder = temporaryFolder();
const sound = join(folder.path, 'sound.db');
const unsealed = join(folder.path, 'unsealed.db');
let leaves: number[];
let pageSize: number;

beforeAll(async () => {
  const world = await World.create(await openStorage(`sqlite:${sound}`));
  await world.defineAttribute('Tier', 'string');
  await world.defineAttribute('Score', 'number');
  await world.createAudience('a');
  for (const [index, name] of range(300, 'customer-').entries()) {
    await world.updateProfile(name, { attributes: { Tier: `tier ${index % 7}`, Score: index }, adds: ['a'] });
  }
  expect(await world.problems()).toEqual([]);
  await world.storage.close();
  copyFileSync(sound, unsealed);
  const database = new Database(unsealed);
  pageSize = database.pragma('page_size', { simple: true }) as number;
  database.exec('update profiles set checksum = null; update requests set checksum = null; delete from row_checksums');
  database.close();
  leaves = leavesOf(sound);
  expect(leavesOf(unsealed)).toEqual(leaves);
});
afterAll(() => folder.remove());

/** The pages with rows of profiles: those that contain their integration IDs together with their attributes. */
function leavesOf(file: string): number[] {
  const bytes = readFileSync(file);
  const pages = [...Array(bytes.length / pageSize).keys()].map((page) => page * pageSize);
  return pages.filter((start) => {
    const page = bytes.subarray(start, start + pageSize);
    return page[0] === 0x0d && page.includes('customer-') && page.includes('"Score":');
  });
}

/** Reproducible random numbers, from 0 up to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Flips four bytes somewhere within the rows of a page. */
function flip(source: string, target: string, random: () => number): void {
  const bytes = readFileSync(source);
  const page = leaves[Math.floor(random() * leaves.length)] ?? 0;
  // The rows of a leaf page are at its end, from the offset in its header.
  const first = bytes.readUInt16BE(page + 5);
  const at = page + first + Math.floor(random() * (pageSize - first - 4));
  for (let index = 0; index < 4; index += 1) {
    bytes.writeUInt8(bytes.readUInt8(at + index) ^ (1 + Math.floor(random() * 255)), at + index);
  }
  writeFileSync(target, bytes);
}

function problemsIn(file: string): VerifyProblem[] {
  const problems: VerifyProblem[] = [];
  const database = openConnection(file, { readonly: true });
  try {
    verifyDatabase(
      database,
      (problem) => problems.push(problem),
      () => {},
    );
  } finally {
    database.close();
  }
  return problems;
}

test(`of ${FLIPS} flips in rows of profiles none goes unseen, and each would be named by its checksum`, () => {
  const [random, same] = [randomNumbers(7), randomNumbers(7)];
  const target = join(folder.path, 'flipped.db');
  let unseenBefore = 0;
  const unseen: number[] = [];
  for (let round = 0; round < FLIPS; round += 1) {
    flip(unsealed, target, random);
    if (problemsIn(target).length === 0) unseenBefore += 1;
    flip(sound, target, same);
    const problems = problemsIn(target);
    if (problems.length === 0) unseen.push(round);
    for (const { message } of problems.filter(({ check }) => check === 'checksums')) {
      expect(message).toMatch(
        /^[a-z_]+, row -?\d+: (its content differs from what was written|it is missing, but its checksum exists)$/,
      );
    }
  }
  expect(unseen).toEqual([]);
  // Some are not detected without checksums; otherwise this test would show nothing.
  expect(unseenBefore).toBeGreaterThan(0);
});

test('a backup with damaged rows is refused with their numbers, unless that is accepted', async () => {
  const damaged = join(folder.path, 'damaged.db');
  copyFileSync(sound, damaged);
  const database = new Database(damaged);
  database.exec('pragma journal_mode = delete; update profiles set created = created - 1 where id in (3, 5)');
  database.close();
  const target = `sqlite:${join(folder.path, 'restored.db')}`;
  await expect(restoreStorage(target, damaged)).rejects.toThrow(
    /damaged\.db is damaged: profiles, row 3: .*; profiles, row 5: [^;]*\. .*--accept-damage$/,
  );
  await restoreStorage(target, damaged, { acceptDamage: true });
  const storage = await openStorage(target);
  const problems: VerifyProblem[] = [];
  await storage.verify(
    (problem) => problems.push(problem),
    () => {},
  );
  await storage.close();
  expect(problems.map(({ message }) => message)).toEqual(
    [3, 5].map((id) => `profiles, row ${id}: its content differs from what was written`),
  );
});

test('a row that was written before there were checksums gets one when it changes', async () => {
  const world = (await World.create(await openStorage('sqlite::memory:'))).in(await openStorage(`sqlite:${unsealed}`));
  await world.updateProfile('customer-1', { attributes: { Tier: 'gold' } });
  expect(await world.problems()).toEqual([]);
  await world.storage.close();
  const database = new Database(unsealed, { readonly: true });
  const sealed = database.prepare('select integration_id from profiles where checksum is not null').pluck().all();
  database.close();
  expect(sealed).toEqual(['customer-1']);
});
