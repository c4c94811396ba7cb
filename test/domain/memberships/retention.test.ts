/** What one pruning step removes: complete requests if they fit, otherwise some of the entries of one. */

import { expect, it } from 'vitest';
import { planPruning } from '../../../src/domain/memberships/retention.ts';

const extent = { prunedBefore: 0, nextRequest: 100, nextChange: 1000 };
const limits = { requests: 3, entries: 10 };
const request = (id: number, firstChange: number, time = id) => ({ id, firstChange, time });

it('takes nothing where nothing is old enough', () => {
  expect(planPruning([], 50, extent, limits)).toBeUndefined();
  expect(planPruning([request(50, 1)], 50, extent, limits)).toBeUndefined();
});

it('ends before the first request that is young enough', () => {
  const oldest = [request(48, 1), request(49, 3), request(50, 6)];
  expect(planPruning(oldest, 50, extent, limits)).toEqual({ firstKeptChange: 6, firstKeptRequest: 50 });
});

it('takes the last requests of the ledger with all of their entries', () => {
  const oldest = [request(48, 991), request(49, 995)];
  expect(planPruning(oldest, 99, extent, limits)).toEqual({ firstKeptChange: 1000, firstKeptRequest: 100 });
});

it('takes no more requests than its limit', () => {
  const oldest = [request(1, 1), request(2, 2), request(3, 3), request(4, 4)];
  expect(planPruning(oldest, 99, extent, limits)).toEqual({ firstKeptChange: 4, firstKeptRequest: 4 });
});

it('removes a large request step by step, and continues with the next once its entries are removed', () => {
  const oldest = [request(1, 1), request(2, 26)];
  expect(planPruning(oldest, 99, extent, limits)).toEqual({ firstKeptChange: 11, firstKeptRequest: 1 });
  const second = planPruning(oldest, 99, { ...extent, prunedBefore: 11 }, limits);
  expect(second).toEqual({ firstKeptChange: 21, firstKeptRequest: 1 });
  const third = planPruning(oldest, 99, { ...extent, prunedBefore: 21 }, limits);
  expect(third).toEqual({ firstKeptChange: 31, firstKeptRequest: 2 });
});

it('removes a request with the last of its entries, though the next begins just then', () => {
  const oldest = [request(1, 1), request(2, 11), request(3, 90)];
  expect(planPruning(oldest, 99, extent, limits)).toEqual({ firstKeptChange: 11, firstKeptRequest: 2 });
  const young = [request(1, 1), request(2, 11, 99)];
  expect(planPruning(young, 99, extent, limits)).toEqual({ firstKeptChange: 11, firstKeptRequest: 2 });
});

it('ends in the middle of the request that exceeds the limit, and keeps it', () => {
  const oldest = [request(1, 1), request(2, 4), request(3, 90)];
  expect(planPruning(oldest, 99, extent, limits)).toEqual({ firstKeptChange: 11, firstKeptRequest: 2 });
});
