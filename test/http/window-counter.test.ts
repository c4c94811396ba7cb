/** Counting in time windows, with a clock the test controls. */

import { expect, test } from 'vitest';
import { WindowCounter } from '../../src/http/window-counter.ts';

function counting(maxCallers = 100) {
  let now = 5;
  const counter = new WindowCounter(1000, maxCallers, () => now);
  return { counter, count: (caller: string) => counter.add(caller).count, pass: (ms: number) => (now += ms) };
}

test('a window is a caller’s own, and ends a fixed time after what began it', () => {
  const { counter, count, pass } = counting();
  expect(counter.add('a')).toEqual({ count: 1, endsIn: 1000 });
  pass(400);
  expect(counter.add('b')).toEqual({ count: 1, endsIn: 1000 });
  expect(counter.add('a')).toEqual({ count: 2, endsIn: 600 });
  pass(599);
  expect(counter.add('a')).toEqual({ count: 3, endsIn: 1 });
  pass(1);
  expect(counter.add('a')).toEqual({ count: 1, endsIn: 1000 });
  expect(count('b')).toBe(2);
});

test('what stands counted can be looked at, and taken back while its window lasts', () => {
  const { counter, count, pass } = counting();
  expect(counter.look('a')).toEqual({ count: 0, endsIn: 1000 });
  counter.undo('a');
  count('a');
  count('a');
  counter.undo('a');
  pass(300);
  expect(counter.look('a')).toEqual({ count: 1, endsIn: 700 });
  counter.undo('a');
  counter.undo('a');
  expect(count('a')).toBe(1);
  pass(700);
  expect(counter.look('a')).toEqual({ count: 0, endsIn: 1000 });
  counter.undo('a');
  expect(count('a')).toBe(1);
});

test('so many callers are remembered, those who began last', () => {
  const { count, pass } = counting(2);
  for (const caller of ['a', 'b']) expect(count(caller)).toBe(1);
  expect(count('a')).toBe(2);
  expect(count('c')).toBe(1);
  expect(count('b')).toBe(2);
  expect(count('a')).toBe(1);
  pass(1000);
  expect(count('c')).toBe(1);
});

test('without a clock given it goes by one that is never set back', () => {
  const counter = new WindowCounter(1000, 10);
  const setBack = Date.now;
  counter.add('a');
  Date.now = () => setBack() - 2 * 24 * 3600 * 1000;
  try {
    expect(counter.add('a').endsIn).toBeLessThanOrEqual(1000);
  } finally {
    Date.now = setBack;
  }
});
