/** What a profile's own ledger entries show about the time since a refused write arrived. */

import { expect, it } from 'vitest';
import { changesSince, liveArrival, type OwnEntry } from '../../../src/domain/memberships/replay-history.ts';

const ENTRIES: Readonly<Record<number, OwnEntry>> = {
  9: { audienceId: 1, arrival: { time: 20, place: 3 }, time: 50, previous: 7 },
  7: { audienceId: 2, arrival: liveArrival(40), time: 40, previous: 4 },
  4: { audienceId: 1, arrival: liveArrival(30), time: 30, previous: 0 },
};
const find = (id: number): OwnEntry | undefined => ENTRIES[id];
const never = (): never => {
  throw new Error('asked');
};

it('are read back to the time, which counts by when they were applied', () => {
  const { events, isWhole } = changesSince(find, never, 9, 40);
  expect(events).toEqual([
    { audienceId: 1, arrival: { time: 20, place: 3 } },
    { audienceId: 2, arrival: liveArrival(40) },
  ]);
  expect(isWhole).toBe(true);
  expect(changesSince(find, never, 9, 0).events).toHaveLength(3);
  expect(changesSince(find, never, 0, 0)).toEqual({ events: [], isWhole: true });
});

it.each([
  [10, true],
  [11, false],
  [undefined, false],
])('past their retention, which ended at %s, tell all since 10: %s', (prunedUntil, isWhole) => {
  const pruned = (id: number): OwnEntry | undefined => (id > 4 ? ENTRIES[id] : undefined);
  const found = changesSince(pruned, () => prunedUntil, 9, 10);
  expect(found.events).toHaveLength(2);
  expect(found.isWhole).toBe(isWhole);
});
