/** The clock of a server under test: two times that move together, and only forward where they must. */

import { expect, test } from 'vitest';
import { TestClock } from '../../src/test-controls/clock.ts';

const NOON = Date.UTC(2030, 0, 1, 12);
const HOUR_MS = 60 * 60 * 1000;

function frozenAt(set: number): TestClock {
  const clock = new TestClock();
  clock.change({ set, frozen: true });
  return clock;
}

test('shows the real time until it is changed', () => {
  const clock = new TestClock();
  const [before, now, after] = [Date.now(), clock.now(), Date.now()];
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(after);
  expect(clock.state.frozen).toBe(false);
});

test('set and advance are applied together, in this order', () => {
  expect(frozenAt(NOON).change({ advanceMs: 5 })).toEqual({ now: NOON + 5, frozen: true });
  expect(frozenAt(0).change({ set: NOON, advanceMs: HOUR_MS }).now).toBe(NOON + HOUR_MS);
});

test('stands still at exactly the time it is set to', () => {
  for (let round = 0; round < 1000; round += 1) expect(frozenAt(NOON).now()).toBe(NOON);
});

test('what lasts a while passes with the time, and never goes back', () => {
  const clock = frozenAt(NOON);
  const start = clock.elapsed();
  clock.change({ advanceMs: HOUR_MS });
  expect(clock.elapsed()).toBe(start + HOUR_MS);
  clock.change({ set: NOON - 24 * HOUR_MS });
  expect([clock.now(), clock.elapsed()]).toEqual([NOON - 24 * HOUR_MS, start + HOUR_MS]);
  clock.change({ set: NOON });
  expect(clock.elapsed()).toBe(start + 25 * HOUR_MS);
});

test('continues from where it was frozen', () => {
  const clock = frozenAt(NOON);
  const elapsed = clock.elapsed();
  clock.change({ frozen: false });
  for (const [from, to] of [
    [NOON, clock.now()],
    [elapsed, clock.elapsed()],
  ] as const) {
    expect(to).toBeGreaterThanOrEqual(from);
    expect(to).toBeLessThan(from + HOUR_MS);
  }
});

test.each([
  { set: -1 },
  { set: Date.UTC(10_000, 0, 1) },
  { advanceMs: 0.5 },
  { advanceMs: -1 },
  { set: NOON, advanceMs: 1e16 },
])('refuses %j, and stays as it was', (change) => {
  const clock = frozenAt(NOON);
  expect(() => clock.change(change)).toThrow(expect.objectContaining({ code: 'invalid' }));
  expect(clock.state).toEqual({ now: NOON, frozen: true });
});

test('a reset shows the real time, and ends every window', () => {
  const clock = frozenAt(NOON);
  const elapsed = clock.elapsed();
  clock.reset();
  expect(clock.state.frozen).toBe(false);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(HOUR_MS);
  expect(clock.elapsed()).toBeGreaterThanOrEqual(elapsed + HOUR_MS);
});
