/** Attribute values of all nine types: what is valid, what is not, and the message. */

import { describe, expect, it } from 'vitest';
import {
  checkAttributeValue as check,
  checkNumbers,
  type InexactNumbers,
  isRfc3339,
  NO_LISTS,
  parseRfc3339,
} from '../../../src/domain/definitions/attribute-values.ts';
import {
  ATTRIBUTE_TYPES,
  type Attribute,
  type AttributeType,
  appliesTo,
} from '../../../src/domain/definitions/attributes.ts';
import type { JsonValue } from '../../../src/domain/json-value.ts';

const checkAttributeValue = (definition: Attribute, value: JsonValue) => check(definition, value, NO_LISTS);

function attribute(type: AttributeType, more: Partial<Attribute> = {}): Attribute {
  return {
    id: 1,
    entity: 'CustomerProfile',
    name: 'A',
    title: 'A',
    type,
    description: '',
    suggestions: [],
    restrictedBySuggestions: false,
    hasAllowedList: false,
    details: {},
    allowedList: undefined,
    editable: true,
    applicationIds: [],
    created: 0,
    ...more,
  };
}

const BERLIN = { latitude: 52.52, longitude: 13.405 };
const TIME = '2026-01-31T09:30:00Z';

const FITTING: Record<AttributeType, JsonValue[]> = {
  string: ['', 'gold', '👩‍👩‍👧', ' blanks ', 'x'.repeat(100_000)],
  number: [0, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER],
  boolean: [true, false],
  time: [TIME, '2026-01-31T09:30:00.123+05:45'],
  location: [BERLIN, { latitude: -90, longitude: 180 }],
  '(list string)': [[], ['a', 'a', '']],
  '(list number)': [[], [1, 2.5]],
  '(list time)': [[], [TIME]],
  '(list location)': [[], [BERLIN]],
};

const WRONG: Record<AttributeType, JsonValue[]> = {
  string: [1, true, [], {}, ['a'], 'nul\0', 'lone \ud800'],
  number: ['1', true, [1], {}, Number.POSITIVE_INFINITY],
  boolean: ['true', 0, 1, [], {}],
  time: ['2026-01-31', '', 0, [TIME], 'yesterday'],
  location: [
    '52,13',
    [52, 13],
    {},
    { latitude: 52 },
    { latitude: '52', longitude: 13 },
    { latitude: 91, longitude: 0 },
    { latitude: 0, longitude: -181 },
  ],
  '(list string)': ['a', {}, [1], ['a', null], [['a']], ['nul\0']],
  '(list number)': [1, ['1'], [1, null], {}],
  '(list time)': [TIME, [TIME, 'no'], [1]],
  '(list location)': [BERLIN, [{}], [BERLIN, null]],
};

const fitting = ATTRIBUTE_TYPES.flatMap((type) => FITTING[type].map((value) => ({ type, value })));
const wrong = ATTRIBUTE_TYPES.flatMap((type) => WRONG[type].map((value) => ({ type, value })));

function shown(value: JsonValue): string {
  return JSON.stringify(value).slice(0, 40);
}

describe('a value that fits is stored as it came', () => {
  it.each(fitting.map(({ type, value }) => [type, shown(value), value] as const))('%s %s', (type, _, value) => {
    expect(checkAttributeValue(attribute(type), value)).toEqual({ value });
  });

  it('but a location keeps its two members only, and no zero keeps a sign', () => {
    const location = { ...BERLIN, altitude: 34 };
    expect(checkAttributeValue(attribute('location'), location)).toEqual({ value: BERLIN });
    expect(checkAttributeValue(attribute('number'), -0)).toEqual({ value: 0 });
    expect(checkAttributeValue(attribute('location'), { latitude: -0, longitude: -0 })).toEqual({
      value: { latitude: 0, longitude: 0 },
    });
  });
});

describe('a value that does not fit is refused, never bent', () => {
  it.each(wrong.map(({ type, value }) => [type, shown(value), value] as const))('%s %s', (type, _, value) => {
    const problem = checkAttributeValue(attribute(type), value);
    expect(problem).toMatchObject({ title: 'Invalid type', source: { pointer: '/attributes/A' } });
    expect(problem).toHaveProperty('message', expect.stringContaining("Attribute 'A'"));
  });

  it('and the entry of a list is named', () => {
    const problem = checkAttributeValue(attribute('(list number)'), [1, 2, 'x']);
    expect(problem).toHaveProperty('message', expect.stringMatching(/entry 2/));
  });
});

describe('a closed list', () => {
  const tiers = { suggestions: ['gold', 'silver', '1'], restrictedBySuggestions: true };

  it('accepts what is on it, and otherwise names what is allowed', () => {
    expect(checkAttributeValue(attribute('string', tiers), 'gold')).toEqual({ value: 'gold' });
    const problem = checkAttributeValue(attribute('string', tiers), 'Gold');
    expect(problem).toMatchObject({
      title: 'enum',
      message: expect.stringMatching(/'Gold'.*'gold', 'silver', '1'/) as string,
    });
  });

  it('holds for every entry of a list, and for numbers', () => {
    expect(checkAttributeValue(attribute('(list string)', tiers), ['gold', 'silver'])).toHaveProperty('value');
    expect(checkAttributeValue(attribute('(list string)', tiers), ['gold', 'x'])).toHaveProperty('title', 'enum');
    expect(checkAttributeValue(attribute('number', tiers), 1)).toEqual({ value: 1 });
    expect(checkAttributeValue(attribute('number', tiers), 2)).toHaveProperty('title', 'enum');
  });

  const outside = (more: Partial<Attribute>, value: JsonValue, type: AttributeType = 'string'): string => {
    const problem = checkAttributeValue(attribute(type, { restrictedBySuggestions: true, ...more }), value);
    return 'message' in problem ? problem.message : '';
  };

  it('shows ten values at most, and that there are more', () => {
    const values = Array.from({ length: 11 }, (_, index) => `v${index}`);
    const ten = values.slice(0, 10).map((each) => `'${each}'`);
    const begin = "Attribute 'A' does not allow 'x'; allowed: ";
    expect(outside({ suggestions: values.slice(0, 10) }, 'x')).toBe(begin + ten.join(', '));
    expect(outside({ suggestions: values }, 'x')).toBe(`${begin}${ten.join(', ')}, …`);
    expect(outside({ suggestions: ['v'], allowedList: 7 }, 'x')).toBe(`${begin}'v', the values of its imported list`);
    expect(outside({ allowedList: 7 }, 'x')).toBe(`${begin}the values of its imported list`);
    expect(outside({}, 'x')).toBe(`${begin}nothing until its list is imported`);
  });

  it('shows a refused value, cut after sixty characters', () => {
    expect(outside({}, 'x'.repeat(60))).toContain(`allow '${'x'.repeat(60)}'; `);
    expect(outside({}, 'x'.repeat(61))).toContain(`allow '${'x'.repeat(60)}…'; `);
    expect(outside({}, true, 'boolean')).toContain("allow 'true'; ");
    expect(outside({}, BERLIN, 'location')).toContain(`allow '${JSON.stringify(BERLIN)}'; `);
  });

  it('names the attribute, also where its name needs escaping', () => {
    const closed = attribute('string', { name: 'a~b/c', restrictedBySuggestions: true });
    expect(checkAttributeValue(closed, 'x')).toMatchObject({ source: { pointer: '/attributes/a~0b~1c' } });
  });

  it('takes what its imported list allows, in any spelling of the same value', () => {
    const asked: [number, string][] = [];
    const imported = { restrictedBySuggestions: true, suggestions: ['tin'], allowedList: 7 };
    const isAllowed = (list: number, value: string): boolean => {
      asked.push([list, value]);
      return value === 'gold' || value === '1.5';
    };
    expect(check(attribute('string', imported), 'gold', isAllowed)).toEqual({ value: 'gold' });
    expect(check(attribute('(list string)', imported), ['tin', 'gold'], isAllowed)).toHaveProperty('value');
    expect(check(attribute('(list string)', imported), ['gold', 'lead'], isAllowed)).toHaveProperty('title', 'enum');
    expect(check(attribute('number', imported), 1.5, isAllowed)).toEqual({ value: 1.5 });
    expect(asked).toEqual([
      [7, 'gold'],
      [7, 'gold'],
      [7, 'gold'],
      [7, 'lead'],
      [7, '1.5'],
    ]);
    expect(check(attribute('string', { ...imported, allowedList: undefined }), 'gold', isAllowed)).toHaveProperty(
      'title',
    );
    expect(asked).toHaveLength(5);
    expect(checkAttributeValue(attribute('string', imported), 'gold')).toHaveProperty('title', 'enum');
  });

  it('suggests only, unless it is closed', () => {
    expect(checkAttributeValue(attribute('string', { suggestions: ['gold'] }), 'tin')).toEqual({ value: 'tin' });
  });
});

describe('a text that cannot be stored', () => {
  const messageOf = (type: AttributeType, value: JsonValue) => checkAttributeValue(attribute(type), value);

  it('is distinguished from what is not a string', () => {
    const unstorable = "Attribute 'A' contains a NUL character or a lone surrogate";
    expect(messageOf('string', 'nul\0')).toHaveProperty('message', unstorable);
    expect(messageOf('string', 1)).toHaveProperty('message', "Attribute 'A' expects a string");
    expect(messageOf('number', 'nul\0')).toHaveProperty('message', "Attribute 'A' expects a number");
  });
});

describe('a number that would be changed', () => {
  const DIGITS = '9007199254740993';

  it.each<[AttributeType, InexactNumbers | undefined, string | undefined]>([
    ['number', { A: DIGITS }, DIGITS],
    ['(list number)', { A: DIGITS }, DIGITS],
    ['location', { A: DIGITS }, DIGITS],
    ['(list location)', { A: DIGITS }, DIGITS],
    ['number', { A: '1'.repeat(40) }, '1'.repeat(40)],
    ['number', { A: '1'.repeat(41) }, `${'1'.repeat(40)}…`],
    ['string', { A: DIGITS }, undefined],
    ['time', { A: DIGITS }, undefined],
    ['number', { B: DIGITS }, undefined],
    ['number', {}, undefined],
    ['number', undefined, undefined],
  ])('in an attribute of type %s: %j', (type, inexact, shown) => {
    const problem = checkNumbers(attribute(type), inexact);
    if (shown === undefined) return expect(problem).toBeUndefined();
    expect(problem).toMatchObject({ title: 'Invalid value', source: { pointer: '/attributes/A' } });
    const changed = Number(inexact?.['A']);
    expect(problem?.message).toContain(`cannot hold ${shown}: as a number it would be changed to ${changed} (`);
  });

  it('is not looked for under names of the machinery', () => {
    expect(checkNumbers(attribute('number', { name: 'constructor' }), {})).toBeUndefined();
  });
});

it('an attribute applies to its Applications, or to all', () => {
  expect(appliesTo(attribute('string', { applicationIds: [7] }), undefined)).toBe(false);
  expect(appliesTo(attribute('string'), undefined)).toBe(true);
  expect(appliesTo(attribute('string'), 7)).toBe(true);
  expect(appliesTo(attribute('string', { applicationIds: [7, 8] }), 7)).toBe(true);
  expect(appliesTo(attribute('string', { applicationIds: [8] }), 7)).toBe(false);
});

describe('RFC 3339', () => {
  const right = [
    '2026-01-31T09:30:00Z',
    '2026-01-31t09:30:00z',
    '2026-01-31 09:30:00Z',
    '2026-01-31T09:30:00.000000000000001Z',
    '2026-01-31T09:30:00-00:00',
    '2026-01-31T23:59:60Z',
    '2024-02-29T00:00:00Z',
    '2025-02-28T00:00:00Z',
    '2025-03-29T00:00:00Z',
    '2025-12-31T00:00:00Z',
    '2000-02-29T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '2026-01-31T00:00:00+23:59',
  ];
  const not = [
    '2026-01-31',
    '2026-01-31T09:30Z',
    '2026-01-31T09:30:00',
    '2026-01-31T09:30:00.Z',
    '2026-01-31T09:30:00+0100',
    '2026-01-31T09:30:00+24:00',
    '2026-01-31T09:30:00+01:60',
    '2026-01-31T24:00:00Z',
    '2026-01-31T09:60:00Z',
    '2026-01-31T09:30:61Z',
    '2026-00-31T09:30:00Z',
    '2026-13-01T09:30:00Z',
    '2026-04-31T09:30:00Z',
    '2026-01-00T09:30:00Z',
    '2025-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '26-01-31T09:30:00Z',
    '+2026-01-31T09:30:00Z',
    ' 2026-01-31T09:30:00Z',
    '2026-01-31T09:30:00Z\n',
    '٢٠٢٦-01-31T09:30:00Z',
    '',
  ];

  it('is an instant, of which a leap second is the one after it', () => {
    expect(parseRfc3339('2026-01-31T09:30:00+01:00')).toBe(Date.UTC(2026, 0, 31, 8, 30));
    expect(parseRfc3339('2026-01-31 09:30:00.25z')).toBe(Date.UTC(2026, 0, 31, 9, 30, 0, 250));
    expect(parseRfc3339('0050-01-01t00:00:00z')).toBe(parseRfc3339('0050-01-01T00:00:00Z'));
    expect(parseRfc3339('2016-12-31T23:59:60Z')).toBe(Date.UTC(2017, 0, 1));
    expect(parseRfc3339('2016-12-31T23:59:60.5Z')).toBe(Date.UTC(2017, 0, 1) + 500);
    expect(parseRfc3339('2026-02-29T00:00:00Z')).toBeNaN();
  });

  it.each(right)('is %j', (text) => expect(isRfc3339(text)).toBe(true));
  it.each(not)('is not %j', (text) => expect(isRfc3339(text)).toBe(false));
});
