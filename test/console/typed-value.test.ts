/** Values typed into the search for profiles: converted to what the server stores, or answered with a hint. */

import { describe, expect, test } from 'vitest';
import { criterion, typedValue } from '../../console/src/pages/profiles/typed-value.ts';

type Type = Parameters<typeof typedValue>[0];

const RIGHT: [Type, string, unknown][] = [
  ['number', '-1', -1],
  ['number', ' -12.50 ', -12.5],
  ['number', '+3', 3],
  ['number', '.5', 0.5],
  ['number', '-.5', -0.5],
  ['number', '5.', 5],
  ['number', '-0', 0],
  ['number', '1e3', 1000],
  ['number', '-2.5E-3', -0.0025],
  ['number', '9007199254740991', 9_007_199_254_740_991],
  ['number', '-9007199254740991', -9_007_199_254_740_991],
  ['number', '1e21', 1e21],
  ['string', ' -1.50 ', '-1.50'],
  ['string', '007', '007'],
  ['boolean', 'true', true],
  ['boolean', 'false', false],
  ['time', '2027-06-30T12:00:00-03:30', '2027-06-30T12:00:00-03:30'],
  ['location', '-52.52, -13.40', { latitude: -52.52, longitude: -13.4 }],
  ['location', '0,-0', { latitude: 0, longitude: 0 }],
  ['(list number)', '-1, 2.5,-.5', [-1, 2.5, -0.5]],
  ['(list string)', '-1, a', ['-1', 'a']],
  [
    '(list location)',
    '1,-2; -3,4',
    [
      { latitude: 1, longitude: -2 },
      { latitude: -3, longitude: 4 },
    ],
  ],
];

const WRONG: [Type, string][] = [
  ['number', ''],
  ['number', '-'],
  ['number', '.'],
  ['number', '--1'],
  ['number', '1,5'],
  ['number', '1 000'],
  ['number', '0x10'],
  ['number', '0b1'],
  ['number', 'Infinity'],
  ['number', 'NaN'],
  ['number', '1e309'],
  ['number', '9007199254740992'],
  ['number', '-9007199254740993'],
  ['boolean', 'yes'],
  ['time', '2027-06-30'],
  ['location', '52.52'],
  ['location', '52.52,'],
  ['location', ',13.4'],
  ['location', '52.52, 13.40, 7'],
  ['(list number)', '1,,2'],
  ['(list number)', '1,'],
];

describe('a typed value', () => {
  test.each(RIGHT)('of %s: %s', (type, text, value) => {
    expect(typedValue(type, text)).toEqual({ value });
  });

  test.each(WRONG)('of %s is refused: "%s"', (type, text) => {
    expect(typedValue(type, text)).toHaveProperty('problem');
  });

  test('of an unknown attribute is sent as it is, and so is one that does not fit', () => {
    expect(criterion({ attribute: 'Gone', value: '-1.5' }, [])).toEqual({ Gone: '-1.5' });
    expect(criterion({ attribute: 'Gone' }, [])).toBeUndefined();
  });
});
