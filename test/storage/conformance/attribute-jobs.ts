/**
 * Attributes of everyone in an audience: in effect at once, and written step by step or by the first write to a
 * profile.
 */

import { expect } from 'vitest';
import type { JsonValue } from '../../../src/domain/json-value.ts';
import type { DeclareCase } from '../conformance.ts';
import { codeOf, range, type World } from '../world.ts';

async function attributesOf(world: World, integrationId: string): Promise<unknown> {
  return (await world.storage.findProfile('live', integrationId))?.attributes;
}

async function setAll(world: World, audienceId: number, attributes: Record<string, JsonValue>): Promise<void> {
  await world.write(world.attributesOfAll({ audienceId }, attributes));
}

/** Writes all pending jobs. @returns the number of steps */
async function finishJobs(world: World): Promise<number> {
  let steps = 1;
  while ((await world.storage.applyAttributeJobs()).more) steps += 1;
  return steps;
}

async function audienceOf(world: World, integrationId: string, members: readonly string[]): Promise<number> {
  const { id } = await world.createAudience(integrationId);
  for (let start = 0; start < members.length; start += 1000) {
    await world.add(integrationId, members.slice(start, start + 1000));
  }
  return id;
}

export function attributeJobCases(test: DeclareCase): void {
  test('every member has the values as soon as they are recorded, wherever it is read', async (world) => {
    await world.defineAttribute('Tier', 'string');
    await world.defineAttribute('Age', 'number');
    const id = await audienceOf(world, 'a', ['p', 'q']);
    await world.updateProfile('q', { attributes: { Tier: 'old', Age: 7 } });
    await world.updateProfile('other', { attributes: { Tier: 'gold', Age: 7 } });
    const before = await world.storage.findProfile('live', 'q');
    await setAll(world, id, { Tier: 'gold', Age: null });
    const look = async () => {
      expect(await attributesOf(world, 'p')).toEqual({ Tier: 'gold' });
      expect(await world.storage.findProfile('live', 'q')).toEqual({ ...before, attributes: { Tier: 'gold' } });
      expect(await world.search({ Tier: 'gold' })).toEqual(['p', 'q', 'other']);
      expect(await world.search({ Tier: 'gold' }, 'live', 1)).toEqual(['p', 'q', 'other']);
      expect(await world.search({ Tier: 'old' })).toEqual([]);
      expect(await world.search({ Age: 7 })).toEqual(['other']);
      expect(await world.search({ Age: 7, Tier: 'gold' })).toEqual(['other']);
      const { browse } = world.storage;
      const page = { after: 0, skip: 0, limit: 10, query: undefined };
      const listed = (await browse.listMemberProfiles(id, page)).found;
      expect(listed.map(({ attributes }) => attributes)).toEqual([{ Tier: 'gold' }, { Tier: 'gold' }]);
      expect((await browse.findProfileById(before?.id ?? 0))?.attributes).toEqual({ Tier: 'gold' });
    };
    await look();
    expect(await world.problems()).toEqual([]);
    await finishJobs(world);
    await look();
    expect((await world.storage.catalog()).attributeJobs).toEqual([]);
  });

  test('a job is listed with its progress until everyone was written, and without its values afterwards', async (world) => {
    await world.defineAttribute('Tier', 'string');
    const id = await audienceOf(world, 'a', range(3000));
    await setAll(world, id, { Tier: 'gold' });
    const { browse } = world.storage;
    const expected = {
      id: 1,
      audienceId: id,
      audienceName: 'Name of a',
      attributes: ['Tier'],
      members: 3000,
      keyId: 1,
    };
    expect(await browse.listAttributeJobs(id, 10)).toMatchObject([{ ...expected, done: 0, finished: undefined }]);
    expect(await world.storage.applyAttributeJobs()).toEqual({ more: true, finished: [] });
    const [under] = await browse.listAttributeJobs(undefined, 10);
    expect(under?.done).toBeGreaterThan(0);
    expect(under?.done).toBeLessThan(3000);
    expect(await world.problems()).toEqual([]);
    expect(await finishJobs(world)).toBeGreaterThan(1);
    const [done] = await browse.listAttributeJobs(id, 10);
    expect(done).toMatchObject({ ...expected, done: 3000, tooLarge: 0 });
    expect(done?.finished).toBeTypeOf('number');
    expect(await browse.listAttributeJobs(id + 1, 10)).toEqual([]);
    expect(await world.search({ Tier: 'gold' })).toHaveLength(3000);
    expect(await world.storage.applyAttributeJobs()).toEqual({ more: false, finished: [] });
  });

  test('whatever writes a member first writes what is pending for it; later writes of the same attribute win', async (world) => {
    for (const name of ['Tier', 'City']) await world.defineAttribute(name, 'string');
    const id = await audienceOf(world, 'a', ['p', 'q', 'r', 's']);
    await world.createAudience('b');
    await setAll(world, id, { Tier: 'gold', City: 'Bonn' });
    const answered = await world.updateProfile('p', { attributes: { Tier: 'mine' } });
    expect(answered.attributes).toEqual({ Tier: 'mine', City: 'Bonn' });
    await world.write({
      kind: 'updateProfiles',
      caller: world.caller(),
      items: [{ integrationId: 'q', attributes: { City: null } }],
      isAnswered: false,
    });
    await world.add('b', ['r']);
    await world.updateProfile('s');
    await finishJobs(world);
    expect(await attributesOf(world, 'p')).toEqual({ Tier: 'mine', City: 'Bonn' });
    expect(await attributesOf(world, 'q')).toEqual({ Tier: 'gold' });
    expect(await attributesOf(world, 'r')).toEqual({ Tier: 'gold', City: 'Bonn' });
    expect(await attributesOf(world, 's')).toEqual({ Tier: 'gold', City: 'Bonn' });
  });

  test('it is for those who are members when it is recorded: not for those who join later, though they leave again', async (world) => {
    await world.defineAttribute('Tier', 'string');
    const id = await audienceOf(world, 'a', ['stays', 'leaves', 'returns']);
    await world.updateProfile('known');
    await setAll(world, id, { Tier: 'gold' });
    await world.remove('a', ['leaves', 'returns']);
    await world.add('a', ['known', 'new', 'returns']);
    await world.updateProfile('returns', { attributes: { Tier: 'mine' } });
    const look = async () => {
      for (const each of ['stays', 'leaves']) expect(await attributesOf(world, each), each).toEqual({ Tier: 'gold' });
      expect(await attributesOf(world, 'returns')).toEqual({ Tier: 'mine' });
      for (const each of ['known', 'new']) expect(await attributesOf(world, each), each).toEqual({});
    };
    await look();
    await finishJobs(world);
    await look();
    await setAll(world, id, { Tier: 'both' });
    expect(await world.search({ Tier: 'both' })).toEqual(['stays', 'returns', 'known', 'new']);
    await finishJobs(world);
    expect(await world.search({ Tier: 'both' })).toEqual(['stays', 'returns', 'known', 'new']);
  });

  test('several jobs apply in their order, whichever audiences they are for', async (world) => {
    for (const name of ['Tier', 'City']) await world.defineAttribute(name, 'string');
    const a = await audienceOf(world, 'a', ['p', 'both']);
    const b = await audienceOf(world, 'b', ['both', 'q']);
    await world.write(
      world.attributesOfAll({ audienceId: a }, { Tier: '1', City: '1' }),
      world.attributesOfAll({ audienceId: b }, { Tier: '2' }),
      world.update('q', { attributes: { City: 'mine' } }),
      world.attributesOfAll({ audienceId: a }, { City: '3' }),
    );
    const look = async () => {
      expect(await attributesOf(world, 'p')).toEqual({ Tier: '1', City: '3' });
      expect(await attributesOf(world, 'both')).toEqual({ Tier: '2', City: '3' });
      expect(await attributesOf(world, 'q')).toEqual({ Tier: '2', City: 'mine' });
      expect(await world.search({ Tier: '2' })).toEqual(['both', 'q']);
    };
    await look();
    await finishJobs(world);
    await look();
    const listed = await world.storage.browse.listAttributeJobs(undefined, 10);
    expect(listed.map(({ id, members, done }) => [id, members, done])).toEqual([
      [3, 2, 2],
      [2, 2, 2],
      [1, 2, 2],
    ]);
  });

  test('its members keep their values if the audience is deleted, emptied or replaced before they are written', async (world) => {
    await world.defineAttribute('Tier', 'string');
    const deleted = await audienceOf(world, 'deleted', ['p1', 'q1']);
    const emptied = await audienceOf(world, 'emptied', ['p2', 'q2']);
    const replaced = await audienceOf(world, 'replaced', ['p3', 'q3']);
    const set = await world.storage.beginReplacement(replaced);
    await world.storage.stageMembers(replaced, set, ['q3', 'early']);
    for (const id of [deleted, emptied, replaced]) await setAll(world, id, { Tier: `gold of ${id}` });
    await world.storage.stageMembers(replaced, set, ['late', 'q1']);
    await world.storage.finishReplacement(replaced, set, world.caller());
    await world.write(world.deletion('deleted'), {
      kind: 'emptyAudience',
      caller: world.caller(),
      target: { audienceId: emptied },
    });
    await world.purgeAll();
    // It drops the dead sets of its row.
    await world.updateProfile('p1', { adds: ['emptied'] });
    const look = async () => {
      for (const [id, members] of [
        [deleted, ['p1', 'q1']],
        [emptied, ['p2', 'q2']],
        [replaced, ['p3', 'q3']],
      ] as const) {
        for (const each of members) expect(await attributesOf(world, each), each).toEqual({ Tier: `gold of ${id}` });
      }
      for (const each of ['early', 'late']) expect(await attributesOf(world, each), each).toEqual({});
    };
    await look();
    expect(await world.problems()).toEqual([]);
    await finishJobs(world);
    await look();
    expect(await world.storage.purge()).toBe(true);
    await world.purgeAll();
  });

  test('an erased member stays empty, and a member created again is not changed', async (world) => {
    await world.defineAttribute('Tier', 'string');
    const id = await audienceOf(world, 'a', ['p', 'q']);
    await setAll(world, id, { Tier: 'gold' });
    await world.write(world.erasure('p'));
    expect(await attributesOf(world, 'p')).toBeUndefined();
    await world.add('a', ['p']);
    expect(await attributesOf(world, 'p')).toEqual({});
    await finishJobs(world);
    expect(await attributesOf(world, 'p')).toEqual({});
    expect(await attributesOf(world, 'q')).toEqual({ Tier: 'gold' });
  });

  test('refused ones record nothing, nor do those that change nobody', async (world) => {
    await world.defineAttribute('Tier', 'string');
    await world.defineAttribute('Odd', 'string', [world.sandbox.id]);
    const id = await audienceOf(world, 'a', ['p']);
    const empty = await audienceOf(world, 'empty', []);
    const refusals = await world.storage.write([
      world.attributesOfAll({ audienceId: 99 }, { Tier: 'x' }),
      world.attributesOfAll({ audienceId: id }, { Tier: 'x' }, 'sandbox'),
      world.attributesOfAll({ audienceId: id }, { Tier: 'x', Nope: 'x' }),
      world.attributesOfAll({ audienceId: id }, { Tier: 7 }),
      world.attributesOfAll({ audienceId: id }, { Odd: 'x' }),
    ]);
    expect(refusals.map(codeOf)).toEqual(['not_found', 'not_found', 'invalid', 'invalid', 'invalid']);
    await setAll(world, id, {});
    await setAll(world, empty, { Tier: 'x' });
    await world.storage.preview([world.attributesOfAll({ audienceId: id }, { Tier: 'x' })]);
    expect((await world.storage.catalog()).attributeJobs).toEqual([]);
    expect(await world.storage.browse.listAttributeJobs(undefined, 10)).toEqual([]);
    expect(await attributesOf(world, 'p')).toEqual({});
  });

  test('only so many may be pending', async (world) => {
    await world.defineAttribute('Tier', 'string');
    const id = await audienceOf(world, 'a', ['p']);
    const outcomes = await world.storage.write(
      range(101, '').map((value) => world.attributesOfAll({ audienceId: id }, { Tier: value })),
    );
    expect(outcomes.slice(0, 100).every((outcome) => 'result' in outcome)).toBe(true);
    expect(codeOf(outcomes[100])).toBe('unavailable');
    expect(await attributesOf(world, 'p')).toEqual({ Tier: '99' });
    await finishJobs(world);
    await setAll(world, id, { Tier: 'last' });
    expect(await attributesOf(world, 'p')).toEqual({ Tier: 'last' });
  });

  test('a member that would become too large is not changed, and is counted', async (world) => {
    for (const name of ['A', 'B']) await world.defineAttribute(name, '(list string)');
    await world.defineAttribute('Tier', 'string');
    const id = await audienceOf(world, 'a', ['full', 'touched', 'p']);
    const { valueBytes, profileBytes } = world.storage.attributeLimits;
    const names = range(Math.ceil(profileBytes / valueBytes), 'X');
    for (const name of names) await world.defineAttribute(name, 'string');
    const large = 'x'.repeat(valueBytes - 10);
    const fill = Object.fromEntries(names.slice(0, -1).map((name) => [name, large]));
    await world.updateProfile('full', { attributes: fill });
    await world.updateProfile('touched', { attributes: fill });
    await setAll(world, id, { [names.at(-1) ?? '']: large, Tier: large });
    const before = await attributesOf(world, 'touched');
    expect(before).toEqual(fill);
    await world.updateProfile('touched', { adds: ['a'] });
    await finishJobs(world);
    expect(await attributesOf(world, 'full')).toEqual(fill);
    expect(await attributesOf(world, 'touched')).toEqual(fill);
    expect(Object.keys((await attributesOf(world, 'p')) as object)).toHaveLength(2);
    expect(await world.storage.browse.listAttributeJobs(id, 1)).toMatchObject([{ tooLarge: 2, done: 3 }]);
  });
}
