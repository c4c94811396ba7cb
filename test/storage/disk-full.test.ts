/** A full disk: refused writes leave nothing, acknowledged ones stay, and writes continue once there is space. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { openStorage } from '../../src/storage/index.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { codeOf, problemsOf, range, refusalOf, World } from './world.ts';

const SMALL = 1024 * 1024;

/** Adds profiles in smaller and smaller requests until not even one fits. @returns those acknowledged */
async function fillUp(world: World, audience: string): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let size = 500, round = 0; size >= 1; round += 1) {
    const ids = range(size, `${'x'.repeat(100)}-${round}-`);
    try {
      await world.add(audience, ids);
      acknowledged.push(...ids);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      expect(error.code).toBe('unavailable');
      expect(error.retryAfter).toBeGreaterThan(0);
      size = Math.floor(size / 5);
    }
  }
  return acknowledged;
}

/** Every acknowledged profile is a member, and nobody else is. */
async function expectExactly(world: World, audienceId: number, ids: readonly string[]): Promise<void> {
  expect(await world.size(audienceId)).toBe(ids.length);
  expect(new Set(await world.members(audienceId))).toEqual(new Set(ids));
  expect(await problemsOf(world.storage)).toEqual([]);
}

describe('a full disk', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let url: string;

  beforeEach(() => {
    folder = temporaryFolder();
    url = `sqlite:${join(folder.path, 'test.db')}`;
  });
  afterEach(() => folder.remove());

  test('refuses writes, keeps what was acknowledged, and goes on with more room', async () => {
    const full = await World.create(await openStorage(url, { maxBytes: SMALL }));
    await full.createAudience('a');
    const acknowledged = await fillUp(full, 'a');
    expect(acknowledged.length).toBeGreaterThan(500);
    await expectExactly(full, 1, acknowledged);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await refusalOf(full.add('a', range(300, 'refused-')))).toBe('unavailable');
    }
    await full.storage.close();

    const roomy = full.in(await openStorage(url, { maxBytes: 4 * SMALL }));
    await expectExactly(roomy, 1, acknowledged);
    await roomy.add('a', ['after']);
    await expectExactly(roomy, 1, [...acknowledged, 'after']);
    await roomy.storage.close();
  });

  test('is no hindrance once a deletion was purged, without a restart', async () => {
    const world = await World.create(await openStorage(url, { maxBytes: SMALL }));
    await world.createAudience('big');
    await world.createAudience('kept');
    await world.add('kept', range(50));
    await fillUp(world, 'big');
    await world.write(world.deletion('big'));
    await world.purgeAll();
    await world.add('kept', range(50, 'again-'));
    await expectExactly(world, 2, [...range(50), ...range(50, 'again-')]);
    await world.storage.close();
  });

  test('refuses every kind of write the same way, while reads go on', async () => {
    const reasons: string[] = [];
    const onUnavailable = (reason: string): void => void reasons.push(reason);
    const world = await World.create(await openStorage(url, { maxBytes: SMALL, onUnavailable }));
    const { storage } = world;
    await world.createAudience('a');
    const acknowledged = await fillUp(world, 'a');
    const long = 'y'.repeat(200_000);
    const set = await storage.beginReplacement(1).catch(() => 0);
    const refused = [
      storage.write([world.creation('b', 'live', 'P', long)]),
      storage.createApplication(COMMAND_LINE, {
        name: long,
        environment: 'live',
        timezone: 'UTC',
        currency: 'EUR',
        description: '',
        payloadLogging: 'full',
        staging: false,
      }),
      storage.accounts.createUser(COMMAND_LINE, {
        email: long,
        name: '',
        isAdmin: false,
        state: 'active',
        mustChangePassword: false,
        passwordHash: '',
      }),
      world.defineAttribute(long, 'string'),
      ...(set === 0 ? [] : [storage.stageMembers(1, set, range(2000, 'staged-'))]),
    ];
    reasons.length = 0;
    expect(await Promise.all(refused.map(refusalOf))).toEqual(refused.map(() => 'unavailable'));
    // Each is reported to the owner of the queue, which then holds back further writes.
    expect(reasons).toHaveLength(refused.length);
    expect(await world.audiencesOf(acknowledged[0] ?? '')).toEqual(['a']);
    await expectExactly(world, 1, acknowledged);
    expect((await storage.catalog()).attributes.size).toBe(0);
    await storage.close();
  });

  test('met while a batch is retried one by one, refuses only what did not fit', async () => {
    const world = await World.create(await openStorage(url, { maxBytes: SMALL }));
    await world.createAudience('a');
    const outcomes = await world.storage.write([
      world.update('first', { adds: ['a'] }),
      world.update(null as unknown as string, { adds: ['a'] }),
      world.bulk(range(1000, 'z'.repeat(1000)).map((integrationId) => ({ integrationId, adds: ['a'], deletes: [] }))),
      world.update('last', { adds: ['a'] }),
    ]);
    expect(outcomes.map((each) => ('error' in each ? codeOf(each) : Object.keys(each)[0]))).toEqual([
      'result',
      'failure',
      'unavailable',
      'result',
    ]);
    await expectExactly(world, 1, ['first', 'last']);
    await world.storage.close();
  });

  test('is survived on a file system that is really full', async (context) => {
    const mount = join(folder.path, 'small');
    mkdirSync(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', mount], { stdio: 'ignore' });
    } catch {
      context.skip('no right to mount a file system');
    }
    try {
      writeFileSync(join(mount, 'filler'), Buffer.alloc(2_000_000));
      const world = await World.create(await openStorage(`sqlite:${join(mount, 'test.db')}`));
      await world.createAudience('a');
      const acknowledged = await fillUp(world, 'a');
      expect(acknowledged.length).toBeGreaterThan(500);
      await expectExactly(world, 1, acknowledged);
      rmSync(join(mount, 'filler'));
      await world.add('a', range(300, 'again-'));
      await expectExactly(world, 1, [...acknowledged, ...range(300, 'again-')]);
      await world.storage.close();
      const storage = await openStorage(`sqlite:${join(mount, 'test.db')}`);
      expect(await problemsOf(storage)).toEqual([]);
      expect(await storage.statistics()).toEqual({ audiences: 1, members: acknowledged.length + 300 });
      await storage.close();
    } finally {
      execFileSync('umount', ['-l', mount]);
    }
  });
});
