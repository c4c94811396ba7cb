/** The attributes of a write: what is refused, the message, and what must be looked up before. */

import { describe, expect, it } from 'vitest';
import { DEFAULT_ATTRIBUTE_LIMITS } from '../../../src/domain/definitions/attribute-sizes.ts';
import { NO_LISTS } from '../../../src/domain/definitions/attribute-values.ts';
import type { Attribute } from '../../../src/domain/definitions/attributes.ts';
import { Catalog } from '../../../src/domain/definitions/catalog.ts';
import type { Environment } from '../../../src/domain/environment.ts';
import { DomainError, invalid } from '../../../src/domain/errors.ts';
import {
  type AttributeUpdate,
  attributesToCreate,
  checkAttributes,
  checkAudienceAttributes,
  checkEach,
  listedValues,
  profilesToLookUp,
  type StoredAttributes,
} from '../../../src/domain/memberships/attribute-checks.ts';
import type {
  AttributeCreation,
  Caller,
  SetAudienceAttributes,
  WriteCommand,
} from '../../../src/domain/memberships/commands.ts';

const SHOP = 1;
const OUTLET = 2;
const REHEARSAL = 3;
const CALLER: Caller = { requestUuid: '', keyId: 1, applicationId: SHOP, environment: 'live', bytes: 0 };

const catalog = new Catalog();
const environments: [number, Environment][] = [
  [SHOP, 'live'],
  [OUTLET, 'live'],
  [REHEARSAL, 'sandbox'],
];
for (const [id, environment] of environments) {
  catalog.putApplication({
    id,
    name: `Application ${id}`,
    environment,
    timezone: 'UTC',
    currency: 'EUR',
    description: '',
    payloadLogging: 'full',
    staging: false,
    created: 0,
    modified: 0,
  });
}
const definitions: Partial<Attribute>[] = [
  { name: 'Tier' },
  { name: 'Visits', type: 'number' },
  { name: 'Outlet', applicationIds: [OUTLET] },
  { name: 'Rehearsal', applicationIds: [REHEARSAL] },
  { name: 'Both', applicationIds: [REHEARSAL, OUTLET] },
  { name: 'Gone', applicationIds: [99] },
  { name: 'Colour', restrictedBySuggestions: true, allowedList: 7 },
  { name: 'Sizes', type: '(list number)', restrictedBySuggestions: true, allowedList: 8 },
  { name: 'Open', allowedList: 9 },
];
for (const [index, definition] of definitions.entries()) {
  catalog.putAttribute({
    id: index + 1,
    entity: 'CustomerProfile',
    name: '',
    title: `Title ${index}`,
    type: 'string',
    description: '',
    suggestions: [],
    restrictedBySuggestions: false,
    hasAllowedList: false,
    allowedList: undefined,
    editable: true,
    applicationIds: [],
    details: {},
    created: 0,
    ...definition,
  });
}

function check(
  attributes: AttributeUpdate['attributes'],
  more: Partial<AttributeUpdate> = {},
  stored?: StoredAttributes,
) {
  const limits = { ...DEFAULT_ATTRIBUTE_LIMITS, valueBytes: 20 };
  const update = { attributes, caller: CALLER, skipUndefinedAttributes: undefined, ...more };
  return checkAttributes(catalog, update, { isAllowed: NO_LISTS, limits }, stored);
}

function problemsOf(work: () => unknown): DomainError['problems'] {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'invalid') return error.problems;
    throw error;
  }
  return [];
}

describe('attributes that fit', () => {
  it('are there to be merged, a null as the wish to remove', () => {
    expect([...check({ Tier: 'gold', Visits: null })]).toEqual([
      ['Tier', 'gold'],
      ['Visits', null],
    ]);
    expect(check(undefined).size).toBe(0);
    expect(check({}).size).toBe(0);
  });

  it('may be large where the profile has a larger value already', () => {
    const [large, larger] = ['x'.repeat(20), 'x'.repeat(21)];
    expect(problemsOf(() => check({ Tier: large }))).toMatchObject([{ title: 'limit' }]);
    expect(problemsOf(() => check({ Tier: large }, {}, { Visits: larger }))).toMatchObject([{ title: 'limit' }]);
    expect(check({ Tier: large }, {}, { Tier: larger }).get('Tier')).toBe(large);
  });
});

describe('an attribute that is not defined', () => {
  const problem = (name: string, more: Partial<AttributeUpdate> = {}) => {
    const [first, ...others] = problemsOf(() => check({ [name]: 1 }, more));
    expect(others).toEqual([]);
    return first;
  };

  it('is refused with its name and the remedy, also for a null', () => {
    expect(problem('Size')).toEqual({
      title: 'Unknown',
      message:
        "Attribute 'Size' is not defined for customer profiles (create it first (Attributes in the console, or rollcall attribute create))",
      source: { pointer: '/attributes/Size' },
      cause: 'attribute `Size` is not defined',
      mend: { kind: 'createAttribute', name: 'Size' },
    });
    expect(problemsOf(() => check({ Size: null }))).toHaveLength(1);
    expect(problem('Size', { skipUndefinedAttributes: false })?.message).toContain('skipNonExistingAttributes=true');
  });

  it('is skipped where that is asked for, and no other problem is', () => {
    expect([...check({ Size: 1, Tier: 'gold' }, { skipUndefinedAttributes: true })]).toEqual([['Tier', 'gold']]);
    expect(problemsOf(() => check({ Size: 1, Tier: 1 }, { skipUndefinedAttributes: true }))).toHaveLength(1);
  });

  it('is distinguished from one that differs in case or belongs to other Applications of the environment', () => {
    expect(problem('TIER')).toMatchObject({
      message: expect.stringContaining("(names are case-sensitive, and 'Tier' is defined)") as string,
      cause: 'attribute `TIER` is not defined, but `Tier` is',
    });
    expect(problem('Outlet')).toMatchObject({
      message: expect.stringContaining("(it is limited to other Applications than this key's)") as string,
      cause: 'attribute `Outlet` is limited to other Applications',
    });
    expect(problem('Both')).toMatchObject({ cause: 'attribute `Both` is limited to other Applications' });
    expect(problem('Rehearsal')).toMatchObject({ cause: 'attribute `Rehearsal` is not defined' });
    expect(problem('Gone')).toMatchObject({ cause: 'attribute `Gone` is not defined' });
    for (const name of ['TIER', 'Outlet']) expect(problem(name)).not.toHaveProperty('mend');
  });

  it.each<[string, boolean]>([
    ['a'.repeat(100), true],
    ['a'.repeat(101), false],
    ['ada@example.com', false],
  ])('whose name is no name is told by no cause that shows it: %s', (name, isName) => {
    const found = problem(name);
    expect(found?.message).toContain(name.length > 100 ? `'${'a'.repeat(100)}…'` : `'${name}'`);
    expect(found?.cause?.includes(name)).toBe(isName);
    expect(found?.mend !== undefined).toBe(isName);
    if (!isName) expect(found?.cause).toBe('an attribute is not defined, and its name is not a valid one');
  });
});

describe('attributes that may be created', () => {
  const creating = (types: AttributeCreation['types'] = {}, description = 'd') => ({
    creation: { types, description },
  });
  const planned = (attributes: object, more: Partial<AttributeUpdate> = creating()) =>
    attributesToCreate(catalog, {
      attributes: attributes as AttributeUpdate['attributes'],
      caller: CALLER,
      skipUndefinedAttributes: undefined,
      ...more,
    }).map(({ name, type, description }) => `${name} ${type} ${description}`);

  it('get the type that is declared or inferred, and the description', () => {
    expect(planned({ Size: 1, Tier: 'gold', Colours: ['red'] })).toEqual(['Size number d', 'Colours (list string) d']);
    expect(planned({ Size: 1, Flag: 'true' }, creating({ Size: 'string', Flag: 'boolean' }, 'e'))).toEqual([
      'Size string e',
      'Flag boolean e',
    ]);
    // No object has what every object inherits.
    expect(planned({ toString: 1 })).toEqual(['toString number d']);
  });

  it('are none where nothing may be created, where all are defined, and where no type fits', () => {
    expect(planned({ Size: 1 }, {})).toEqual([]);
    expect(planned({ Tier: 1, Outlet: 'x' })).toEqual([]);
    expect(
      attributesToCreate(catalog, { caller: CALLER, skipUndefinedAttributes: undefined, ...creating() } as never),
    ).toEqual([]);
    expect(planned({ Size: {}, Width: 1 })).toEqual(['Width number d']);
  });

  it('are checked like others, with a problem where no type fits', () => {
    expect([...check({ Size: 1, Tier: 'gold' }, creating())]).toEqual([
      ['Size', 1],
      ['Tier', 'gold'],
    ]);
    expect(problemsOf(() => check({ Size: {}, Tier: 1 }, creating())).map(({ source }) => source)).toEqual([
      { pointer: '/attributes/Size' },
      { pointer: '/attributes/Tier' },
    ]);
    expect([...check({ Size: {}, Width: 1 }, { ...creating(), skipUndefinedAttributes: true })]).toEqual([
      ['Width', 1],
    ]);
  });

  const converted: [string, AttributeUpdate['attributes'], AttributeCreation['types'], unknown][] = [
    ['converted to its declared type', { Tier: 5 }, { Tier: 'string' }, '5'],
    ['converted when it is created', { Size: '5' }, { Size: 'number' }, 5],
    ['converted from its digits', { Tier: 9_007_199_254_740_992 }, { Tier: 'string' }, '9007199254740993'],
  ];
  it.each(converted)('have a value %s', (_, attributes, types, value) => {
    const inexactNumbers = { Tier: '9007199254740993' };
    const more = { ...creating(types), ...(value === '9007199254740993' ? { inexactNumbers } : {}) };
    expect([...check(attributes, more).values()]).toEqual([value]);
  });

  const kept: [string, AttributeCreation['types']][] = [
    ['another type is declared', { Tier: 'number' }],
    ['none is declared', {}],
    ['one is declared for another', { Visits: 'string' }],
  ];
  it.each(kept)('keep a value of the wrong type where %s', (_, types) => {
    expect(problemsOf(() => check({ Tier: 5 }, creating(types)))).toMatchObject([{ title: 'Invalid type' }]);
  });
});

describe('attributes of all members', () => {
  const all = (attributes: SetAudienceAttributes['attributes'], profileBytes: number) =>
    checkAudienceAttributes(
      catalog,
      { kind: 'setAudienceAttributes', caller: CALLER, target: { audienceId: 1 }, attributes },
      { isAllowed: NO_LISTS, limits: { ...DEFAULT_ATTRIBUTE_LIMITS, profileBytes } },
    );

  it('fit into a profile by themselves', () => {
    const attributes = { Tier: 'gold', Visits: null };
    const size = JSON.stringify(attributes).length;
    expect([...all(attributes, size)]).toEqual(Object.entries(attributes));
    expect(problemsOf(() => all(attributes, size - 1))).toMatchObject([
      { title: 'limit', source: { pointer: '/attributes/Tier' } },
    ]);
    expect(problemsOf(() => all({ Tier: 1 }, size))).toMatchObject([{ title: 'Invalid type' }]);
  });
});

describe('problems', () => {
  it.each<[string, object]>([
    ['of names', Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`Size${index}`, 1]))],
    [
      'of values',
      { ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`Size${index}`, 1])), Tier: 1, Visits: 'x' },
    ],
  ])('%s are told up to ten', (_, attributes) => {
    expect(problemsOf(() => check(attributes as AttributeUpdate['attributes']))).toHaveLength(10);
  });

  it('of numbers and of values are distinguished', () => {
    const inexactNumbers = { Visits: '9007199254740993' };
    const problems = problemsOf(() =>
      check({ Visits: 9_007_199_254_740_992, Tier: 1, Colour: 'red' }, { inexactNumbers }),
    );
    expect(problems.map(({ title }) => title)).toEqual(['Invalid value', 'Invalid type', 'enum']);
  });

  it('of items name the item, and other errors go through', () => {
    const wrong = new Set([1, 2]);
    const checkItem = (item: number): number => {
      if (wrong.has(item)) throw invalid(`item ${item}`, { pointer: '/attributes/x' });
      if (item === 3) throw invalid('no place');
      if (item === 4) throw new DomainError('not_found', 'gone');
      if (item === 5) throw invalid('of a query', { parameter: 'x' });
      return item * 2;
    };
    expect(checkEach([6, 7], checkItem)).toEqual([12, 14]);
    expect(problemsOf(() => checkEach([6, 1, 3, 5, 2], checkItem)).map(({ source }) => source)).toEqual([
      { pointer: '/customerProfiles/1/attributes/x' },
      undefined,
      { parameter: 'x' },
      { pointer: '/customerProfiles/4/attributes/x' },
    ]);
    const broken = new RangeError('broken');
    expect(() =>
      checkEach([1], () => {
        throw broken;
      }),
    ).toThrow(broken);
    expect(() => checkEach([1, 4], checkItem)).toThrow(expect.objectContaining({ code: 'not_found' }));
    let count = 0;
    const failing = (): never => {
      count += 1;
      throw invalid('wrong');
    };
    expect(problemsOf(() => checkEach(Array<number>(20).fill(0), failing))).toHaveLength(10);
    expect(count).toBe(10);
  });
});

describe('before a write', () => {
  const update = (attributes: object, integrationId = 'p') => ({ integrationId, attributes });
  const one = (attributes: object): WriteCommand =>
    ({ kind: 'updateProfile', caller: CALLER, ...update(attributes) }) as unknown as WriteCommand;
  const many = (items: object[]): WriteCommand =>
    ({ kind: 'updateProfiles', caller: CALLER, items }) as unknown as WriteCommand;

  it('profiles are looked up whose new value is large', () => {
    const limits = { ...DEFAULT_ATTRIBUTE_LIMITS, valueBytes: 20 };
    const [small, large] = ['x'.repeat(18), 'x'.repeat(19)];
    expect(profilesToLookUp(one({ Tier: small }), limits)).toEqual([]);
    expect(profilesToLookUp(one({ Tier: small, Visits: large }), limits)).toEqual(['p']);
    const items = [update({ Tier: large }, 'a'), update({ Tier: small }, 'b'), { integrationId: 'c' }];
    expect(profilesToLookUp(many(items), limits)).toEqual(['a']);
    expect(profilesToLookUp({ kind: 'emptyAudience', caller: CALLER, target: { audienceId: 1 } }, limits)).toEqual([]);
  });

  it('values of closed lists are looked up, each item of a list by itself', () => {
    const attributes = { Colour: 'red', Sizes: [1, 2.5], Tier: 'x', Open: 'x', Unknown: 'x' };
    const expected = [
      { list: 7, value: 'red' },
      { list: 8, value: '1' },
      { list: 8, value: '2.5' },
    ];
    expect(listedValues(catalog, one(attributes))).toEqual(expected);
    expect(listedValues(catalog, many([update({ Colour: 'red' }), update({ Sizes: [1, 2.5] })]))).toEqual(expected);
    expect(listedValues(catalog, one({ Colour: null }))).toEqual([]);
    expect(listedValues(new Catalog(), one(attributes))).toEqual([]);
    const all: WriteCommand = {
      kind: 'setAudienceAttributes',
      caller: CALLER,
      target: { audienceId: 1 },
      attributes: { Colour: 'red' },
    };
    expect(listedValues(catalog, all)).toEqual([{ list: 7, value: 'red' }]);
    expect(listedValues(catalog, { kind: 'eraseProfile', caller: CALLER, integrationId: 'p' })).toEqual([]);
  });
});
