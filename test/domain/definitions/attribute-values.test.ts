/** When two values are equal, which keys they are indexed under, and how cells of uploaded lists are read. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalText,
  readAllowedValue,
  sameValue,
  valueKey,
} from '../../../src/domain/definitions/attribute-values.ts';
import type { AttributeType } from '../../../src/domain/definitions/attributes.ts';
import type { JsonValue } from '../../../src/domain/json-value.ts';

const SAME: [type: AttributeType, a: JsonValue, b: JsonValue][] = [
  ['time', '2026-01-31T09:30:00Z', '2026-01-31t10:30:00.000+01:00'],
  ['time', '2026-01-31T09:30:00.120Z', '2026-01-31T09:30:00.12Z'],
  ['time', '2026-12-31T23:59:60Z', '2027-01-01T00:00:00Z'],
  ['time', '0001-01-01T00:30:00+01:00', '0000-12-31T23:30:00Z'],
  ['time', '1969-12-31T23:59:59.5Z', '1969-12-31T22:59:59.50-01:00'],
  ['(list time)', ['2026-01-31T09:30:00Z'], ['2026-01-31T09:30:00.0-00:00']],
  ['number', 1, 1.0],
  ['location', { latitude: 1, longitude: 2 }, { latitude: 1, longitude: 2 }],
];
const DIFFERENT: [type: AttributeType, a: JsonValue, b: JsonValue][] = [
  ['time', '2026-01-31T09:30:00Z', '2026-01-31T09:30:00.000001Z'],
  ['time', '1969-12-31T23:59:59.5Z', '1970-01-01T00:00:00.5Z'],
  ['string', '2026-01-31T09:30:00Z', '2026-01-31T10:30:00+01:00'],
  ['string', '\u00e9', 'e\u0301'],
  ['string', '', ' '],
  ['(list string)', ['a', 'b'], ['b', 'a']],
  ['(list string)', ['a,b'], ['a', 'b']],
  ['(list string)', [], ['']],
  ['(list number)', [12], [1, 2]],
  ['boolean', true, false],
];

describe('values', () => {
  test.each(SAME)('of type %s are the same: %j and %j', (type, a, b) => {
    expect(sameValue(type, a, b)).toBe(true);
    expect(valueKey(type, a)).toBe(valueKey(type, b));
  });

  test.each(DIFFERENT)('of type %s differ: %j and %j', (type, a, b) => {
    expect(sameValue(type, a, b)).toBe(false);
    expect(valueKey(type, a)).not.toBe(valueKey(type, b));
  });

  test('are filed under the numbers they were always filed under', () => {
    // Databases contain these keys: a change of the function requires a new index.
    expect([
      valueKey('string', ''),
      valueKey('string', 'gold'),
      valueKey('number', 1.5),
      valueKey('boolean', true),
      valueKey('time', '2026-01-31T09:30:00Z'),
      valueKey('(list string)', ['a', 'b']),
      valueKey('location', { latitude: 52.52, longitude: 13.4 }),
    ]).toEqual([
      101945795579267, 268115957690, 33382965497037, 116876915766772, 10144212774205, 5103428825142, 86027161317211,
    ]);
  });

  test('are spread: thousands of neighbours meet under no number, and each fits six bytes', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => valueKey('string', `user${index}@example.com`));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => Number.isInteger(key) && key >= 0 && key < 2 ** 47)).toBe(true);
  });

  test('any two instants compare like their times', () => {
    const instant = fc.record({
      ms: fc.integer({ min: -1e13, max: 1e13 }),
      offset: fc.integer({ min: -839, max: 839 }),
    });
    fc.assert(
      fc.property(
        instant,
        instant.map(({ offset }) => offset),
        ({ ms, offset }, other) => {
          const write = (minutes: number): string => {
            const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1);
            const pad = (value: number): string => String(value).padStart(2, '0');
            const away = Math.abs(minutes);
            return `${local}${minutes < 0 ? '-' : '+'}${pad(Math.trunc(away / 60))}:${pad(away % 60)}`;
          };
          expect(canonicalText('time', write(offset))).toBe(canonicalText('time', write(other)));
        },
      ),
    );
  });
});

describe('cells of lists', () => {
  test.each<[AttributeType, string, string]>([
    ['string', 'gold', 'gold'],
    ['string', '12', '12'],
    ['(list string)', 'a, b', 'a, b'],
    ['number', '1.50', '1.5'],
    ['(list number)', '-0', '0'],
    ['boolean', 'true', 'true'],
    ['time', '2026-01-31T10:30:00+01:00', canonicalText('time', '2026-01-31T09:30:00Z')],
    ['location', '{"longitude": 2, "latitude": 1}', '{"latitude":1,"longitude":2}'],
  ])('of type %s: %s', (type, cell, value) => {
    expect(readAllowedValue(type, cell)).toEqual({ value });
  });

  test.each<[AttributeType, string]>([
    ['number', 'one'],
    ['number', '"1"'],
    ['number', '1e999'],
    ['boolean', 'yes'],
    ['time', '2026-01-31'],
    ['location', '[1,2]'],
  ])('of type %s, not %s', (type, cell) => {
    expect(readAllowedValue(type, cell)).toEqual({ expected: expect.any(String) as unknown });
  });
});
