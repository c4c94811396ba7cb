/** Lists of allowed values: in effect all at once, checked inside the transaction, removed in steps. */

import { expect } from 'vitest';
import { COMMAND_LINE } from '../../../src/domain/actor.ts';
import type { DeclareCase } from '../conformance.ts';
import { codeOf, range, refusalOf, type World } from '../world.ts';

async function importList(world: World, id: number, values: readonly string[]) {
  const list = await world.storage.beginAllowedList(id);
  await world.storage.addAllowedValues(id, list, values);
  return { list, result: await world.storage.finishAllowedList({ userId: 7 }, id, list) };
}

async function defineClosed(world: World): Promise<number> {
  await world.defineAttribute('Tier', 'string');
  const definition = (await world.storage.catalog()).attributes.get('Tier');
  const id = definition?.id ?? 0;
  if (definition === undefined) throw new Error('Tier is not defined');
  await world.storage.updateAttribute(COMMAND_LINE, id, {
    ...definition,
    restrictedBySuggestions: true,
    hasAllowedList: true,
  });
  return id;
}

async function outcomeOf(world: World, value: string): Promise<string> {
  const [outcome] = await world.storage.write([world.update('p', { attributes: { Tier: value } })]);
  return outcome !== undefined && 'result' in outcome ? 'done' : codeOf(outcome);
}

export function allowedListCases(test: DeclareCase): void {
  test('a list takes effect in one step, in the transaction of writes too', async (world) => {
    const id = await defineClosed(world);
    expect(await outcomeOf(world, 'gold')).toBe('invalid');
    const list = await world.storage.beginAllowedList(id);
    await world.storage.addAllowedValues(id, list, ['gold', 'silver', 'gold']);
    await world.storage.addAllowedValues(id, list, ['silver', 'tin']);
    expect(await outcomeOf(world, 'gold')).toBe('invalid');
    const done = await world.storage.finishAllowedList({ userId: 7 }, id, list);
    expect(done).toMatchObject({ userId: 7, entity: 'AttributeAllowedList', amount: 3 });
    expect((await world.storage.catalog()).attribute(id)?.allowedList).toBe(list);
    expect(
      await world.storage.findAllowed([
        { list, value: 'gold' },
        { list, value: 'Gold' },
        { list: list + 1, value: 'gold' },
      ]),
    ).toEqual([true, false, false]);
    expect(await outcomeOf(world, 'gold')).toBe('done');
    expect(await outcomeOf(world, 'Gold')).toBe('invalid');
  });

  test('another list replaces it; what was in effect is purged in steps', async (world) => {
    const id = await defineClosed(world);
    const first = await importList(world, id, range(12_000));
    const second = await importList(world, id, ['x']);
    expect(second.result.id).toBeGreaterThan(first.result.id);
    expect(await outcomeOf(world, 'profile-1')).toBe('invalid');
    expect(await outcomeOf(world, 'x')).toBe('done');
    expect(await world.purgeAll()).toBeGreaterThan(2);
    expect(await world.storage.findAllowed([{ list: first.list, value: 'profile-1' }])).toEqual([false]);
    expect(await outcomeOf(world, 'x')).toBe('done');
  });

  test('one import at a time; what is given up leaves the attribute as it was', async (world) => {
    const id = await defineClosed(world);
    await importList(world, id, ['x']);
    const list = await world.storage.beginAllowedList(id);
    expect(await refusalOf(world.storage.beginAllowedList(id))).toBe('conflict');
    expect(await refusalOf(world.storage.beginAllowedList(999))).toBe('not_found');
    await world.storage.addAllowedValues(id, list, ['y']);
    await world.storage.abandonAllowedList(id, list);
    await world.storage.abandonAllowedList(id, list);
    expect(await refusalOf(world.storage.addAllowedValues(id, list, ['z']))).toBe('conflict');
    expect(await refusalOf(world.storage.finishAllowedList(COMMAND_LINE, id, list))).toBe('conflict');
    expect(await outcomeOf(world, 'x')).toBe('done');
    expect(await outcomeOf(world, 'y')).toBe('invalid');
  });

  test('an attribute that gives up its list has none to come back to', async (world) => {
    const id = await defineClosed(world);
    await importList(world, id, ['x']);
    const definition = (await world.storage.catalog()).attribute(id);
    if (definition === undefined) throw new Error('Tier is gone');
    const open = { ...definition, hasAllowedList: false, restrictedBySuggestions: false };
    expect((await world.storage.updateAttribute(COMMAND_LINE, id, open))?.allowedList).toBeUndefined();
    expect(await outcomeOf(world, 'y')).toBe('done');
    await world.storage.updateAttribute(COMMAND_LINE, id, {
      ...open,
      hasAllowedList: true,
      restrictedBySuggestions: true,
    });
    expect(await outcomeOf(world, 'x')).toBe('invalid');
  });
}
