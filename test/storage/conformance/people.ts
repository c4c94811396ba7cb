/** Searches by people: profiles by exact values, an Application's profiles, histories, all in bounded steps. */

import { expect } from 'vitest';
import type { HistoryPosition, RecordedChange } from '../../../src/domain/memberships/storage.ts';
import type { DeclareCase } from '../conformance.ts';
import { codeOf, range, type World } from '../world.ts';

async function historyOf(world: World, integrationId: string, pageSize = 1000): Promise<RecordedChange[]> {
  const profile = await world.storage.findProfile('live', integrationId);
  const changes: RecordedChange[] = [];
  let position: HistoryPosition | undefined;
  do {
    const step = await world.storage.browse.profileHistory(profile?.id ?? 0, position, pageSize);
    expect(step?.changes.length).toBeLessThanOrEqual(pageSize);
    changes.push(...(step?.changes ?? []));
    position = step?.next;
  } while (position !== undefined);
  return changes;
}

const told = (changes: readonly RecordedChange[]): string[] =>
  changes.map(({ action, audienceName, count }) => `${action} ${audienceName} ${count}`);

export function peopleCases(test: DeclareCase): void {
  test('values are found exactly, whatever a batch does to them', async (world) => {
    await world.defineAttribute('Tier', 'string');
    await world.defineAttribute('constructor', 'number');
    // In one batch, the last value counts.
    await world.write(
      world.update('p', { attributes: { Tier: 'a', constructor: 1 } }),
      world.update('q', { attributes: { Tier: 'a' } }),
      world.update('p', { attributes: { Tier: 'b' } }),
      world.update('q', { attributes: { Tier: null } }),
      world.update('q', { attributes: { Tier: 'a' } }),
      world.update('r', { attributes: { Tier: 'a' } }),
      world.update('r', { attributes: { Tier: null } }),
    );
    await world.updateProfile('s', { attributes: { Tier: 'a' } }, 'sandbox');
    expect(await world.search({ Tier: 'a' })).toEqual(['q']);
    expect(await world.search({ Tier: 'b', constructor: 1 })).toEqual(['p']);
    expect(await world.search({ Tier: 'a' }, 'sandbox')).toEqual(['s']);
    // A refused command in the batch leaves no trace.
    const refused = world.update('p', { attributes: { Tier: 'c' }, adds: ['nowhere'] });
    const [outcome] = await world.storage.write([refused, world.update('q', { attributes: { Tier: 'b' } })]);
    expect(codeOf(outcome)).toBe('not_found');
    expect(await world.search({ Tier: 'c' })).toEqual([]);
    expect(await world.search({ Tier: 'b' })).toEqual(['p', 'q']);
  });

  test('a search works in steps of any size, and a step that finds nothing says where to continue', async (world) => {
    await world.defineAttribute('Tier', 'string');
    await world.defineAttribute('Age', 'number');
    const ids = range(4100);
    const writes = ids.map((id, index) => world.update(id, { attributes: { Tier: 't', Age: index === 4099 ? 1 : 0 } }));
    for (let at = 0; at < writes.length; at += 500) await world.write(...writes.slice(at, at + 500));
    expect(await world.search({ Tier: 't' }, 'live', 7 * 83)).toEqual(ids);
    expect(await world.search({ Age: 1 })).toEqual([ids[4099]]);
    const { browse } = world.storage;
    const applicationId = world.live.id;
    const filter = { environment: 'live', applicationId } as const;
    expect(await browse.countApplicationProfiles(applicationId)).toBe(4100);
    const walk = { filter, descending: true, after: undefined, limit: 2 };
    const skipped = await browse.walkProfiles({ ...walk, skip: 4099 });
    expect(skipped).toMatchObject({ profiles: [], skipped: 4099 });
    const last = await browse.walkProfiles({ ...walk, skip: 0, after: skipped.next });
    expect(last.profiles.map(({ integrationId }) => integrationId)).toEqual([ids[0]]);
    expect(last.next).toBeUndefined();
    // Two long lists have one profile in common, and no step may read all of them.
    const { attributes } = await world.storage.catalog();
    const values = [
      { name: 'Tier', value: 't' },
      { name: 'Age', value: 0 },
    ].map(({ name, value }) => {
      const definition = attributes.get(name);
      return { attributeId: definition?.id ?? 0, name, type: definition?.type ?? 'string', value };
    });
    const counting = { descending: false, after: undefined, skip: Number.MAX_SAFE_INTEGER, limit: 0 };
    const step = await browse.walkProfiles({ ...counting, filter: { environment: 'live', values } });
    expect(step.skipped).toBeLessThan(4099);
    expect(step.next).toBeDefined();
  });

  test('a history is newest first, and includes what happened to whole audiences while the profile was in them', async (world) => {
    for (const id of ['a', 'b', 'c', 'd']) await world.createAudience(id);
    await world.updateProfile('p', { adds: ['a', 'b'] });
    await world.updateProfile('q', { adds: ['d'] });
    await world.updateProfile('p', { deletes: ['a'] });
    await world.write(world.deletion('a'));
    await world.replaceMembers(3, ['p', 'q']);
    await world.replaceMembers(3, ['q', 'p']);
    await world.write(world.deletion('b'), world.deletion('d'));
    await world.replaceMembers(3, ['q']);
    await world.updateProfile('p', { adds: ['c'] });
    await world.write(world.deletion('c'));
    const expected = [
      'deleted Name of c 2',
      'joined Name of c 1',
      'left Name of c 1',
      'deleted Name of b 1',
      'joined Name of c 1',
      'left Name of a 1',
      'joined Name of b 1',
      'joined Name of a 1',
    ];
    for (const pageSize of [1000, 3, 1]) expect(told(await historyOf(world, 'p', pageSize))).toEqual(expected);
    expect(await world.storage.browse.profileHistory(999, undefined, 1)).toBeUndefined();
    const [first] = await historyOf(world, 'p', 1);
    expect(first).toMatchObject({ profileId: 1, integrationId: 'p', keyId: 1, userId: undefined });
  });

  test('a history ends where the ledger was pruned', async (world) => {
    await world.createAudience('a');
    await world.updateProfile('p', { adds: ['a'] });
    while (await world.storage.pruneLedger(Date.now() + 1));
    expect(await historyOf(world, 'p')).toEqual([]);
    await world.updateProfile('p', { deletes: ['a'] });
    expect(told(await historyOf(world, 'p'))).toEqual(['left Name of a 1']);
  });
}
