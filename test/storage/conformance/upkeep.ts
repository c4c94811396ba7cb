/** Upkeep: purging deleted audiences and pruning the ledger, in a bounded number of bounded steps. */

import { expect } from 'vitest';
import type { DeclareCase } from '../conformance.ts';
import { range, type World } from '../world.ts';

const TOMORROW = 24 * 60 * 60 * 1000;

async function pruneAll(world: World, before: number): Promise<number> {
  let calls = 1;
  while (await world.storage.pruneLedger(before)) calls += 1;
  return calls;
}

export function upkeepCases(test: DeclareCase): void {
  test('with nothing to do, both say so', async (world) => {
    expect(await world.storage.purge()).toBe(false);
    expect(await world.storage.pruneLedger(Date.now() + TOMORROW)).toBe(false);
  });

  test('a purge goes in bounded steps and ends; writes go on between them', async (world) => {
    await world.createAudience('big');
    await world.createAudience('small');
    const ids = range(30_000);
    for (let start = 0; start < ids.length; start += 1000) await world.add('big', ids.slice(start, start + 1000));
    await world.write(world.deletion('big'));
    let calls = 0;
    for (let more = true; more; calls += 1) {
      more = await world.storage.purge();
      if (calls < 3) await world.add('small', [`profile-${calls}`]);
      if (calls % 3 === 0) expect(await world.problems()).toEqual([]);
    }
    expect(calls).toBeGreaterThan(3);
    expect(await world.storage.purge()).toBe(false);
    expect(await world.storage.statistics()).toEqual({ audiences: 1, members: 3 });
    expect(await world.audiencesOf('profile-29999')).toEqual([]);
  });

  test('several dead sets are purged, members of living ones stay', async (world) => {
    for (const integrationId of ['a', 'b', 'c']) {
      await world.createAudience(integrationId);
      await world.add(integrationId, range(100));
    }
    await world.write(world.deletion('a'), world.deletion('b'));
    await world.purgeAll();
    expect(await world.members(3)).toHaveLength(100);
    expect(await world.audiencesOf('profile-7')).toEqual(['c']);
  });

  test('pruning removes what is older than the time given and leaves memberships alone', async (world) => {
    const audience = await world.createAudience('a');
    await world.add('a', range(500));
    await world.remove('a', range(100));
    const replaced = await world.createAudience('replaced');
    await world.replaceMembers(replaced.id, range(50));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const boundary = Date.now();
    expect(await world.storage.pruneLedger(boundary - TOMORROW)).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await world.remove('a', ['profile-200']);
    await pruneAll(world, boundary);
    expect(await world.problems()).toEqual([]);
    expect(await world.storage.pruneLedger(boundary)).toBe(false);
    expect(await world.size(audience.id)).toBe(399);
    await world.add('a', ['profile-0', 'profile-200']);
    await world.replaceMembers(replaced.id, range(60));
    expect(await world.problems()).toEqual([]);
    await pruneAll(world, Date.now() + TOMORROW);
    expect(await world.size(audience.id)).toBe(401);
    expect(await world.problems()).toEqual([]);
    await world.remove('a', range(150));
    await world.write(world.deletion('replaced'));
    expect(await world.size(audience.id)).toBe(350);
  });

  test('pruning goes in bounded steps and ends', async (world) => {
    await world.createAudience('a');
    for (let request = 0; request < 2500; request += 100) {
      await world.write(...range(100, `p-${request}-`).map((id) => world.update(id, { adds: ['a'] })));
    }
    for (let request = 0; request < 12; request += 1) await world.add('a', range(1000, `q-${request}-`));
    expect(await pruneAll(world, Date.now() + TOMORROW)).toBeGreaterThan(3);
    expect(await world.storage.pruneLedger(Date.now() + TOMORROW)).toBe(false);
    expect(await world.size(1)).toBe(14_500);
  });

  test('a request of many entries is pruned in bounded steps, too, and every step leaves a sound ledger', async (world) => {
    const audiences = range(10, 'a-');
    for (const integrationId of audiences) await world.createAudience(integrationId);
    await world.write(world.update('before', { adds: ['a-0'] }));
    const items = range(1000).map((integrationId) => ({ integrationId, adds: audiences, deletes: [] }));
    await world.write(world.bulk(items), world.update('after', { adds: ['a-0'] }));
    let calls = 0;
    for (let more = true; more; calls += 1) {
      more = await world.storage.pruneLedger(Date.now() + TOMORROW);
      expect(await world.problems()).toEqual([]);
    }
    expect(calls).toBeGreaterThan(1);
    expect(await world.storage.pruneLedger(Date.now() + TOMORROW)).toBe(false);
    const history = await world.storage.browse.listAudienceChanges(1, undefined, 10);
    expect(history).toEqual({ found: [], next: undefined });
    expect(await world.size(1)).toBe(1002);
    await world.write(world.update('after', { deletes: ['a-0'] }));
    expect(await world.problems()).toEqual([]);
  });

  test('details of a large replacement are pruned in bounded steps, too', async (world) => {
    const audience = await world.createAudience('a');
    await world.replaceMembers(audience.id, range(20_000));
    const calls = await pruneAll(world, Date.now() + TOMORROW);
    expect(calls).toBeGreaterThan(4);
    expect(await world.replaceMembers(audience.id, range(10))).toEqual({ members: 10, joins: 0, leaves: 19_990 });
  });
}
