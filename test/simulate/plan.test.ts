// Tests the traffic plan against plain sets: only real changes, exact totals, no profile in two calls at once.
import { describe, expect, test } from 'vitest';
import { MembershipRecord } from '../../src/simulate/membership-record.ts';
import { NO_AUDIENCE, type PlannedCall, TrafficPlan } from '../../src/simulate/plan.ts';
import { Random } from '../../src/simulate/random.ts';

interface Shape {
  profiles: number;
  audiences: number;
  changes: number;
  concurrency: number;
}

/** Runs a plan to its end, settling calls in a random order; returns the calls in the order they were planned. */
function runPlan(shape: Shape, settleSeed: number, loseEvery = 0) {
  const record = new MembershipRecord(shape.profiles, shape.audiences);
  const plan = new TrafficPlan(record, { ...shape, seed: 1 });
  const order = new Random(settleSeed);
  const model = new Map<number, Set<number>>();
  const calls: PlannedCall[] = [];
  const flying: PlannedCall[] = [];
  const lost = new Set<number>();
  let changes = 0;
  const settleOne = () => {
    const [call] = flying.splice(order.below(flying.length), 1);
    if (call === undefined) throw new Error('nothing in flight');
    const acknowledged = loseEvery === 0 || calls.indexOf(call) % loseEvery !== loseEvery - 1;
    for (let at = 0; at < call.size; at++) {
      const profile = call.profiles[at] ?? -1;
      const audience = call.audiences[at] ?? -1;
      if (!acknowledged) lost.add(profile);
      else if (audience !== NO_AUDIENCE) {
        const members = model.get(profile) ?? new Set();
        model.set(profile, members);
        if (call.joins[at] === 1) members.add(audience);
        else members.delete(audience);
      }
    }
    plan.settle(call, acknowledged);
  };
  for (let next = plan.next(); next !== 'done'; next = plan.next()) {
    if (next === 'wait') {
      settleOne();
      continue;
    }
    const inFlight = new Set(flying.flatMap((call) => [...call.profiles.subarray(0, call.size)]));
    const own = next.profiles.subarray(0, next.size);
    expect(new Set(own).size).toBe(next.size);
    expect(own.filter((profile) => inFlight.has(profile) || lost.has(profile))).toHaveLength(0);
    for (let at = 0; at < next.size; at++) {
      const audience = next.audiences[at] ?? -1;
      if (audience === NO_AUDIENCE) continue;
      changes++;
      // Never a no-op: a profile that joins was not a member, and one that leaves was.
      expect(model.get(next.profiles[at] ?? -1)?.has(audience) ?? false).toBe(next.joins[at] === 0);
    }
    calls.push(next);
    flying.push(next);
    if (flying.length >= shape.concurrency) settleOne();
  }
  while (flying.length > 0) settleOne();
  return { plan, record, model, calls, changes, lost };
}

describe('traffic plan', () => {
  test.each<Shape>([
    { profiles: 1, audiences: 1, changes: 7, concurrency: 1 },
    { profiles: 2, audiences: 2, changes: 40, concurrency: 2 },
    { profiles: 10, audiences: 3, changes: 500, concurrency: 4 },
    { profiles: 999, audiences: 20, changes: 5000, concurrency: 4 },
    { profiles: 10_000, audiences: 64, changes: 10_000, concurrency: 4 },
    { profiles: 3_000, audiences: 33, changes: 30_000, concurrency: 16 },
  ])('makes exactly the changes asked for, each of them real: %o', (shape) => {
    const { record, model, changes } = runPlan(shape, 5);
    expect(changes).toBe(shape.changes);
    for (let profile = 0; profile < shape.profiles; profile++) {
      const members = model.get(profile) ?? new Set();
      expect(record.count(profile)).toBe(members.size);
      for (const audience of members) expect(record.has(profile, audience)).toBe(true);
      expect(record.isBusy(profile)).toBe(false);
    }
  });

  test('is the same whatever order the answers come in', () => {
    const shape = { profiles: 2000, audiences: 20, changes: 12_000, concurrency: 4 };
    const one = runPlan(shape, 1);
    const other = runPlan(shape, 2);
    expect(one.calls.map(({ size }) => size)).toEqual(other.calls.map(({ size }) => size));
    expect(one.calls).toEqual(other.calls);
  });

  test('mixes batches with single updates, new profiles with known ones, joins with leaves, and repeats some calls', () => {
    const { calls, record } = runPlan({ profiles: 50_000, audiences: 20, changes: 50_000, concurrency: 4 }, 1);
    const batches = calls.filter(({ kind }) => kind === 'batch');
    const singles = calls.filter(({ kind }) => kind === 'single');
    expect(batches[0]?.size).toBe(1000);
    expect(singles.length).toBeGreaterThan(batches.length * 8);
    expect(singles.some(({ audiences }) => audiences[0] === NO_AUDIENCE)).toBe(true);
    expect(singles.some(({ audiences }) => audiences[0] !== NO_AUDIENCE)).toBe(true);
    const last = batches.at(-2);
    expect(last?.joins.includes(0)).toBe(true);
    expect(last?.joins.includes(1)).toBe(true);
    expect(calls.some(({ repeat }) => repeat)).toBe(true);
    expect(calls.filter(({ repeat }) => repeat).length).toBeLessThan(calls.length / 50);
    expect(record.touchedCount).toBeGreaterThan(40_000);
  });

  test('leaves profiles of unanswered calls alone, and ends when no other is left', () => {
    const { plan, record, lost } = runPlan({ profiles: 50, audiences: 5, changes: 100_000, concurrency: 4 }, 1, 10);
    expect(record.unknownCount).toBe(lost.size);
    expect(record.unknownCount).toBe(50);
    expect(plan.changesLeft).toBeGreaterThan(0);
    expect(record.isCertain(0)).toBe(false);
  });
});

describe('membership record', () => {
  test('counts, finds and forgets across word borders', () => {
    const record = new MembershipRecord(3, 70);
    for (const audience of [0, 31, 32, 63, 64, 69]) record.join(1, audience);
    expect(record.count(1)).toBe(6);
    expect(record.count(0) + record.count(2)).toBe(0);
    expect(record.find(1, 33, true)).toBe(63);
    expect(record.find(1, 65, true)).toBe(69);
    expect(record.find(1, 69, false)).toBe(1);
    expect(record.find(0, 5, true)).toBe(-1);
    record.leave(1, 32);
    record.leave(1, 33);
    expect(record.has(1, 32)).toBe(false);
    expect(record.count(1)).toBe(5);
  });

  test('is certain only of profiles with an acknowledged call and no lost one', () => {
    const record = new MembershipRecord(4, 1);
    record.begin(0);
    expect(record.isBusy(0)).toBe(true);
    record.acknowledge(0);
    record.acknowledge(1);
    record.giveUp(1);
    record.giveUp(1);
    expect([0, 1, 2].map((profile) => record.isCertain(profile))).toEqual([true, false, false]);
    expect([record.touchedCount, record.unknownCount]).toEqual([2, 1]);
  });

  test('attribute versions go from 1 to 255 and on to 2', () => {
    const record = new MembershipRecord(1, 1);
    expect(record.nextVersion(0)).toBe(1);
    record.setVersion(0, 255);
    expect(record.nextVersion(0)).toBe(2);
  });
});
