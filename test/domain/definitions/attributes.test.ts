/** Attribute values of all nine types: what is valid, what is not, and the message. */

import { describe, expect, it } from 'vitest';
import { checkAttributeValue as check, isRfc3339, NO_LISTS } from '../../../src/domain/definitions/attribute-values.ts';
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

  it('takes what is on it and names what is allowed otherwise', () => {
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

  it('suggests only, unless it is closed', () => {
    expect(checkAttributeValue(attribute('string', { suggestions: ['gold'] }), 'tin')).toEqual({ value: 'tin' });
  });
});

it('an attribute applies to its Applications, or to all', () => {
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

  it.each(right)('is %j', (text) => expect(isRfc3339(text)).toBe(true));
  it.each(not)('is not %j', (text) => expect(isRfc3339(text)).toBe(false));
});
