/** Erasures: the empty row under its pseudonym, the next person with the same ID, and what is left to finish. */

import { expect } from 'vitest';
import type { ErasedProfile, ProfileState } from '../../../src/domain/memberships/commands.ts';
import type { DeclareCase } from '../conformance.ts';
import { codeOf, type World } from '../world.ts';

async function erase(world: World, integrationId: string): Promise<ProfileState> {
  const [result] = await world.write(world.erasure(integrationId));
  return erasedProfile(world, (result as ErasedProfile).profileId);
}

async function erasedProfile({ storage }: World, profileId: number): Promise<ProfileState> {
  const profile = await storage.browse.findProfileById(profileId);
  if (profile === undefined) throw new Error(`There is no profile ${profileId}`);
  return profile;
}

const unfinished = async ({ storage }: World) => storage.listUnfinishedErasures(100);

async function listed({ storage }: World, applicationId?: number): Promise<number[]> {
  const filter = { environment: 'live', applicationId } as const;
  const walk = { filter, descending: false, after: undefined, skip: 0, limit: 100 };
  return (await storage.browse.walkProfiles(walk)).profiles.map(({ id }) => id);
}

export function erasureCases(test: DeclareCase): void {
  test('leave an empty row that has its number, and a pseudonym in place of its ID', async (world) => {
    await world.defineAttribute('Tier', 'string');
    await world.createAudience('a');
    const before = await world.updateProfile('p', { attributes: { Tier: 'gold' }, adds: ['a'] });
    await world.updateProfile('q', { attributes: { Tier: 'gold' }, adds: ['a'] });
    const erased = await erase(world, 'p');
    const { integrationId: pseudonym } = erased;
    expect(pseudonym).toMatch(/^erased:/);
    const empty = { attributes: {}, memberships: [], isErased: true };
    expect(erased).toEqual({ ...before, ...empty, integrationId: pseudonym });
    expect(await world.storage.findProfile('live', 'p')).toBeUndefined();
    expect(await world.search({ Tier: 'gold' })).toEqual(['q']);
    expect([await world.members(1), await world.size(1)]).toEqual([['q'], 1]);
    const history = await world.storage.browse.profileHistory(before.id, undefined, 10);
    const entries = history?.changes.map(({ action, profileId, integrationId }) => [action, profileId, integrationId]);
    expect(entries).toEqual([
      ['left', before.id, undefined],
      ['joined', before.id, undefined],
    ]);
    const { found } = await world.storage.browse.listAudienceChanges(1, undefined, 10);
    expect(found.map(({ integrationId }) => integrationId)).toEqual([undefined, 'q', undefined]);
    expect(await world.problems()).toEqual([]);
  });

  test('take the profile out of every list, and out of what Applications have seen', async (world) => {
    const [p, q] = [await world.updateProfile('p'), await world.updateProfile('q')];
    expect(await listed(world, world.live.id)).toEqual([p.id, q.id]);
    const { integrationId: pseudonym } = await erase(world, 'p');
    // Seen and erased in one batch, twice; the first of them was seen before.
    await world.updateProfile('r');
    await world.write(world.erasure('r'), world.update('r'), world.erasure('r'));
    expect(await unfinished(world)).toHaveLength(3);
    expect([await listed(world), await listed(world, world.live.id)]).toEqual([[q.id], [q.id]]);
    expect(await world.storage.browse.countApplicationProfiles(world.live.id)).toBe(1);
    for (const ids of [{ profileIds: [p.id, q.id] }, { integrationIds: ['p', pseudonym, 'q'] }]) {
      const walk = { descending: false, after: undefined, skip: 0, limit: 10 };
      const { profiles } = await world.storage.browse.walkProfiles({
        ...walk,
        filter: { environment: 'live', ...ids },
      });
      expect(profiles.map(({ id }) => id)).toEqual([q.id]);
    }
    expect(await world.problems()).toEqual([]);
  });

  test('leave the ID to whoever has it next', async (world) => {
    await world.defineAttribute('Tier', 'string');
    await world.createAudience('a');
    const first = await world.updateProfile('p', { attributes: { Tier: 'gold' }, adds: ['a'] });
    // In one batch: the row must lose the ID before another gets it.
    const [, second] = (await world.write(
      world.erasure('p'),
      world.update('p', { attributes: { Tier: 'silver' }, adds: ['a'] }),
    )) as [unknown, ProfileState];
    expect(second.id).toBeGreaterThan(first.id);
    expect(await world.storage.findProfile('live', 'p')).toEqual(second);
    expect([await world.members(1), await world.search({ Tier: 'gold' })]).toEqual([['p'], []]);
    const [one, two] = [await erasedProfile(world, first.id), await erase(world, 'p')];
    expect(two.id).toBe(second.id);
    expect(two.integrationId).not.toBe(one.integrationId);
    expect(await world.problems()).toEqual([]);
  });

  test('cannot be reached by an ID that looks like the pseudonym, nor imitated', async (world) => {
    await world.createAudience('a');
    await world.updateProfile('p');
    const { id, integrationId: pseudonym } = await erase(world, 'p');
    expect(await world.storage.findProfile('live', pseudonym)).toBeUndefined();
    const [outcome] = await world.storage.write([world.erasure(pseudonym)]);
    expect(codeOf(outcome)).toBe('not_found');
    const other = await world.updateProfile(pseudonym, { adds: ['a'] });
    expect(other.id).toBeGreaterThan(id);
    const imitation = await world.updateProfile(`erased:${'A'.repeat(22)}:${other.id + 1}`);
    expect(imitation.id).toBe(other.id + 1);
    expect((await erasedProfile(world, imitation.id)).isErased).toBeUndefined();
    expect((await erasedProfile(world, id)).memberships).toEqual([]);
    expect(await world.members(1)).toEqual([pseudonym]);
    expect(await world.problems()).toEqual([]);
  });

  test('take the profile out of a list that is being imported', async (world) => {
    await world.createAudience('a');
    const set = await world.storage.beginReplacement(1);
    await world.storage.stageMembers(1, set, ['p', 'q']);
    const { id } = await erase(world, 'p');
    const done = await world.storage.finishReplacement(1, set, world.caller());
    expect(done).toMatchObject({ members: 1, joins: 1, leaves: 0 });
    expect([await world.members(1), await world.size(1)]).toEqual([['q'], 1]);
    expect((await world.storage.browse.profileHistory(id, undefined, 10))?.changes).toEqual([]);
    expect(await world.problems()).toEqual([]);
  });

  test('are unfinished until somebody says otherwise, and can be repeated until then', async (world) => {
    const p = await world.updateProfile('p');
    await world.updateProfile('p', {}, 'sandbox');
    const again = async () => (await world.storage.write([world.erasure('p')]))[0];
    await erase(world, 'p');
    expect(await unfinished(world)).toEqual([{ profileId: p.id, environment: 'live', integrationId: 'p' }]);
    expect(await again()).toMatchObject({ result: { profileId: p.id }, changed: { joins: 0, leaves: 0, profiles: 0 } });
    // The next person with that ID has nothing to do with it.
    const next = await world.updateProfile('p');
    await erase(world, 'p');
    expect((await unfinished(world)).map(({ profileId }) => profileId)).toEqual([p.id, next.id]);
    expect(await world.storage.listUnfinishedErasures(1)).toHaveLength(1);
    await world.storage.finishErasure(p.id);
    expect(await again()).toMatchObject({ result: { profileId: next.id } });
    await world.storage.finishErasure(next.id);
    await world.storage.finishErasure(next.id);
    expect(await unfinished(world)).toEqual([]);
    expect(codeOf(await again())).toBe('not_found');
    expect((await world.storage.findProfile('sandbox', 'p'))?.integrationId).toBe('p');
  });

  test('leave no trace of a dry run', async (world) => {
    const p = await world.updateProfile('p');
    const [outcome] = await world.storage.preview([world.erasure('p')]);
    expect(outcome).toMatchObject({ result: { profileId: p.id } });
    expect(await world.storage.findProfile('live', 'p')).toEqual(p);
    expect(await unfinished(world)).toEqual([]);
  });
}
