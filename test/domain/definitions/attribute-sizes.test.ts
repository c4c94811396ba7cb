/** The largest sizes of values and profiles, to the byte. */

import { describe, expect, test } from 'vitest';
import { isLargeValue, requireProfileSize, valueSizeProblem } from '../../../src/domain/definitions/attribute-sizes.ts';
import type { JsonValue } from '../../../src/domain/json-value.ts';

const limits = { valueBytes: 20, profileBytes: 100 };

describe('a value', () => {
  test.each<[JsonValue, boolean]>([
    ['x'.repeat(18), false],
    ['x'.repeat(19), true],
    // Each is two bytes in UTF-8 and six in JSON.
    ['é'.repeat(9), false],
    ['é'.repeat(10), true],
    ['\u0001'.repeat(3), false],
    ['\u0001'.repeat(4), true],
    [['x'.repeat(16)], false],
    [['x'.repeat(17)], true],
    [['ab', 'cd', 'ef', 'g'], false],
    [['ab', 'cd', 'ef', 'ghi'], true],
    [[], false],
    [1e300, false],
    [true, false],
  ])('%j is larger than 20 bytes: %s', (value, isLarge) => expect(isLargeValue(value, limits)).toBe(isLarge));

  test('that is no text is never taken for large by guess', () => {
    expect(isLargeValue(12, { ...limits, valueBytes: 1 })).toBe(true);
    expect(isLargeValue(12, { ...limits, valueBytes: 2 })).toBe(false);
    expect(isLargeValue([[1]], { ...limits, valueBytes: 5 })).toBe(false);
  });

  test('is told its bytes and the most there may be', () => {
    expect(valueSizeProblem('a/b', 'x'.repeat(18), undefined, limits)).toBeUndefined();
    const problem = valueSizeProblem('a/b', 'x'.repeat(19), undefined, limits);
    expect(problem).toMatchObject({ title: 'limit', source: { pointer: '/attributes/a~1b' } });
    expect(problem?.message).toContain('has 21 bytes; at most 20');
    expect(problem?.cause).not.toContain('21');
  });

  test('that was stored before the limit was lowered may stay and shrink, and not grow', () => {
    const stored = 'x'.repeat(30);
    expect(valueSizeProblem('a', stored, stored, limits)).toBeUndefined();
    expect(valueSizeProblem('a', 'x'.repeat(29), stored, limits)).toBeUndefined();
    expect(valueSizeProblem('a', 'x'.repeat(31), stored, limits)).toBeDefined();
  });
});

describe('a profile', () => {
  const profile = (length: number): string => JSON.stringify({ a: 'x'.repeat(length), b: 'yy' });
  // {"a":"…","b":"yy"} takes sixteen bytes plus the text.
  const BESIDE = profile(0).length;
  const grow = (before: string, after: string, names: string[]) => () =>
    requireProfileSize(before, after, names, limits);

  test('may hold a hundred bytes, and not one more', () => {
    expect(grow('{}', profile(100 - BESIDE), ['a', 'b'])).not.toThrow();
    expect(grow('{}', profile(101 - BESIDE), ['a', 'b'])).toThrow(
      `would make the profile's attributes 101 bytes; at most 100`,
    );
  });

  test('counts bytes, not characters', () => {
    const after = JSON.stringify({ a: 'é'.repeat(48) });
    expect(after.length).toBeLessThan(100);
    expect(grow('{}', after, ['a'])).toThrow('104 bytes');
  });

  test('beyond its limit may change and shrink', () => {
    expect(grow(profile(200), profile(200), ['a'])).not.toThrow();
    expect(grow(profile(200), profile(199), ['a'])).not.toThrow();
    expect(grow(profile(200), profile(201), ['a'])).toThrow('218 bytes');
  });

  test('is told the largest of what changes', () => {
    const after = JSON.stringify({ a: 'x'.repeat(100), b: 'y'.repeat(20), c: 'z'.repeat(20), d: 1 });
    expect(grow('{}', after, ['d', 'b', 'c', 'gone'])).toThrow(
      expect.objectContaining({
        code: 'invalid',
        problems: [expect.objectContaining({ title: 'limit', source: { pointer: '/attributes/b' } })],
      }),
    );
    expect(grow('{}', after, ['b'])).toThrow("Attribute 'b' (22 bytes)");
    expect(grow('{}', after, ['gone'])).toThrow("Attribute '' (0 bytes)");
  });
});
