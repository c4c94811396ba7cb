/**
 * Updates that create attributes and audiences by naming them: saved with the update, visible to everybody, never
 * twice.
 */

import { expect } from 'vitest';
import type { UpdatedProfile } from '../../../src/domain/memberships/commands.ts';
import type { DeclareCase } from '../conformance.ts';
import { codeOf, type World } from '../world.ts';

function update(world: World, integrationId: string, attributes: Record<string, string>, audience?: string) {
  return {
    ...world.update(integrationId, { attributes, adds: audience === undefined ? [] : [audience] }),
    creation: { description: 'Created by Segment', types: {} },
    ...(audience !== undefined && {
      named: { audiences: [{ ref: audience, newId: audience, name: `Name of ${audience}` }], renames: true },
    }),
  };
}

export function definingUpdateCases(test: DeclareCase): void {
  test('an update defines what it names, in one batch with others that need it', async (world) => {
    await world.defineAttribute('Tier', 'string');
    const results = await world.write(
      update(world, 'p', { Plan: 'pro', Tier: 'gold' }, 'a'),
      world.update('q', { attributes: { Plan: 'free' }, adds: ['a'] }),
      update(world, 'r', { Plan: 'max' }, 'a'),
    );
    const [first, , third] = results as UpdatedProfile[];
    const { attributes } = await world.storage.catalog();
    const plan = attributes.get('Plan');
    expect(plan).toMatchObject({
      title: 'Plan',
      type: 'string',
      description: 'Created by Segment',
      applicationIds: [],
    });
    expect(first?.createdAttributes).toEqual([plan]);
    expect(third?.createdAttributes).toEqual([]);
    expect(first?.namedAudiences).toMatchObject([{ status: 'new' }]);
    expect(third?.namedAudiences).toMatchObject([{ status: 'unmodified' }]);
    expect(await world.storage.findProfile('live', 'q')).toMatchObject({ attributes: { Plan: 'free' } });
    expect((await world.storage.browse.listAudiences()).map(({ name, members }) => [name, members])).toEqual([
      ['Name of a', 3],
    ]);
    // A search finds its value like any other, so it is in the index of values.
    expect(await world.search({ Plan: 'max' })).toEqual(['r']);
  });

  test('a number that was taken by a definition of the back office is not taken again', async (world) => {
    await world.write(update(world, 'p', { One: 'x' }));
    await world.defineAttribute('Two', 'string');
    await world.write(update(world, 'p', { Three: 'x', Four: 'x' }));
    await world.defineAttribute('Five', 'string');
    const all = [...(await world.storage.catalog()).allAttributes()].map(({ id, name }) => [id, name]);
    expect(all).toEqual([
      [1, 'One'],
      [2, 'Two'],
      [3, 'Three'],
      [4, 'Four'],
      [5, 'Five'],
    ]);
  });

  test('the audit log names the key that defined an attribute', async (world) => {
    await world.write(update(world, 'p', { Plan: 'x' }));
    const { entries } = await world.storage.accounts.listAuditEntries(
      { entityPath: '/v1/attributes' },
      { limit: 10, skip: 0, descending: true },
    );
    expect(entries).toMatchObject([
      { userId: undefined, applicationId: world.live.id, new: { name: 'Plan', createdWithApiKey: 1 } },
    ]);
  });

  test('a refused update and a preview define nothing', async (world) => {
    const [refused] = await world.storage.write([update(world, 'p', { Plan: 'x', 'no-name': 'x' }, 'a')]);
    expect(codeOf(refused)).toBe('invalid');
    await world.storage.preview([update(world, 'p', { Plan: 'x' }, 'a')]);
    const catalog = await world.storage.catalog();
    expect([catalog.attributes.size, catalog.audienceCount]).toEqual([0, 0]);
    // The writer has not cached any of it either.
    const [again] = (await world.write(update(world, 'p', { Plan: 'x' }, 'a'))) as UpdatedProfile[];
    expect(again?.createdAttributes).toMatchObject([{ id: 1 }]);
    expect(again?.namedAudiences).toMatchObject([{ status: 'new' }]);
  });
}
