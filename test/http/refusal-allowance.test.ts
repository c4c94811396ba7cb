/** How many refusals of strangers are listed: both sides of each limit. */

import { expect, test } from 'vitest';
import { RefusalAllowance } from '../../src/http/refusal-allowance.ts';

const MINUTE = 60_000;
const START = 1000 * MINUTE;

/** The number listed, out of `count`. */
function listed(allowance: RefusalAllowance, address: string, count: number, time = START): number {
  return Array.from({ length: count }, () => allowance.take(address, time)).filter(Boolean).length;
}

test('thirty per address and minute, each address for itself', () => {
  const allowance = new RefusalAllowance();
  expect(listed(allowance, 'a', 30)).toBe(30);
  expect(allowance.take('a', START + MINUTE - 1)).toBe(false);
  expect(listed(allowance, 'b', 31)).toBe(30);
  expect(listed(allowance, 'a', 31, START + MINUTE)).toBe(30);
});

test('a thousand addresses are counted separately; further ones share one allowance, known ones keep theirs', () => {
  const allowance = new RefusalAllowance();
  for (let index = 0; index < 1000; index += 1) expect(allowance.take(`known-${index}`, START)).toBe(true);
  const others = Array.from({ length: 40 }, (_, index) => allowance.take(`other-${index}`, START));
  expect(others.filter(Boolean)).toHaveLength(30);
  expect(others.lastIndexOf(true)).toBe(29);
  expect(listed(allowance, 'known-999', 30)).toBe(29);
  expect(allowance.take('other-0', START + MINUTE)).toBe(true);
});
