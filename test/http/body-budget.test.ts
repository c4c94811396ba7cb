/** The memory budget for bodies: waiting requests are served in the order they asked, and none is passed over. */

import { describe, expect, test } from 'vitest';
import { BodyBudget } from '../../src/http/body-budget.ts';

const LONG_MS = 60_000;

/** Whether each of the waiting requests has been granted its memory, or undefined while it waits. */
async function granted(
  ...waiting: readonly { readonly granted: Promise<boolean> }[]
): Promise<(boolean | undefined)[]> {
  return Promise.all(waiting.map(async (each) => Promise.race([each.granted, Promise.resolve(undefined)])));
}

describe('a budget', () => {
  test('is taken up to its last byte, and no further', () => {
    const budget = new BodyBudget(10);
    expect(budget.tryTake(4)).toBe(true);
    expect(budget.tryTake(6)).toBe(true);
    expect(budget.tryTake(1)).toBe(false);
    expect(budget.held).toBe(10);
    budget.giveBack(4);
    expect(budget.held).toBe(6);
    expect(budget.tryTake(5)).toBe(false);
    expect(budget.tryTake(4)).toBe(true);
  });

  test('lets one through that is larger than all of it, alone', () => {
    const budget = new BodyBudget(10);
    expect(budget.tryTake(11)).toBe(true);
    expect(budget.tryTake(1)).toBe(false);
    budget.giveBack(11);
    expect(budget.tryTake(1)).toBe(true);
    expect(budget.tryTake(11)).toBe(false);
  });

  test('serves those that wait in their order, as many as there is room for', async () => {
    const budget = new BodyBudget(10);
    budget.tryTake(10);
    const [first, second, third] = [budget.take(4, LONG_MS), budget.take(4, LONG_MS), budget.take(4, LONG_MS)];
    expect(await granted(first, second, third)).toEqual([undefined, undefined, undefined]);
    budget.giveBack(10);
    expect(await granted(first, second, third)).toEqual([true, true, undefined]);
    expect(budget.held).toBe(8);
    budget.giveBack(4);
    expect(await granted(third)).toEqual([true]);
  });

  test('lets nobody pass those that wait, however little is asked for', async () => {
    const budget = new BodyBudget(10);
    budget.tryTake(5);
    const waiting = budget.take(6, LONG_MS);
    expect(budget.tryTake(1)).toBe(false);
    budget.giveBack(5);
    expect(await granted(waiting)).toEqual([true]);
    expect(budget.tryTake(4)).toBe(true);
  });

  test('goes to those behind whoever gives up', async () => {
    const budget = new BodyBudget(10);
    budget.tryTake(5);
    const [large, small] = [budget.take(6, LONG_MS), budget.take(5, LONG_MS)];
    large.cancel();
    expect(await granted(large, small)).toEqual([false, true]);
    expect(budget.held).toBe(10);
    // It is too late to cancel: the memory has been granted, and is kept.
    small.cancel();
    expect(await granted(small)).toEqual([true]);
    expect(budget.held).toBe(10);
  });

  test('is not waited for longer than asked', async () => {
    const budget = new BodyBudget(10);
    budget.tryTake(10);
    const kept = setInterval(() => undefined, 1000);
    expect(await budget.take(1, 5).granted).toBe(false);
    clearInterval(kept);
    budget.giveBack(10);
    expect(budget.held).toBe(0);
  });
});
