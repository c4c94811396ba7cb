/** The attribute type that the values of refused writes agree on. */

import { expect, test } from 'vitest';
import { typeOf } from '../../src/access-log/refused-values.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';

const CASES: [JsonValue[], string | undefined][] = [
  [[41], 'number'],
  [[41, -0.5, 1e300], 'number'],
  [['41'], 'string'],
  [[41, '41'], undefined],
  [[true, false], 'boolean'],
  [[true, 1], undefined],
  [['2026-01-31T10:30:00Z'], 'time'],
  [['2026-01-31T10:30:00Z', 'soon'], 'string'],
  [['2026-02-31T10:30:00Z'], 'string'],
  [[{ latitude: 1, longitude: 2 }], 'location'],
  [[{ latitude: 91, longitude: 2 }], undefined],
  [[['a'], []], '(list string)'],
  [[[1, 2]], '(list number)'],
  [[['2026-01-31T10:30:00Z']], '(list time)'],
  [[['a', 1]], undefined],
  [[[]], undefined],
  [[], undefined],
];

test.each(CASES)('of %j it is %s', (values, expected) => {
  expect(typeOf(values)).toBe(expected);
});
