/**
 * Attributes that platforms create by using them: inferred types, values of a declared type, names, titles and limits.
 */

import { describe, expect, it } from 'vitest';
import {
  asDeclared,
  inferType,
  MAX_CREATED_PER_REQUEST,
  MAX_DEFINED_BY_PLATFORMS,
  type MissingAttribute,
  planAttributes,
} from '../../../src/domain/definitions/attribute-creation.ts';
import type { Attribute, AttributeType } from '../../../src/domain/definitions/attributes.ts';
import { Catalog } from '../../../src/domain/definitions/catalog.ts';
import type { Problem } from '../../../src/domain/errors.ts';
import type { JsonValue } from '../../../src/domain/json-value.ts';

const TIME = '2026-01-31T09:30:00Z';

it.each<[JsonValue, AttributeType | undefined]>([
  [true, 'boolean'],
  [0, 'number'],
  ['', 'string'],
  ['2026-01-31', 'string'],
  ['2026-02-30T09:30:00Z', 'string'],
  [TIME, 'time'],
  [['a'], '(list string)'],
  [[1, 2], '(list number)'],
  [[TIME, TIME], '(list time)'],
  [[TIME, 'soon'], '(list string)'],
  [['a', 1], undefined],
  [[TIME, 1], undefined],
  [[TIME, 'soon', 1], undefined],
  [[true], undefined],
  [[null], undefined],
  [[[1]], undefined],
  [[{ latitude: 1, longitude: 2 }], undefined],
  [[], undefined],
  [{ latitude: 1, longitude: 2 }, undefined],
  [null, undefined],
])('%j shows the type %s', (value, type) => {
  expect(inferType(value)).toBe(type);
});

it.each<[AttributeType, JsonValue, JsonValue]>([
  ['string', false, 'false'],
  ['string', 1.5, '1.5'],
  ['string', ['a'], ['a']],
  ['string', null, null],
  ['number', '-1.5e3', -1500],
  ['number', '12', 12],
  ['number', '1 ', '1 '],
  ['number', '', ''],
  ['number', '0x10', '0x10'],
  ['number', true, true],
  ['boolean', 'true', true],
  ['boolean', 'false', false],
  ['boolean', 'TRUE', 'TRUE'],
  ['boolean', 1, 1],
  ['time', TIME, TIME],
  ['location', '1,2', '1,2'],
])('as %s, %j is %j', (type, value, expected) => {
  expect(asDeclared(type, value, undefined)).toEqual(expected);
});

it('keeps the digits of a number that is to be text', () => {
  expect(asDeclared('string', 12345678901234567890, '12345678901234567890')).toBe('12345678901234567890');
});

describe('the plan', () => {
  const catalogOf = (...attributes: { name: string; title: string; entity?: Attribute['entity'] }[]): Catalog => {
    const catalog = new Catalog();
    for (const [index, each] of attributes.entries()) {
      catalog.putAttribute({ id: index + 1, entity: 'CustomerProfile', ...each } as Attribute);
    }
    return catalog;
  };
  const plan = (catalog: Catalog, ...missing: (Partial<MissingAttribute> & { name: string })[]) =>
    planAttributes(
      catalog,
      missing.map((each) => ({ value: 'x', declared: undefined, ...each })),
      'Created by a platform',
    );
  const titlesOf = (planned: ReturnType<typeof plan>) => [...planned.values()].map(({ title }) => title);
  const messageOf = (planned: Attribute | Problem | undefined): string =>
    planned !== undefined && 'message' in planned ? planned.message : '';

  it('defines an open attribute of every Application, titled by its name', () => {
    expect(plan(catalogOf(), { name: 'Plan' }).get('Plan')).toEqual({
      id: 0,
      entity: 'CustomerProfile',
      name: 'Plan',
      title: 'Plan',
      type: 'string',
      description: 'Created by a platform',
      suggestions: [],
      restrictedBySuggestions: false,
      hasAllowedList: false,
      allowedList: undefined,
      editable: true,
      applicationIds: [],
      details: {},
      created: 0,
    });
  });

  it('finds another title where one is taken, also by another new attribute', () => {
    const catalog = catalogOf({ name: 'a', title: 'Plan' }, { name: 'b', title: 'Plan (2)' });
    expect(titlesOf(plan(catalog, { name: 'Plan' }))).toEqual(['Plan (3)']);
    const ofOthers = catalogOf({ name: 'a', title: 'Plan', entity: 'Event' });
    expect(titlesOf(plan(ofOthers, { name: 'Plan' }))).toEqual(['Plan']);
    const long = 'a'.repeat(255);
    const [title = ''] = titlesOf(plan(catalogOf({ name: 'b', title: long }), { name: long }));
    expect(title).toMatch(/^a+ \(2\)$/);
    expect(title.length).toBeLessThanOrEqual(255);
  });

  it.each(['é', 'a-b', '1a', '', 'a b', `a${'b'.repeat(255)}`])('refuses the name %j', (name) => {
    const planned = plan(catalogOf(), { name }).get(name);
    expect(messageOf(planned)).toMatch(/cannot be created: a name is a letter followed by/);
    expect(planned).toMatchObject({ cause: 'an attribute is not defined, and its name is not a valid one' });
  });

  it.each<[JsonValue, AttributeType | undefined, string]>([
    [null, undefined, 'its type cannot be inferred from null'],
    [{}, undefined, 'its type cannot be inferred from an object'],
    [[], undefined, 'its type cannot be inferred from an empty or mixed list'],
    [['a'], 'string', 'is a list, which attributesInfo cannot make a string'],
    [[], 'string', 'is a list, which attributesInfo cannot make a string'],
  ])('refuses %j declared as %s', (value, declared, message) => {
    expect(messageOf(plan(catalogOf(), { name: 'Plan', value, declared }).get('Plan'))).toContain(message);
  });

  it('takes the declared type of a single value, even of null', () => {
    const planned = plan(
      catalogOf(),
      { name: 'Where', value: { latitude: 1, longitude: 2 }, declared: 'location' },
      { name: 'Later', value: null, declared: 'time' },
    );
    expect([...planned.values()]).toMatchObject([{ type: 'location' }, { type: 'time' }]);
  });

  it('creates so many in one request, and no more', () => {
    const names = Array.from({ length: MAX_CREATED_PER_REQUEST + 1 }, (_, index) => ({ name: `n${index}` }));
    const planned = [...plan(catalogOf(), ...names).values()];
    expect(planned.filter((each) => 'message' in each).map(({ title }) => title)).toEqual(['limit']);
    expect(messageOf(planned.at(-1))).toContain(`at most ${MAX_CREATED_PER_REQUEST}; split it`);
  });

  it('creates none once so many are defined, those of the request included', () => {
    const defined = Array.from({ length: MAX_DEFINED_BY_PLATFORMS - 1 }, (_, n) => ({ name: `d${n}`, title: `d${n}` }));
    const planned = plan(catalogOf(...defined), { name: 'Last' }, { name: 'More' });
    expect(messageOf(planned.get('Last'))).toBe('');
    expect(messageOf(planned.get('More'))).toContain(`${MAX_DEFINED_BY_PLATFORMS} attributes are defined`);
  });
});
