/** Memberships: the result of adds and deletes, paging through members, and many at once. */

import { expect } from 'vitest';
import type { DeclareCase } from '../conformance.ts';
import { codeOf, range } from '../world.ts';

export function membershipCases(test: DeclareCase): void {
  test('adds come before deletes within an item, items in their order, repeats once', async (world) => {
    for (const integrationId of ['a', 'b', 'c']) await world.createAudience(integrationId);
    await world.write(
      world.bulk([
        { integrationId: 'p', adds: ['a', 'b', 'a'], deletes: ['b', 'b'] },
        { integrationId: 'q', adds: ['a'], deletes: [] },
        { integrationId: 'p', adds: ['c'], deletes: ['a'] },
        { integrationId: 'q', adds: [], deletes: ['a'] },
        { integrationId: 'q', adds: ['a'], deletes: [] },
      ]),
    );
    expect(await world.audiencesOf('p')).toEqual(['c']);
    expect(await world.audiencesOf('q')).toEqual(['a']);
    expect((await world.storage.browse.listAudiences()).map((each) => each.members)).toEqual([1, 0, 1]);
  });

  test('adding a member and removing a stranger change nothing', async (world) => {
    await world.createAudience('a');
    await world.add('a', ['p']);
    const before = await world.storage.browse.listAudiences();
    await world.add('a', ['p', 'p']);
    await world.remove('a', ['stranger']);
    expect(await world.storage.browse.listAudiences()).toEqual(before);
    expect(await world.audiencesOf('stranger')).toEqual([]);
    expect(await world.storage.findProfile('live', 'stranger')).toBeDefined();
  });

  test('items without changes and with deletes alone create their profiles', async (world) => {
    await world.createAudience('a');
    await world.write(
      world.bulk([
        { integrationId: 'empty', adds: [], deletes: [] },
        { integrationId: 'only-deletes', adds: [], deletes: ['a'] },
      ]),
    );
    for (const id of ['empty', 'only-deletes'])
      expect(await world.storage.findProfile('live', id)).toMatchObject({ memberships: [] });
  });

  test('one unknown audience refuses the whole request, naming ten at most', async (world) => {
    await world.createAudience('a');
    const missing = range(30, 'missing-');
    const outcomes = await world.storage.write([
      world.bulk([
        { integrationId: 'p', adds: ['a'], deletes: [] },
        { integrationId: 'q', adds: missing.slice(0, 15), deletes: missing.slice(15) },
      ]),
    ]);
    expect(codeOf(outcomes[0])).toBe('not_found');
    expect(outcomes[0]).toHaveProperty('error.problems.length', 10);
    expect(await world.storage.findProfile('live', 'p')).toBeUndefined();
    expect(await world.storage.statistics()).toEqual({ audiences: 1, members: 0 });
  });

  test('a thousand profiles and a thousand audiences fit one request', async (world) => {
    const ids = range(1000, 'a-');
    await world.write(...ids.map((id) => world.creation(id)));
    await world.updateProfile('p', { adds: ids });
    expect((await world.audiencesOf('p')).length).toBe(1000);
    await world.updateProfile('p', { adds: ids.slice(0, 500), deletes: ids.slice(0, 999) });
    expect(await world.audiencesOf('p')).toEqual(['a-999']);
    await world.add('a-0', range(1000));
    await world.add('a-0', range(1000));
    expect(await world.size(1)).toBe(1000);
  });

  test('batches may name more profiles than a statement may have parameters', async (world) => {
    await world.createAudience('a');
    const ids = range(40_000);
    const items = ids.map((integrationId) => ({ integrationId, adds: ['a'], deletes: [] }));
    await world.write(
      ...Array.from({ length: 40 }, (_, index) => world.bulk(items.slice(index * 1000, (index + 1) * 1000))),
    );
    expect(await world.size(1)).toBe(40_000);
    expect((await world.members(1, 10_000)).length).toBe(40_000);
    const found = await world.storage.findAudiencesOf('live', ids);
    expect(found.every((each) => each.length === 1)).toBe(true);
  });

  test('members are paged ascending by number, up to the limit, from above the given one', async (world) => {
    await world.createAudience('a');
    await world.createAudience('b');
    await world.add('b', range(3, 'other-'));
    await world.add('a', range(25));
    const numbers: number[] = [];
    for (;;) {
      const page = await world.storage.listMembers(1, numbers.at(-1) ?? 0, 10);
      expect(page.length).toBe(Math.min(10, 25 - numbers.length));
      if (page.length === 0) break;
      numbers.push(...page.map((each) => each.profileId));
    }
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(25);
    expect(await world.storage.listMembers(1, numbers.at(-1) ?? 0, 10)).toEqual([]);
    expect(await world.storage.listMembers(99, 0, 10)).toEqual([]);
  });

  test('paging under changes misses nobody who stays and shows nobody twice', async (world) => {
    await world.createAudience('a');
    await world.add('a', range(300));
    const staying = range(300).filter((_, index) => index % 3 !== 0);
    const leaving = range(300).filter((_, index) => index % 3 === 0);
    const seen: string[] = [];
    let after = 0;
    let round = 0;
    for (;;) {
      const page = await world.storage.listMembers(1, after, 20);
      if (page.length === 0) break;
      seen.push(...page.map((each) => each.integrationId));
      after = page.at(-1)?.profileId ?? 0;
      await world.remove('a', leaving.slice(round * 10, (round + 1) * 10));
      if (round < 10) await world.add('a', range(10, `new-${round}-`));
      round += 1;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(staying.filter((id) => !seen.includes(id))).toEqual([]);
  });

  test('concurrent calls over the same profiles lose nothing', async (world) => {
    const audiences = range(8, 'a-');
    for (const integrationId of audiences) await world.createAudience(integrationId);
    const ids = range(200);
    await Promise.all(
      audiences.flatMap((audience, index) => {
        const ordered = index % 2 === 0 ? ids : [...ids].reverse();
        return [world.add(audience, ordered.slice(0, 100)), world.add(audience, ordered.slice(100))];
      }),
    );
    expect((await world.storage.browse.listAudiences()).map((each) => each.members)).toEqual(audiences.map(() => 200));
    expect(await world.audiencesOf('profile-150')).toEqual(audiences);
  });

  test('writes that race with a deletion leave nothing behind', async (world) => {
    for (let round = 0; round < 5; round += 1) {
      const audience = await world.createAudience('a');
      const writes = range(10).map(async (id) =>
        world.storage.write([world.bulk([{ integrationId: id, adds: ['a'], deletes: [] }])]),
      );
      const deleted = world.storage.write([world.deletion('a')]);
      const later = range(10, 'late-').map(async (id) =>
        world.storage.write([world.update(id, { adds: [audience.id] })]),
      );
      const outcomes = (await Promise.all([...writes, ...later])).flat();
      for (const outcome of outcomes) if (!('result' in outcome)) expect(codeOf(outcome)).toBe('not_found');
      expect((await deleted).length).toBe(1);
      expect(await world.members(audience.id)).toEqual([]);
      expect(await world.audiencesOf('profile-0')).toEqual([]);
    }
    await world.purgeAll();
    expect(await world.storage.statistics()).toEqual({ audiences: 0, members: 0 });
  });
}
