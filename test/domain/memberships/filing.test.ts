/** The index entries of a changed profile: its rows of members, and those of its values. */

import { expect, it } from 'vitest';
import { valueKey } from '../../../src/domain/definitions/attribute-values.ts';
import { filedSets, refilings } from '../../../src/domain/memberships/filing.ts';
import { audience, catalogOf, stored } from './batch-state.ts';

it('saves live sets only; rows of a dead set are left to the purge', () => {
  const catalog = catalogOf(audience(1), audience(2), audience(3, { stagedSet: 31 }));
  const profile = stored(5, 'p', { storedSets: [10, 30, 999], sets: [20, 30, 31, 999] });
  expect(filedSets(profile, catalog)).toEqual({ sets: [20, 30, 31], added: [20, 31], removed: [10] });
});

it('updates the index where values differ, and nowhere else', () => {
  const catalog = catalogOf();
  const profile = stored(5, 'p', {
    valueChanges: new Map([
      ['Tier', { before: 'gold', after: 'silver' }],
      ['Visits', { before: 1, after: 1 }],
      ['Gone', { before: 'a', after: 'b' }],
    ]),
  });
  const [gold, silver] = [valueKey('string', 'gold'), valueKey('string', 'silver')];
  expect(refilings(profile, catalog)).toEqual([{ attributeId: 1, before: gold, after: silver }]);
  const ends = (before: number | undefined, after: number | undefined) => [
    ...refilings({ ...profile, valueChanges: new Map([['Visits', { before, after }]]) }, catalog),
  ];
  expect(ends(undefined, 2)).toEqual([{ attributeId: 2, before: undefined, after: valueKey('number', 2) }]);
  expect(ends(2, undefined)).toEqual([{ attributeId: 2, before: valueKey('number', 2), after: undefined }]);
  expect(ends(undefined, undefined)).toEqual([]);
});

it('has nothing to file of a profile without changes', () => {
  expect(refilings(stored(5, 'p'), catalogOf())).toEqual([]);
});
