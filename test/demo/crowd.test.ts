/**
 * The customers who come and go in the demo's story: reproducible for a seed, and as the plans of the audiences
 * require.
 */

import { describe, expect, it } from 'vitest';
import { AUDIENCES, type AudiencePlan } from '../../src/demo/audiences.ts';
import { Crowd } from '../../src/demo/crowd.ts';
import { inventPeople, tierOf } from '../../src/demo/people.ts';
import { DAY_MS, HOUR_MS } from '../../src/demo/rhythm.ts';
import { Random } from '../../src/simulate/random.ts';

const START = Date.UTC(2024, 4, 1);

/** Simulates days of joins and leaves. @returns the events, and the crowd at the end */
function live(seed: number, days: number): { crowd: Crowd; log: string[] } {
  const crowd = new Crowd(inventPeople(seed, 1000, START), new Random(seed), START);
  while (crowd.meetNext(START - 1) !== undefined);
  const log: string[] = [];
  for (let hour = START; hour < START + days * DAY_MS; hour += HOUR_MS) {
    for (const audience of AUDIENCES) {
      const movement = crowd.move(audience, hour);
      if (movement === undefined) continue;
      const ids = [movement.joins, movement.leaves].map((each) =>
        each.map(({ integrationId }) => integrationId).join(),
      );
      log.push(`${hour} ${audience.id} +${ids[0]} -${ids[1]}`);
    }
  }
  return { crowd, log };
}

function plan(id: string): AudiencePlan {
  const found = AUDIENCES.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no audience ${id}`);
  return found;
}

describe('the crowd', () => {
  it('does the same for the same seed, and something else for another', () => {
    const { log } = live(3, 2);
    expect(log.length).toBeGreaterThan(100);
    expect(live(3, 2).log).toEqual(log);
    expect(live(4, 2).log).not.toEqual(log);
  });

  it('joins and leaves exactly as the log of its movements adds up', () => {
    const { crowd, log } = live(5, 6);
    for (const audience of AUDIENCES) {
      const members = new Set<string>();
      for (const line of log.filter((each) => each.split(' ')[1] === audience.id)) {
        const [, , joins = '', leaves = ''] = line.split(' ');
        for (const id of leaves.slice(1).split(',')) members.delete(id);
        for (const id of joins
          .slice(1)
          .split(',')
          .filter((each) => each !== '')) {
          expect(members.has(id), `${id} joins ${audience.id} twice`).toBe(false);
          members.add(id);
        }
      }
      expect(
        crowd
          .membersOf(audience)
          .map(({ integrationId }) => integrationId)
          .sort(),
      ).toEqual([...members].sort());
    }
  });

  it('puts into an audience whom it fits, about as many as planned', () => {
    const { crowd } = live(6, 3);
    const gold = crowd.membersOf(plan('gold'));
    expect(gold.length).toBeGreaterThan(20);
    expect(gold.filter((person) => tierOf(person) !== 'Gold')).toEqual([]);
    const fitting = crowd.everyone().filter(({ emailOptIn }) => emailOptIn).length;
    expect(crowd.membersOf(plan('newsletter')).length / fitting).toBeCloseTo(0.87, 1);
    expect(crowd.membersOf(plan('early-access'))).toEqual([]);
  });
});

describe('the people', () => {
  it('are all different, and invented', () => {
    const people = inventPeople(1, 3000, START);
    expect(new Set(people.map(({ integrationId }) => integrationId)).size).toBe(3000);
    expect(people.filter(({ email }) => !/^[a-z]+\.[a-z]+\.\d+@example\.com$/.test(email))).toEqual([]);
  });
});
