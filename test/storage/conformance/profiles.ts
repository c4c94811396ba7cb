/** Profiles: identity, attributes, times, and how they are read back. */

import { expect } from 'vitest';
import { appliesTo } from '../../../src/domain/definitions/attributes.ts';
import type { DeclareCase } from '../conformance.ts';
import { codeOf, range, type World } from '../world.ts';

async function read(world: World, integrationId: string) {
  return world.storage.findProfile('live', integrationId);
}

export function profileCases(test: DeclareCase): void {
  test('a profile is born by its first update, and read back as answered', async (world) => {
    expect(await read(world, 'p')).toBeUndefined();
    const before = Date.now();
    const answered = await world.updateProfile('p');
    expect(answered).toEqual({
      id: answered.id,
      environment: 'live',
      integrationId: 'p',
      attributes: {},
      memberships: [],
      created: answered.created,
      lastActivity: answered.created,
    });
    expect(answered.created).toBeGreaterThanOrEqual(before);
    expect(answered.created).toBeLessThanOrEqual(Date.now());
    expect(await read(world, 'p')).toEqual(answered);
    expect((await world.updateProfile('p')).id).toBe(answered.id);
  });

  test('IDs are exact: case, spaces, normal forms and kinds of the same letter differ', async (world) => {
    await world.createAudience('a');
    const composed = 'é';
    const ids = [
      'abc',
      'ABC',
      'Abc',
      ' abc',
      'abc ',
      'äbc',
      'Äbc',
      composed,
      composed.normalize('NFD'),
      'ß',
      'ss',
      'ı',
      'i',
      'İ',
      'K',
      '\u212a',
    ];
    ids.push(
      '%',
      '_',
      '*',
      '?',
      "'",
      '"',
      '\\',
      'a/b',
      'a\u200bb',
      '0',
      '00',
      '1e0',
      '[]',
      '{}',
      '\t',
      '\u0001',
      '\uffff',
      '\ufeffabc',
    );
    expect(new Set(ids).size).toBe(ids.length);
    await world.add('a', ids);
    const numbers = await Promise.all(ids.map(async (id) => (await read(world, id))?.id));
    expect(new Set(numbers).size).toBe(ids.length);
    expect(new Set(await world.members(1))).toEqual(new Set(ids));
    await world.remove('a', ['abc', composed]);
    expect(new Set(await world.members(1))).toEqual(new Set(ids.filter((id) => id !== 'abc' && id !== composed)));
  });

  test('IDs of 1000 characters outside the basic plane come back unchanged', async (world) => {
    const long = '😀'.repeat(1000);
    const other = `${'😀'.repeat(999)}😁`;
    await world.createAudience(long);
    await world.add(long, [long, other]);
    expect((await read(world, long))?.integrationId).toBe(long);
    expect(await world.members(1)).toEqual([long, other]);
    expect(await world.audiencesOf(other)).toEqual([long]);
  });

  test('attributes are merged; null removes one, and removing an unset one is no error', async (world) => {
    for (const name of ['A', 'B', 'C']) await world.defineAttribute(name, 'string');
    await world.updateProfile('p', { attributes: { A: 'a', B: 'b' } });
    const answered = await world.updateProfile('p', { attributes: { B: null, C: '' } });
    expect(answered.attributes).toEqual({ A: 'a', C: '' });
    expect((await world.updateProfile('p', { attributes: { B: null } })).attributes).toEqual({ A: 'a', C: '' });
    expect((await world.updateProfile('p', { attributes: {} })).attributes).toEqual({ A: 'a', C: '' });
    expect((await read(world, 'p'))?.attributes).toEqual({ A: 'a', C: '' });
  });

  test('attributes keep their order: first set first, whatever changes later', async (world) => {
    for (const name of ['Zeta', 'Alpha', 'Mid']) await world.defineAttribute(name, 'string');
    await world.updateProfile('p', { attributes: { Zeta: '1', Mid: '2' } });
    const answered = await world.updateProfile('p', { attributes: { Alpha: '3', Zeta: '4' } });
    expect(Object.keys(answered.attributes)).toEqual(['Zeta', 'Mid', 'Alpha']);
    expect(Object.keys((await read(world, 'p'))?.attributes ?? {})).toEqual(['Zeta', 'Mid', 'Alpha']);
  });

  test('numbers come back exactly', async (world) => {
    await world.defineAttribute('N', '(list number)');
    const numbers = [
      0,
      1e308,
      -1e308,
      5e-324,
      1.7976931348623157e308,
      2 ** 53,
      -(2 ** 53),
      9007199254740993,
      0.1,
      1 / 3,
      1e21,
      123456789.123456789,
    ];
    const answered = await world.updateProfile('p', { attributes: { N: numbers } });
    expect(answered.attributes['N']).toEqual(numbers);
    expect((await read(world, 'p'))?.attributes['N']).toEqual(numbers);
  });

  test('what an update answers is what is stored, also for -0', async (world) => {
    await world.defineAttribute('N', 'number');
    await world.defineAttribute('L', 'location');
    const answered = await world.updateProfile('p', { attributes: { N: -0, L: { latitude: -0, longitude: -0 } } });
    expect(await read(world, 'p')).toEqual(answered);
  });

  test('every type of attribute comes back', async (world) => {
    const values = {
      String: 'text with "quotes", \\ and \u2028 and 😀 and e\u0301',
      Number: -1.5,
      Boolean: false,
      Time: '2026-01-31T23:59:60.123456789+05:30',
      Location: { latitude: 52.5, longitude: 13.4 },
      Strings: ['', 'b', 'a', 'b'],
      Numbers: [3, 1, 2],
      Times: ['2026-01-31T09:30:00Z'],
      Locations: [{ latitude: -90, longitude: 180 }],
    };
    const types = [
      'string',
      'number',
      'boolean',
      'time',
      'location',
      '(list string)',
      '(list number)',
      '(list time)',
      '(list location)',
    ] as const;
    for (const [index, name] of Object.keys(values).entries())
      await world.defineAttribute(name, types[index] ?? 'string');
    expect((await world.updateProfile('p', { attributes: values })).attributes).toEqual(values);
    expect((await read(world, 'p'))?.attributes).toEqual(values);
  });

  test('a refused update changes nothing, whichever part of it is wrong', async (world) => {
    await world.defineAttribute('A', 'string');
    await world.createAudience('a');
    const before = await world.updateProfile('p', { attributes: { A: 'old' }, adds: ['a'] });
    const wrong = [
      world.update('p', { attributes: { A: 'new', Undefined: 1 }, deletes: ['a'] }),
      world.update('p', { attributes: { A: 7 }, deletes: ['a'] }),
      world.update('p', { attributes: { A: 'new' }, adds: ['missing'], deletes: ['a'] }),
      world.update('p', { attributes: { A: 'new' }, deletes: [99] }),
      world.update('unborn', { attributes: { A: null, Undefined: null } }),
    ];
    const outcomes = await world.storage.write(wrong);
    expect(outcomes.map(codeOf)).toEqual(['invalid', 'invalid', 'not_found', 'not_found', 'invalid']);
    expect(await read(world, 'p')).toEqual(before);
    expect(await read(world, 'unborn')).toBeUndefined();
  });

  test('undefined attributes are dropped when asked, wrong types are refused all the same', async (world) => {
    await world.defineAttribute('A', 'string');
    const answered = await world.updateProfile('p', {
      attributes: { A: 'a', constructor: 1, Nope: 2 },
      skipUndefinedAttributes: true,
    });
    expect(answered.attributes).toEqual({ A: 'a' });
    const [outcome] = await world.storage.write([
      world.update('p', { attributes: { A: 1 }, skipUndefinedAttributes: true }),
    ]);
    expect(codeOf(outcome)).toBe('invalid');
  });

  test('an attribute limited to other Applications is undefined here', async (world) => {
    await world.defineAttribute('OnlySandbox', 'string', [world.sandbox.id]);
    const definition = (await world.storage.catalog()).attributes.get('OnlySandbox');
    expect(definition !== undefined && appliesTo(definition, world.sandbox.id)).toBe(true);
    const update = { attributes: { OnlySandbox: 'x' } };
    const outcomes = await world.storage.write([world.update('p', update), world.update('p', update, 'sandbox')]);
    expect(codeOf(outcomes[0])).toBe('invalid');
    expect(outcomes[1]).toHaveProperty('result.attributes.OnlySandbox', 'x');
  });

  test('last activity moves with rule-engine calls alone, and never back', async (world) => {
    const born = await world.updateProfile('p');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await world.updateProfile('p')).lastActivity).toBe(born.created);
    const active = await world.updateProfile('p', { runRuleEngine: true });
    expect(active.lastActivity).toBeGreaterThan(born.created);
    expect(active.created).toBe(born.created);
    expect((await world.updateProfile('p')).lastActivity).toBe(active.lastActivity);
    expect(await read(world, 'p')).toEqual(active);
  });

  test('the environments share nothing but the definitions', async (world) => {
    await world.defineAttribute('A', 'string');
    const audience = await world.createAudience('same', 'live');
    const twin = await world.createAudience('same', 'sandbox');
    const here = await world.updateProfile('p', { attributes: { A: 'live' }, adds: ['same'] }, 'live');
    const there = await world.updateProfile('p', { attributes: { A: 'sandbox' } }, 'sandbox');
    expect(there.id).not.toBe(here.id);
    expect(there.memberships).toEqual([]);
    expect(await world.storage.findProfile('sandbox', 'p')).toEqual(there);
    expect(await world.storage.findProfile('live', 'p')).toEqual(here);
    expect(await world.audiencesOf('p', 'sandbox')).toEqual([]);
    const foreign = await world.storage.write([
      world.update('p', { adds: [audience.id] }, 'sandbox'),
      world.update('p', { adds: [twin.id] }, 'live'),
      world.bulk([{ integrationId: 'q', adds: [audience.id], deletes: [] }], 'sandbox'),
    ]);
    expect(foreign.map(codeOf)).toEqual(['not_found', 'not_found', 'not_found']);
    expect(await world.storage.findProfile('sandbox', 'q')).toBeUndefined();
    await world.write(world.deletion('same', 'sandbox'));
    expect(await world.members(audience.id)).toEqual(['p']);
  });

  test('audiences of many profiles come in the order asked, repeated and unknown ones included', async (world) => {
    await world.createAudience('b');
    await world.createAudience('a');
    await world.updateProfile('both', { adds: ['a', 'b'] });
    await world.updateProfile('none');
    const asked = ['none', 'both', 'unknown', 'both', ...range(1500, 'nobody-')];
    const found = await world.storage.findAudiencesOf('live', asked);
    expect(found.length).toBe(asked.length);
    expect(found.slice(0, 4).map((each) => each.map((audience) => audience.id))).toEqual([[], [1, 2], [], [1, 2]]);
    expect(found[1]?.[0]).toMatchObject({ id: 1, name: 'Name of b', integrationId: 'b' });
    expect(await world.storage.findAudiencesOf('live', [])).toEqual([]);
  });

  test('a read sees every write that was answered before it', async (world) => {
    await world.createAudience('a');
    for (let round = 0; round < 50; round += 1) {
      const [adds, deletes] = round % 2 === 0 ? [['a'], []] : [[], ['a']];
      await world.updateProfile('p', { adds, deletes });
      expect(await world.audiencesOf('p')).toEqual(adds);
      expect((await read(world, 'p'))?.memberships.length).toBe(adds.length);
      expect(await world.size(1)).toBe(adds.length);
    }
  });
}
