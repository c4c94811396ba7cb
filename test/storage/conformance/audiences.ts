/** Audiences: namespaces, renaming, deletion, and their listing with counters. */

import { expect } from 'vitest';
import type { DeclareCase } from '../conformance.ts';
import { codeOf, PLATFORM, range } from '../world.ts';

export function audienceCases(test: DeclareCase): void {
  test('an audience is answered, listed and catalogued alike', async (world) => {
    const before = Date.now();
    const audience = await world.createAudience('ext', 'live', PLATFORM, 'Big spenders');
    expect(audience).toMatchObject({
      environment: 'live',
      name: 'Big spenders',
      integration: PLATFORM,
      integrationId: 'ext',
      createdInThirdParty: true,
      applicationIds: [world.live.id],
    });
    expect(audience.stagedSet).toBeUndefined();
    expect(audience.created).toBeGreaterThanOrEqual(before);
    expect(audience.modified).toBe(audience.created);
    expect(await world.storage.browse.listAudiences()).toEqual([
      { ...audience, members: 0, lastUpdate: audience.modified },
    ]);
    const catalog = await world.storage.catalog();
    expect(catalog.audience(audience.id)).toEqual(audience);
    expect(catalog.audienceByIntegrationId('live', PLATFORM, 'ext')).toEqual(audience);
  });

  test('one external ID may live in several namespaces and both environments', async (world) => {
    const created = await Promise.all([
      world.createAudience('x', 'live', 'One'),
      world.createAudience('x', 'live', 'Two'),
      world.createAudience('x', 'sandbox', 'One'),
      world.createAudience('X', 'live', 'One'),
      world.createAudience('x ', 'live', 'One'),
      world.createAudience('é', 'live', 'One'),
      world.createAudience('e\u0301', 'live', 'One'),
    ]);
    expect(new Set(created.map((each) => each.id)).size).toBe(7);
    await world.write(world.bulk([{ integrationId: 'p', adds: ['x'], deletes: [] }], 'live', 'Two'));
    expect(await world.members(created[1]?.id ?? 0)).toEqual(['p']);
    expect(await world.members(created[0]?.id ?? 0)).toEqual([]);
  });

  test('a platform is the same whatever its case and outer spaces; each audience keeps its spelling', async (world) => {
    await world.createAudience('a', 'live', 'My CDP');
    const outcomes = await world.storage.write([
      world.creation('a', 'live', 'my cdp'),
      world.creation('a', 'live', '  MY CDP '),
      world.creation('b', 'live', ' my cdp '),
    ]);
    expect(outcomes.map(codeOf).slice(0, 2)).toEqual(['conflict', 'conflict']);
    expect(outcomes[2]).toHaveProperty('result.integration', 'my cdp');
    await world.write(world.bulk([{ integrationId: 'p', adds: ['a', 'b'], deletes: [] }], 'live', 'MY CDP'));
    expect(await world.audiencesOf('p')).toEqual(['a', 'b']);
    const other = await world.storage.write([
      world.bulk([{ integrationId: 'p', adds: ['a'], deletes: [] }], 'live', 'other'),
    ]);
    expect(other.map(codeOf)).toEqual(['not_found']);
  });

  test('numbers and texts are never converted into each other', async (world) => {
    const audience = await world.createAudience('2');
    await world.createAudience('other');
    expect(audience.id).toBe(1);
    const outcomes = await world.storage.write([
      world.update('p', { adds: ['1'] }),
      world.update('p', { adds: ['2'] }),
    ]);
    expect(codeOf(outcomes[0])).toBe('not_found');
    expect(await world.audiencesOf('p')).toEqual(['2']);
    await world.updateProfile('q', { adds: [2] });
    expect(await world.audiencesOf('q')).toEqual(['other']);
  });

  test('a new name shows at once where the audience is named; members stay', async (world) => {
    const audience = await world.createAudience('a');
    await world.updateProfile('p', { adds: ['a'] });
    const [renamed] = await world.write(world.renaming('a', 'New name'));
    expect(renamed).toMatchObject({
      id: audience.id,
      name: 'New name',
      created: audience.created,
      memberSet: audience.memberSet,
    });
    expect((await world.storage.findProfile('live', 'p'))?.memberships).toEqual([
      { id: audience.id, name: 'New name' },
    ]);
    expect((await world.updateProfile('p')).memberships).toEqual([{ id: audience.id, name: 'New name' }]);
    expect(await world.members(audience.id)).toEqual(['p']);
    const [same] = await world.write(world.renaming('a', 'New name'));
    expect(same).toEqual(renamed);
    const outcomes = await world.storage.write([world.renaming('missing', 'x'), world.renaming('a', 'x', 'sandbox')]);
    expect(outcomes.map(codeOf)).toEqual(['not_found', 'not_found']);
  });

  test('a deleted audience is gone at once, before anything is purged', async (world) => {
    const audience = await world.createAudience('a');
    const other = await world.createAudience('other');
    await world.add('a', range(50));
    await world.add('other', ['profile-0']);
    await world.write(world.deletion('a'));
    expect(await world.members(audience.id)).toEqual([]);
    expect(await world.size(audience.id)).toBeUndefined();
    expect(await world.audiencesOf('profile-0')).toEqual(['other']);
    expect((await world.storage.findProfile('live', 'profile-0'))?.memberships).toEqual([
      { id: other.id, name: other.name },
    ]);
    expect((await world.updateProfile('profile-1')).memberships).toEqual([]);
    expect((await world.storage.catalog()).audience(audience.id)).toBeUndefined();
    expect(await world.storage.statistics()).toEqual({ audiences: 1, members: 1 });
    const outcomes = await world.storage.write([
      world.deletion('a'),
      world.renaming('a', 'x'),
      world.update('profile-0', { adds: ['a'] }),
      world.update('profile-0', { deletes: [audience.id] }),
    ]);
    expect(outcomes.map(codeOf)).toEqual(['not_found', 'not_found', 'not_found', 'not_found']);
  });

  test('re-created, an audience starts empty under a number never used before', async (world) => {
    const first = await world.createAudience('a');
    await world.add('a', range(20));
    await world.write(world.deletion('a'));
    const second = await world.createAudience('a');
    expect(second.id).toBeGreaterThan(first.id);
    expect(await world.members(second.id)).toEqual([]);
    expect(await world.size(second.id)).toBe(0);
    expect(await world.audiencesOf('profile-3')).toEqual([]);
    await world.add('a', ['profile-3']);
    await world.purgeAll();
    expect(await world.members(second.id)).toEqual(['profile-3']);
    await world.write(world.deletion('a'));
    expect((await world.createAudience('a')).id).toBeGreaterThan(second.id);
  });

  test('audiences are listed ascending by number with exact counters', async (world) => {
    for (const integrationId of ['c', 'a', 'b']) await world.createAudience(integrationId);
    await world.createAudience('d', 'sandbox');
    await world.add('a', range(7));
    await world.add('b', range(3));
    await world.remove('b', range(1));
    const listed = await world.storage.browse.listAudiences();
    expect(listed.map(({ integrationId, members }) => [integrationId, members])).toEqual([
      ['c', 0],
      ['a', 7],
      ['b', 2],
      ['d', 0],
    ]);
    expect(await world.storage.statistics()).toEqual({ audiences: 4, members: 9 });
  });

  test('the last update of an audience moves with real changes alone', async (world) => {
    const lastUpdate = async (): Promise<number> => (await world.storage.browse.listAudiences())[0]?.lastUpdate ?? 0;
    const pause = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
    await world.createAudience('a');
    await world.createAudience('b');
    const created = await lastUpdate();
    await pause();
    await world.add('b', ['p']);
    await world.remove('a', ['p']);
    expect(await lastUpdate()).toBe(created);
    await world.add('a', ['p']);
    const joined = await lastUpdate();
    expect(joined).toBeGreaterThan(created);
    await pause();
    await world.add('a', ['p']);
    expect(await lastUpdate()).toBe(joined);
    await world.remove('a', ['p']);
    expect(await lastUpdate()).toBeGreaterThan(joined);
    await pause();
    const left = await lastUpdate();
    await world.write(world.renaming('a', 'renamed'));
    expect(await lastUpdate()).toBeGreaterThan(left);
  });
}
