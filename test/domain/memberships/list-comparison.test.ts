/** A list compared with members: each ID counts once, wherever it occurs and whether or not it has a profile. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KnownProfile, ListComparison } from '../../../src/domain/memberships/list-comparison.ts';

const profiles: Record<string, KnownProfile> = {
  anna: { profileId: 1, isMember: true },
  ben: { profileId: 2, isMember: false },
  // More numbers than the initial capacity.
  zoe: { profileId: 8 * 1024 * 5, isMember: false },
  // The first such number.
  yan: { profileId: 8 * 1024, isMember: false },
};

function newList(): { compare(part: readonly string[]): ReturnType<ListComparison['compare']> } {
  const met = new Set<string>();
  const list = new ListComparison({ add: (id) => met.size < met.add(id).size });
  return { compare: (part) => list.compare(part, (id) => profiles[id]) };
}

describe('a list on its way', () => {
  it.each([
    ['nothing', [], { distinct: 0, joins: 0, newProfiles: 0, repeated: [] }],
    ['a member', ['anna'], { distinct: 1, joins: 0, newProfiles: 0, repeated: [] }],
    ['a profile that is no member', ['ben'], { distinct: 1, joins: 1, newProfiles: 0, repeated: [] }],
    ['an ID that nobody has', ['carl'], { distinct: 1, joins: 1, newProfiles: 1, repeated: [] }],
    ['a known ID twice', ['ben', 'anna', 'ben'], { distinct: 2, joins: 1, newProfiles: 0, repeated: [2] }],
    ['an unknown ID thrice', ['carl', 'carl', 'carl'], { distinct: 1, joins: 1, newProfiles: 1, repeated: [1, 2] }],
    ['a profile with a high number, twice', ['zoe', 'zoe'], { distinct: 1, joins: 1, newProfiles: 0, repeated: [1] }],
    ['the first number that needs room', ['yan', 'yan'], { distinct: 1, joins: 1, newProfiles: 0, repeated: [1] }],
  ])('%s', (_, part, expected) => {
    expect(newList().compare(part)).toEqual(expected);
  });

  it('remembers earlier parts', () => {
    const list = newList();
    list.compare(['anna', 'carl', 'zoe']);
    expect(list.compare(['zoe', 'carl', 'anna', 'ben'])).toEqual({
      distinct: 1,
      joins: 1,
      newProfiles: 0,
      repeated: [0, 1, 2],
    });
  });

  it('distinguishes adjacent numbers', () => {
    const numbers = fc.uniqueArray(fc.nat(50_000), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(numbers, (ids) => {
        const list = new ListComparison({ add: () => true });
        const find = (id: string) => ({ profileId: Number(id), isMember: false });
        const texts = ids.map(String);
        expect(list.compare(texts, find)).toMatchObject({ distinct: ids.length, repeated: [] });
        expect(list.compare(texts, find)).toMatchObject({ distinct: 0, repeated: ids.map((_, place) => place) });
      }),
    );
  });
});
