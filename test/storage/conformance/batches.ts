/** Batches: their order, an answer for each command, and the effect of a failing command on the others. */

import { expect } from 'vitest';
import type { Audience } from '../../../src/domain/definitions/audiences.ts';
import type { ProfileState, WriteCommand } from '../../../src/domain/memberships/commands.ts';
import type { DeclareCase } from '../conformance.ts';
import { codeOf, range, resultOf, type World } from '../world.ts';

/** A command that no check refuses and no store can execute: a profile without an ID. */
function breaking(world: World): WriteCommand {
  return world.update(null as unknown as string, { runRuleEngine: true });
}

export function batchCases(test: DeclareCase): void {
  test('an empty batch has no outcomes', async (world) => {
    expect(await world.storage.write([])).toEqual([]);
  });

  test('each update answers the profile right after itself, before what follows in its batch', async (world) => {
    await world.defineAttribute('Step', 'number');
    await world.createAudience('a');
    await world.createAudience('b');
    const states = (await world.write(
      world.update('p', { attributes: { Step: 1 }, adds: ['a'] }),
      world.update('p', { attributes: { Step: 2 }, adds: ['b'] }),
      world.bulk([{ integrationId: 'p', adds: [], deletes: ['a'] }]),
      world.update('p'),
      world.update('p', { attributes: { Step: null }, deletes: ['b'] }),
    )) as (ProfileState | null)[];
    expect(states.map((each) => each?.memberships.map(({ id }) => id))).toEqual([[1], [1, 2], undefined, [2], []]);
    expect(states.map((each) => each?.attributes['Step'])).toEqual([1, 2, undefined, 2, undefined]);
    expect(new Set(states.flatMap((each) => each?.id ?? [])).size).toBe(1);
    expect(await world.storage.findProfile('live', 'p')).toEqual(states.at(-1));
  });

  test('answers are not changed by what comes later', async (world) => {
    await world.defineAttribute('List', '(list string)');
    const [first] = await world.write(
      world.update('p', { attributes: { List: ['x'] } }),
      world.update('p', { attributes: { List: ['y'] } }),
    );
    const copy = structuredClone(first);
    await world.updateProfile('p', { attributes: { List: ['z'] } });
    expect(first).toEqual(copy);
  });

  test('an audience is created, filled, deleted and created again in one batch', async (world) => {
    await world.add((await world.createAudience('kept')).id, ['p']);
    const results = await world.write(
      world.creation('a'),
      world.bulk([
        { integrationId: 'p', adds: ['a'], deletes: [] },
        { integrationId: 'q', adds: ['a'], deletes: ['kept'] },
      ]),
      world.renaming('a', 'renamed'),
      world.deletion('a'),
      world.update('p'),
      world.creation('a'),
      world.bulk([{ integrationId: 'r', adds: ['a'], deletes: [] }]),
      world.update('r'),
    );
    const [first, , , , p, second, , r] = results as [
      Audience,
      null,
      Audience,
      null,
      ProfileState,
      Audience,
      null,
      ProfileState,
    ];
    expect(p.memberships.map((each) => each.name)).toEqual(['Name of kept']);
    expect(second.id).toBeGreaterThan(first.id);
    expect(r.memberships).toEqual([{ id: second.id, name: second.name }]);
    expect(await world.members(second.id)).toEqual(['r']);
    expect(await world.audiencesOf('q')).toEqual([]);
    expect((await world.storage.catalog()).audience(first.id)).toBeUndefined();
    await world.purgeAll();
    expect(await world.members(second.id)).toEqual(['r']);
  });

  test('an old audience is deleted, created again and filled in one batch', async (world) => {
    const first = await world.createAudience('a');
    await world.add('a', range(10));
    const [, second] = (await world.write(
      world.deletion('a'),
      world.creation('a'),
      world.bulk([{ integrationId: 'profile-3', adds: ['a'], deletes: [] }]),
      world.bulk([{ integrationId: 'profile-4', adds: ['a'], deletes: ['a'] }]),
    )) as [null, Audience, null, null];
    expect(second.id).toBeGreaterThan(first.id);
    expect(await world.members(second.id)).toEqual(['profile-3']);
    expect(await world.size(second.id)).toBe(1);
    expect(await world.audiencesOf('profile-4')).toEqual([]);
    await world.purgeAll();
    expect(await world.audiencesOf('profile-3')).toEqual(['a']);
  });

  test('a refusal depends on what came before it in the batch', async (world) => {
    const outcomes = await world.storage.write([
      world.update('p', { adds: ['a'] }),
      world.creation('a'),
      world.creation('a'),
      world.update('p', { adds: ['a'] }),
      world.deletion('a'),
      world.deletion('a'),
      world.update('p', { adds: ['a'] }),
    ]);
    expect(outcomes.map((each) => ('result' in each ? 'done' : codeOf(each)))).toEqual([
      'not_found',
      'done',
      'conflict',
      'done',
      'done',
      'not_found',
      'not_found',
    ]);
  });

  test('a command that breaks unexpectedly spoils no other', async (world) => {
    await world.createAudience('a');
    const outcomes = await world.storage.write([
      world.creation('b'),
      world.update('p', { adds: ['a', 'b'] }),
      breaking(world),
      world.update('q', { adds: ['missing'] }),
      world.update('p', { deletes: ['a'] }),
      world.bulk([{ integrationId: 'q', adds: ['b'], deletes: [] }]),
      breaking(world),
    ]);
    expect(outcomes.map((each) => Object.keys(each)[0])).toEqual([
      'result',
      'result',
      'failure',
      'error',
      'result',
      'result',
      'failure',
    ]);
    expect(resultOf(outcomes[1] ?? { failure: '' })).toMatchObject({ memberships: [{ id: 1 }, { id: 2 }] });
    expect(resultOf(outcomes[4] ?? { failure: '' })).toMatchObject({ memberships: [{ id: 2 }] });
    expect((await world.storage.browse.listAudiences()).map((each) => each.members)).toEqual([0, 2]);
  });

  test('a command that breaks alone leaves no trace', async (world) => {
    const audience = await world.createAudience('a');
    const outcomes = await world.storage.write([
      {
        ...world.bulk([
          { integrationId: 'p', adds: ['a'], deletes: [] },
          { integrationId: null as unknown as string, adds: ['a'], deletes: [] },
        ]),
      },
    ]);
    expect(Object.keys(outcomes[0] ?? {})).toEqual(['failure']);
    expect(await world.storage.findProfile('live', 'p')).toBeUndefined();
    expect(await world.size(audience.id)).toBe(0);
    await world.updateProfile('p', { adds: ['a'] });
    expect(await world.members(audience.id)).toEqual(['p']);
  });

  test('repeating a whole batch changes nothing but last activity', async (world) => {
    await world.defineAttribute('A', 'string');
    await world.createAudience('a');
    const commands = (): WriteCommand[] => [
      world.update('p', { attributes: { A: 'x' }, adds: ['a'], runRuleEngine: true }),
      world.bulk(range(20).map((integrationId) => ({ integrationId, adds: ['a'], deletes: [] }))),
    ];
    await world.write(...commands());
    const before = await world.storage.browse.listAudiences();
    const profile = await world.storage.findProfile('live', 'p');
    await world.write(...commands());
    expect(await world.storage.browse.listAudiences()).toEqual(before);
    expect({ ...(await world.storage.findProfile('live', 'p')), lastActivity: 0 }).toEqual({
      ...profile,
      lastActivity: 0,
    });
  });
}
