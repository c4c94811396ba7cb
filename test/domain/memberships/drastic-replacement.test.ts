/** The share of members that a replacement may remove unconfirmed, and what people read about more. */

import { expect, it } from 'vitest';
import { describeLoss, isDrasticReplacement, tooDrastic } from '../../../src/domain/memberships/drastic-replacement.ts';

it.each([
  [{ members: 80, before: 100, leaves: 20 }, false],
  [{ members: 79, before: 100, leaves: 21 }, true],
  [{ members: 4, before: 5, leaves: 1 }, false],
  [{ members: 3, before: 4, leaves: 1 }, true],
  [{ members: 1, before: 0, leaves: 0 }, false],
  [{ members: 0, before: 0, leaves: 0 }, true],
])('%j is drastic: %s', (loss, expected) => {
  expect(isDrasticReplacement(loss)).toBe(expected);
});

it.each([
  [{ members: 3, before: 4, leaves: 1 }, '1 of 4 members would leave'],
  [{ members: 0, before: 4, leaves: 4 }, 'the list is empty: all of the 4 members would leave'],
])('%j is refused with its numbers', (loss, text) => {
  expect(describeLoss(loss)).toBe(text);
  expect(tooDrastic(loss)).toMatchObject({ code: 'conflict', message: `Now ${text}; look at a new preview first` });
});
