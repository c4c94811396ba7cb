/** What a profile's own ledger entries show about the time since a refused write arrived. */

import { expect, it } from 'vitest';
import type { Arrival } from '../../../src/domain/memberships/commands.ts';
import {
  changesSince,
  isNewer,
  liveArrival,
  noteArrival,
  type OwnEntry,
} from '../../../src/domain/memberships/replay-history.ts';

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

it.each<[Arrival | undefined, Arrival, boolean]>([
  [undefined, { time: 0, place: 0 }, false],
  [{ time: 5, place: 1 }, { time: 4, place: 2 }, true],
  [{ time: 4, place: 2 }, { time: 5, place: 1 }, false],
  [{ time: 5, place: 2 }, { time: 5, place: 1 }, true],
  [{ time: 5, place: 1 }, { time: 5, place: 1 }, false],
  [{ time: 5, place: 1 }, { time: 5, place: 2 }, false],
  [liveArrival(5), { time: 5, place: 9_000_000 }, true],
  [liveArrival(5), liveArrival(5), false],
])('%j is newer than %j: %s', (one, other, isExpected) => {
  expect(isNewer(one, other)).toBe(isExpected);
});

it('of several arrivals of the same, the newest is noted', () => {
  const notes = new Map<number, Map<number, Arrival>>();
  const [first, second] = [1, 2].map((place): Arrival => ({ time: 5, place })) as [Arrival, Arrival];
  noteArrival(notes, 1, 7, first);
  noteArrival(notes, 1, 7, second);
  noteArrival(notes, 1, 7, first);
  noteArrival(notes, 1, 8, first);
  noteArrival(notes, 2, 7, first);
  expect(notes).toEqual(
    new Map([
      [
        1,
        new Map([
          [7, second],
          [8, first],
        ]),
      ],
      [2, new Map([[7, first]])],
    ]),
  );
});
