/** Pages of a profile's history, collected from the newest entry down, and of an audience's, range by range. */

import { describe, expect, it } from 'vitest';
import { nextRange, ProfileHistoryPage } from '../../../src/domain/memberships/history.ts';

const entry = (id: number, audienceId = 1) => ({ id, audienceId });
const REST = { before: 1, own: 0 };

function seen(page: ProfileHistoryPage<{ id: number; audienceId: number }>, rest?: typeof REST) {
  const { events, next } = page.cut(rest);
  return { events: events.map(({ entry: { id }, action }) => `${id} ${action}`), next };
}

describe('the end of an audience', () => {
  it('is part of the history where the profile had joined before', () => {
    const page = new ProfileHistoryPage(10);
    page.addEnd(entry(9), 'deleted');
    page.add(entry(5), 'joined', true);
    expect(seen(page)).toEqual({ events: ['9 deleted', '5 joined'], next: undefined });
  });

  it('is none where the profile had left before, or was never in it', () => {
    const page = new ProfileHistoryPage(10);
    page.addEnd(entry(9), 'emptied');
    page.add(entry(7), 'left', true);
    page.addEnd(entry(6, 2), 'deleted');
    expect(seen(page)).toEqual({ events: ['7 left'], next: undefined });
  });

  it('met no member where another end came before it', () => {
    const page = new ProfileHistoryPage(10);
    page.addEnd(entry(9), 'deleted');
    page.addEnd(entry(8), 'emptied');
    page.add(entry(5), 'joined', true);
    expect(seen(page).events).toEqual(['8 emptied', '5 joined']);
  });

  it('is decided by what a replacement did, too', () => {
    const page = new ProfileHistoryPage(10);
    page.addEnd(entry(9), 'emptied');
    page.add(entry(5), 'joined', false);
    expect(seen(page).events).toEqual(['9 emptied', '5 joined']);
  });
});

describe('a page', () => {
  it('ends at its limit, and goes on with the next entry of the chain', () => {
    const page = new ProfileHistoryPage(2);
    page.add(entry(9), 'left', true);
    page.add(entry(8, 2), 'joined', false);
    expect(page.isComplete).toBe(false);
    page.add(entry(5), 'joined', true);
    expect(page.isComplete).toBe(true);
    expect(seen(page, REST)).toEqual({ events: ['9 left', '8 joined'], next: { before: 8, own: 5 } });
  });

  it('goes on where reading stopped when no entry of the chain was read beyond it', () => {
    const page = new ProfileHistoryPage(1);
    page.add(entry(9), 'left', true);
    page.add(entry(8, 2), 'joined', false);
    expect(seen(page, { before: 8, own: 3 }).next).toEqual({ before: 9, own: 3 });
    expect(seen(page).next).toEqual({ before: 9, own: 0 });
  });

  it('is not complete while an end waits that may stand on it', () => {
    const page = new ProfileHistoryPage(1);
    page.addEnd(entry(9, 2), 'deleted');
    page.add(entry(8), 'left', true);
    page.add(entry(7), 'joined', true);
    expect(page.isComplete).toBe(false);
    page.add(entry(6, 2), 'joined', true);
    expect(page.isComplete).toBe(true);
    expect(seen(page, REST)).toEqual({ events: ['9 deleted'], next: { before: 9, own: 8 } });
  });

  it('with exactly as many events as its limit goes on where reading stopped', () => {
    const page = new ProfileHistoryPage(1);
    page.add(entry(9), 'joined', true);
    expect(page.isComplete).toBe(false);
    expect(seen(page, REST)).toEqual({ events: ['9 joined'], next: REST });
  });

  it('counts an end that concerned the profile, and waits for none beyond its limit', () => {
    const page = new ProfileHistoryPage(1);
    page.addEnd(entry(9), 'deleted');
    page.add(entry(8), 'joined', true);
    expect(page.isComplete).toBe(true);
    page.addEnd(entry(7, 2), 'deleted');
    expect(page.isComplete).toBe(true);
  });

  it('waits no longer for an end once an older one shows that it concerned nobody', () => {
    const page = new ProfileHistoryPage(1);
    page.addEnd(entry(9, 2), 'deleted');
    page.add(entry(8), 'left', true);
    page.add(entry(7), 'joined', true);
    expect(page.isComplete).toBe(false);
    page.addEnd(entry(6, 2), 'emptied');
    expect(page.isComplete).toBe(true);
  });

  it('does not go on with an end, which is in no chain', () => {
    const page = new ProfileHistoryPage(1);
    page.add(entry(9), 'left', true);
    page.addEnd(entry(8, 2), 'deleted');
    page.add(entry(7, 2), 'joined', false);
    expect(seen(page, { before: 7, own: 3 }).next).toEqual({ before: 9, own: 3 });
  });

  it('of no events goes on where reading stopped', () => {
    const page = new ProfileHistoryPage(0);
    page.add(entry(9), 'left', true);
    expect(seen(page, REST)).toEqual({ events: [], next: REST });
  });

  it('with fewer events than its limit goes on where reading stopped', () => {
    const page = new ProfileHistoryPage(3);
    page.add(entry(9), 'joined', true);
    expect(seen(page, REST)).toEqual({ events: ['9 joined'], next: REST });
  });
});

it.each([
  [1, [{ id: 30 }], 30],
  [3, [{ id: 30 }, { id: 20 }, { id: 15 }], 15],
  [0, [], 10],
])('a page of %i goes on below its last entry', (limit, found, expected) => {
  expect(nextRange(found, limit, { bottom: 10, prunedBefore: 0 })).toBe(expected);
});

it.each([
  ['a full page goes on below its last entry', [{ id: 30 }, { id: 20 }], { bottom: 10, prunedBefore: 0 }, 20],
  ['a thin one below the stretch', [{ id: 30 }], { bottom: 10, prunedBefore: 0 }, 10],
  ['an empty one too', [], { bottom: 10, prunedBefore: 0 }, 10],
  ['nothing is below the first entry', [], { bottom: 1, prunedBefore: 0 }, undefined],
  ['nor where retention ended', [], { bottom: 10, prunedBefore: 10 }, undefined],
  ['but one above that there is', [], { bottom: 11, prunedBefore: 10 }, 11],
])('%s', (_, found, stretch, expected) => {
  expect(nextRange(found, 2, stretch)).toBe(expected);
});
