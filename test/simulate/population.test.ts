// Tests the simulated customers and audiences: reproducible, unique, and realistic enough to need encoding.
import { describe, expect, test } from 'vitest';
import { audienceCatalogue, popularityTable } from '../../src/simulate/audience-catalogue.ts';
import { People } from '../../src/simulate/people.ts';
import { deriveSeed, mix32, Random } from '../../src/simulate/random.ts';

describe('randomness', () => {
  test('mixing 32 bits is a bijection: a million neighbours stay distinct', () => {
    const seen = new Set<number>();
    for (let value = 0; value < 1_000_000; value++) seen.add(mix32(value ^ 0xdeadbeef));
    expect(seen.size).toBe(1_000_000);
  });

  test('the same seed gives the same sequence, another seed another one', () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 50 },
        (
          (random) => () =>
            random.next()
        )(new Random(seed)),
      );
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test('seeds that differ only above 32 bits differ', () => {
    expect(deriveSeed(1, 1)).not.toBe(deriveSeed(1 + 2 ** 32, 1));
    expect(deriveSeed(1, 1)).not.toBe(deriveSeed(1, 2));
  });

  test('below() stays in range and reaches both ends', () => {
    const random = new Random(3);
    const seen = new Set(Array.from({ length: 2000 }, () => random.below(10)));
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('customers', () => {
  const people = new People(1);

  test('identifiers are unique and the same in every run', () => {
    const again = new People(1);
    const seen = new Set<string>();
    for (let n = 0; n < 300_000; n++) seen.add(people.id(n));
    expect(seen.size).toBe(300_000);
    const some = Array.from({ length: 300 }, (_, n) => n * 999);
    expect(some.map((n) => again.id(n))).toEqual(some.map((n) => people.id(n)));
  });

  test('another seed means other people', () => {
    const others = new People(2);
    const ids = new Set(Array.from({ length: 20_000 }, (_, n) => people.id(n)));
    expect(Array.from({ length: 20_000 }, (_, n) => others.id(n)).filter((id) => ids.has(id))).toEqual([]);
  });

  test('no identifier needs escaping in JSON, some need percent-encoding, most are UUIDs', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => people.id(n));
    expect(ids.filter((id) => JSON.stringify(id) !== `"${id}"`)).toEqual([]);
    const encoded = ids.filter((id) => encodeURIComponent(id) !== id);
    expect(encoded.length).toBeGreaterThan(500);
    expect(encoded.some((id) => id.includes('/'))).toBe(true);
    expect(encoded.some((id) => id.includes('+'))).toBe(true);
    const uuids = ids.filter((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id));
    expect(uuids.length).toBeGreaterThan(14_000);
  });

  test('neighbours are scattered over the key space', () => {
    const firstDigits = new Set(Array.from({ length: 200 }, (_, n) => people.id(n).slice(0, 1)));
    expect(firstDigits.size).toBeGreaterThanOrEqual(16);
  });

  test('the first update carries everything, later ones what has moved, and the name never changes', () => {
    const first = people.update(42, 1);
    expect(first).toEqual(people.attributes(42, 1));
    expect(Object.keys(people.update(42, 2))).toEqual(['Tier', 'LifetimeOrders', 'LastSeen']);
    const later = people.attributes(42, 9);
    expect(later.FirstName).toBe(first.FirstName);
    expect(later.LifetimeOrders).toBe((first.LifetimeOrders ?? 0) + 8);
    expect(new Date(later.LastSeen).toISOString()).toBe(later.LastSeen);
  });
});

describe('audiences', () => {
  test.each([1, 20, 64, 1000])('%i audiences have distinct external IDs with our prefix, and names', (count) => {
    const entries = audienceCatalogue(1, count);
    expect(entries).toHaveLength(count);
    expect(new Set(entries.map(({ externalId }) => externalId)).size).toBe(count);
    expect(entries.filter(({ externalId }) => !/^sim-[a-z0-9]+(-[a-z0-9]+)*$/.test(externalId))).toEqual([]);
    expect(entries.filter(({ name }) => name.trim() === '')).toEqual([]);
  });

  test('they are seeded, and fewer are the beginning of more', () => {
    expect(audienceCatalogue(1, 20)).toEqual(audienceCatalogue(1, 20));
    expect(audienceCatalogue(1, 20)).not.toEqual(audienceCatalogue(2, 20));
    expect(audienceCatalogue(1, 50).slice(0, 20)).toEqual(audienceCatalogue(1, 20));
  });

  test.each([1, 20, 1000])('of %i audiences each can be drawn, the first most often', (count) => {
    const table = popularityTable(count);
    expect(Math.log2(table.length) % 1).toBe(0);
    const hits = new Map<number, number>();
    for (const audience of table) hits.set(audience, (hits.get(audience) ?? 0) + 1);
    expect(hits.size).toBe(count);
    expect(Math.max(...hits.values())).toBe(hits.get(0));
  });
});
