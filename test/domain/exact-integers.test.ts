/** The integers that a JavaScript number represents exactly, digit by digit. */

import { describe, expect, test } from 'vitest';
import { readAllowedValue } from '../../src/domain/definitions/attribute-values.ts';
import { isInexactInteger } from '../../src/domain/exact-integers.ts';

describe('an integer', () => {
  test.each([
    '0',
    '-1',
    '999999999999999',
    '9007199254740991',
    '9007199254740992',
    '-9007199254740992',
    '9007199254740994',
    '9007199254740992.0',
    '1000000000000000000000000',
    ' 9007199254740994 ',
    '\t-9007199254740994.0\n',
    '0.9007199254740993',
    '9007199254740993.5',
    '9007199254740993 9007199254740993',
    // Digits that JavaScript itself prints for a double.
    JSON.stringify(1.2345678901234567e20),
    // These are not written as integers, so not every digit is meant.
    '0.1',
    '1e3',
    '1.2345678901234567890',
    '9007199254740993e0',
  ])('%s is kept', (text) => expect(isInexactInteger(text)).toBe(false));

  test.each([
    '9007199254740993',
    '-9007199254740993',
    '9007199254740993.00',
    '12345678901234567890',
    '1000000000000000000000001',
    ' \n9007199254740993\r\n ',
    `1${'0'.repeat(400)}`,
  ])('%s would be altered', (text) => expect(isInexactInteger(text)).toBe(true));
});

test('a list of allowed numbers takes none that would be altered', () => {
  expect(readAllowedValue('number', '9007199254740992')).toEqual({ value: '9007199254740992' });
  expect(readAllowedValue('number', '9007199254740993')).toEqual({
    expected: 'a number that a double can represent, not one that it would change to 9007199254740992',
  });
  expect(readAllowedValue('(list number)', '9007199254740993')).toHaveProperty('expected');
  expect(readAllowedValue('string', '9007199254740993')).toEqual({ value: '9007199254740993' });
});
