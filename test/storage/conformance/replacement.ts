/** Replacing all members: hidden until the swap, complete after it, and only one at a time. */

import { expect } from 'vitest';
import type { DeclareCase } from '../conformance.ts';
import { range, refusalOf } from '../world.ts';

export function replacementCases(test: DeclareCase): void {
  test('the swap counts members, joins and leaves, and creates unknown profiles', async (world) => {
    const audience = await world.createAudience('a');
    await world.add('a', range(10));
    const set = await world.storage.beginReplacement(audience.id);
    await world.storage.stageMembers(audience.id, set, ['profile-8', 'profile-9', 'new-1', 'new-1']);
    await world.storage.stageMembers(audience.id, set, ['new-2', 'profile-9', '😀é']);
    await world.storage.stageMembers(audience.id, set, []);
    const noticed = { entries: 7, warnings: { outerBlank: 1 } };
    expect(await world.storage.finishReplacement(audience.id, set, world.caller(), { noticed })).toMatchObject({
      members: 5,
      joins: 3,
      leaves: 8,
      recorded: { amount: 5, warnings: { outerBlank: 1, repeated: 2 } },
    });
    expect(new Set(await world.members(audience.id))).toEqual(
      new Set(['profile-8', 'profile-9', 'new-1', 'new-2', '😀é']),
    );
    expect(await world.size(audience.id)).toBe(5);
    expect(await world.audiencesOf('profile-0')).toEqual([]);
    expect(await world.audiencesOf('new-2')).toEqual(['a']);
    expect(await world.storage.findProfile('live', '😀é')).toMatchObject({
      attributes: {},
      memberships: [{ id: audience.id }],
    });
    await world.purgeAll();
    expect(await world.size(audience.id)).toBe(5);
  });

  test('nothing shows before the swap', async (world) => {
    const audience = await world.createAudience('a');
    await world.add('a', ['old']);
    const before = await world.storage.browse.listAudiences();
    const set = await world.storage.beginReplacement(audience.id);
    await world.storage.stageMembers(audience.id, set, ['staged', 'other']);
    expect(await world.members(audience.id)).toEqual(['old']);
    expect(await world.audiencesOf('staged')).toEqual([]);
    expect((await world.updateProfile('staged')).memberships).toEqual([]);
    const listed = await world.storage.browse.listAudiences();
    expect(listed.map(({ members, lastUpdate }) => ({ members, lastUpdate }))).toEqual(
      before.map(({ members, lastUpdate }) => ({ members, lastUpdate })),
    );
    expect(await world.problems()).toEqual([]);
    await world.storage.finishReplacement(audience.id, set, world.caller());
    expect(await world.audiencesOf('staged')).toEqual(['a']);
    expect(await world.audiencesOf('old')).toEqual([]);
  });

  test('writes during the staging show until the swap replaces them', async (world) => {
    const audience = await world.createAudience('a');
    await world.createAudience('b');
    await world.add('a', ['old-1', 'old-2']);
    const set = await world.storage.beginReplacement(audience.id);
    await world.storage.stageMembers(audience.id, set, ['old-1', 'kept']);
    await world.write(
      world.update('late', { adds: ['a', 'b'] }),
      world.update('kept', { adds: ['a'], deletes: ['a'] }),
      world.update('old-1', { deletes: ['a'], adds: ['b'] }),
      world.renaming('a', 'renamed meanwhile'),
    );
    expect(await world.audiencesOf('late')).toEqual(['a', 'b']);
    expect(await world.audiencesOf('old-1')).toEqual(['b']);
    await world.storage.stageMembers(audience.id, set, ['kept-2']);
    const result = await world.storage.finishReplacement(audience.id, set, world.caller());
    expect(result).toMatchObject({ members: 3, joins: 3, leaves: 2 });
    expect(new Set(await world.members(audience.id))).toEqual(new Set(['old-1', 'kept', 'kept-2']));
    expect(await world.audiencesOf('late')).toEqual(['b']);
    expect(await world.audiencesOf('old-1')).toEqual(['a', 'b']);
    expect((await world.storage.catalog()).audience(audience.id)?.name).toBe('renamed meanwhile');
  });

  test('an abandoned replacement leaves the audience as it is, and the next may begin', async (world) => {
    const audience = await world.createAudience('a');
    await world.add('a', ['old']);
    const set = await world.storage.beginReplacement(audience.id);
    await world.storage.stageMembers(audience.id, set, range(10));
    await world.storage.abandonReplacement(audience.id, set);
    expect(await world.members(audience.id)).toEqual(['old']);
    expect(await refusalOf(world.storage.stageMembers(audience.id, set, ['x']))).toBe('conflict');
    expect(await refusalOf(world.storage.finishReplacement(audience.id, set, world.caller()))).toBe('conflict');
    await world.storage.abandonReplacement(audience.id, set);
    await world.purgeAll();
    expect(await world.replaceMembers(audience.id, ['old', 'profile-3'])).toEqual({ members: 2, joins: 1, leaves: 0 });
    expect(await world.members(audience.id)).toHaveLength(2);
  });

  test('only one replacement of an audience at a time; others are not held up', async (world) => {
    const audience = await world.createAudience('a');
    const other = await world.createAudience('b');
    const set = await world.storage.beginReplacement(audience.id);
    expect(await refusalOf(world.storage.beginReplacement(audience.id))).toBe('conflict');
    const otherSet = await world.storage.beginReplacement(other.id);
    expect(otherSet).not.toBe(set);
    await world.storage.stageMembers(audience.id, set, ['p']);
    await world.storage.stageMembers(other.id, otherSet, ['p', 'q']);
    expect(await refusalOf(world.storage.stageMembers(audience.id, otherSet, ['x']))).toBe('conflict');
    expect(await refusalOf(world.storage.finishReplacement(other.id, set, world.caller()))).toBe('conflict');
    await world.storage.abandonReplacement(other.id, set);
    await world.storage.finishReplacement(other.id, otherSet, world.caller());
    await world.storage.finishReplacement(audience.id, set, world.caller());
    expect(await world.audiencesOf('p')).toEqual(['a', 'b']);
    expect(await refusalOf(world.storage.finishReplacement(audience.id, set, world.caller()))).toBe('conflict');
  });

  test('an audience that does not exist cannot be replaced', async (world) => {
    const audience = await world.createAudience('a');
    await world.write(world.deletion('a'));
    expect(await refusalOf(world.storage.beginReplacement(audience.id))).toBe('not_found');
    expect(await refusalOf(world.storage.beginReplacement(99))).toBe('not_found');
    expect(await refusalOf(world.storage.stageMembers(99, 1, ['p']))).toBe('not_found');
    expect(await refusalOf(world.storage.finishReplacement(99, 1, world.caller()))).toBe('not_found');
    await world.storage.abandonReplacement(99, 1);
    expect(await world.storage.findProfile('live', 'p')).toBeUndefined();
  });

  test('deleting the audience ends its replacement and leaves nothing', async (world) => {
    const audience = await world.createAudience('a');
    await world.add('a', ['old']);
    const set = await world.storage.beginReplacement(audience.id);
    await world.storage.stageMembers(audience.id, set, range(10));
    await world.write(world.deletion('a'));
    expect(await refusalOf(world.storage.stageMembers(audience.id, set, ['x']))).toBe('not_found');
    expect(await refusalOf(world.storage.finishReplacement(audience.id, set, world.caller()))).toBe('not_found');
    await world.storage.abandonReplacement(audience.id, set);
    await world.createAudience('a');
    await world.purgeAll();
    expect(await world.audiencesOf('profile-1')).toEqual([]);
  });

  test('replacing by the same members, and by none, is counted as such', async (world) => {
    const audience = await world.createAudience('a');
    await world.add('a', range(5));
    expect(await world.replaceMembers(audience.id, range(5))).toEqual({ members: 5, joins: 0, leaves: 0 });
    expect(await world.replaceMembers(audience.id, [])).toEqual({ members: 0, joins: 0, leaves: 5 });
    expect(await world.members(audience.id)).toEqual([]);
    await world.add('a', ['profile-2']);
    expect(await world.replaceMembers(audience.id, range(3))).toEqual({ members: 3, joins: 2, leaves: 0 });
    await world.write(world.deletion('a'));
    expect(await world.storage.statistics()).toEqual({ audiences: 0, members: 0 });
  });

  test('a drastic one is done only when it is meant', async (world) => {
    const audience = await world.createAudience('a');
    await world.add('a', range(10));
    const attempt = async (ids: string[], isDrasticMeant: boolean) => {
      const set = await world.storage.beginReplacement(audience.id);
      await world.storage.stageMembers(audience.id, set, ids);
      const done = world.storage.finishReplacement(audience.id, set, world.caller(), { isDrasticMeant });
      return done.then(
        ({ leaves }) => leaves,
        async () => {
          await world.storage.abandonReplacement(audience.id, set);
          return 'refused';
        },
      );
    };
    expect(await attempt(range(8), false)).toBe(2);
    expect(await attempt(range(6), false)).toBe('refused');
    expect(await world.size(audience.id)).toBe(8);
    expect(await attempt(range(6), true)).toBe(2);
    expect(await attempt([], false)).toBe('refused');
    expect(await attempt([], true)).toBe(6);
    expect(await attempt([], false)).toBe('refused');
  });

  test('a list is compared with the members part by part, and nothing is changed', async (world) => {
    const audience = await world.createAudience('a');
    const other = await world.createAudience('a', 'sandbox');
    await world.add('a', range(3));
    await world.updateProfile('outside', {});
    const { browse } = world.storage;
    const comparison = await browse.openComparison(audience.id);
    const rehearsal = await browse.openComparison(other.id);
    const parts = [
      ['profile-0', 'profile-1', 'profile-0', 'outside', 'new', 'new'],
      ['new', 'profile-1', 'outside', 'newer'],
      [],
    ];
    const found = [];
    for (const part of parts) found.push(await browse.compareMembers(comparison, part));
    expect(found).toEqual([
      { distinct: 4, joins: 2, newProfiles: 1, repeated: [2, 5] },
      { distinct: 1, joins: 1, newProfiles: 1, repeated: [0, 1, 2] },
      { distinct: 0, joins: 0, newProfiles: 0, repeated: [] },
    ]);
    const rehearsed = await browse.compareMembers(rehearsal, ['profile-0']);
    expect(rehearsed).toEqual({ distinct: 1, joins: 1, newProfiles: 1, repeated: [] });
    await browse.closeComparison(comparison);
    await browse.closeComparison(rehearsal);
    expect(await refusalOf(browse.compareMembers(comparison, ['profile-0']))).toBe('unavailable');
    expect(await refusalOf(browse.openComparison(99))).toBe('not_found');
    expect(await world.storage.findProfile('live', 'new')).toBeUndefined();
    expect(await world.size(audience.id)).toBe(3);
  });

  test('a sandbox audience is filled with sandbox profiles', async (world) => {
    const audience = await world.createAudience('a', 'sandbox');
    await world.updateProfile('p', {}, 'live');
    await world.replaceMembers(audience.id, ['p', 'q']);
    expect(await world.audiencesOf('p', 'sandbox')).toEqual(['a']);
    expect(await world.audiencesOf('p', 'live')).toEqual([]);
    expect(await world.storage.findProfile('live', 'q')).toBeUndefined();
  });

  test('more members than a statement may have parameters are staged at once', async (world) => {
    const audience = await world.createAudience('a');
    await world.add('a', range(1000));
    expect(await world.replaceMembers(audience.id, range(40_000))).toEqual({
      members: 40_000,
      joins: 39_000,
      leaves: 0,
    });
    expect(await world.size(audience.id)).toBe(40_000);
  });
}
