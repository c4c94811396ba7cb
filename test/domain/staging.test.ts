/** Whether a staged list is still being collected, judged by its claim and by when it last grew. */

import { expect, it } from 'vitest';
import { isUnderWay } from '../../src/domain/staging.ts';

const NOW = 1_000_000;

it.each([
  [0, true],
  [59_999, true],
  [60_000, false],
  // The system clock has been set back since.
  [-59_999, true],
  [-60_000, false],
])('a claimed list that grew %i ms ago: %s', (age, expected) => {
  expect(isUnderWay(NOW - age, NOW, () => true)).toBe(expected);
});

it('a list that nobody claims is over at once; of an old one nobody asks', () => {
  expect(isUnderWay(NOW, NOW, () => false)).toBe(false);
  const ask = (): boolean => {
    throw new Error('asked');
  };
  expect(isUnderWay(NOW - 60_000, NOW, ask)).toBe(false);
});
