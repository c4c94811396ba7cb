/** Memberships of many profiles: who is created, who is skipped, net changes, and what the audit log records. */

import { describe, expect, it } from 'vitest';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import { audience, bulk, caller, catalogOf, stateOf, stored, update } from '../batch-state.ts';

const person = caller({ keyId: undefined, userId: 4 });

describe('memberships of many profiles', () => {
  const items = [
    { integrationId: 'p', adds: ['a2'], deletes: ['a1'] },
    { integrationId: 'unknown', deletes: ['a1'] },
    { integrationId: 'named' },
    { integrationId: 'new', adds: ['a1'] },
    { integrationId: 'q' },
  ];
  const decided = (skipsUnknownProfiles: boolean | undefined, by = person) => {
    const state = stateOf(catalogOf(audience(1), audience(2)), [stored(5, 'p', { sets: [10] }), stored(6, 'q')]);
    const { outcomes, changes } = decide(state, [{ ...bulk(items, by), skipsUnknownProfiles }]);
    const audits = changes.audits.map(({ record: { entity, old, new: after } }) => ({ entity, old, new: after }));
    return {
      outcome: outcomes[0],
      ids: [...state.profiles.values()].map(({ id, integrationId }) => [id, integrationId]),
      audits,
    };
  };

  it('create everyone who is named', () => {
    const { outcome, ids } = decided(undefined);
    expect(outcome).toEqual({ result: null, changed: { joins: 2, leaves: 1, profiles: 4 } });
    expect(ids).toEqual([
      [5, 'p'],
      [6, 'q'],
      [100, 'unknown'],
      [101, 'named'],
      [102, 'new'],
    ]);
  });

  it('create only those who join something, if the request says so', () => {
    const { outcome, ids } = decided(true);
    expect(outcome).toEqual({ result: null, changed: { joins: 2, leaves: 1, profiles: 2 } });
    expect(ids).toEqual([
      [5, 'p'],
      [6, 'q'],
      [100, 'new'],
    ]);
  });

  it('are audited by number, except those that are skipped and those of a key', () => {
    const path = (ref: string): string => `/v1/audiences/${ref}/memberships`;
    expect(decided(true).audits).toEqual([
      { entity: path('a2'), old: undefined, new: { profileId: 5 } },
      { entity: path('a1'), old: { profileId: 5 }, new: undefined },
      { entity: path('a1'), old: undefined, new: { profileId: 100 } },
    ]);
    expect(decided(false).audits).toContainEqual({ entity: path('a1'), old: { profileId: 100 }, new: undefined });
    expect(decided(true, caller()).audits).toEqual([]);
  });
});

it('records net changes only: what is left again within a request was never joined', () => {
  const known = stored(5, 'p', { sets: [10] });
  const { outcomes, changes } = decide(stateOf(catalogOf(audience(1), audience(2)), [known]), [
    bulk([
      { integrationId: 'p', adds: ['a2'] },
      { integrationId: 'p', deletes: ['a2', 'a1'] },
      { integrationId: 'p', adds: ['a1'] },
    ]),
    update('p', { adds: ['a2', 'a2'], deletes: ['a2'] }),
    update('p', { deletes: ['a2'] }),
  ]);
  const changed = { joins: 0, leaves: 0, profiles: 0 };
  expect(outcomes).toMatchObject([{ changed }, { changed }, { changed }]);
  expect(changes.ledger).toEqual([]);
  expect(known).toMatchObject({ sets: [10], changed: false });
});

it('lets what breaks break the batch, unlike a refusal', () => {
  const state = {
    ...stateOf(catalogOf(audience(1))),
    memberCount: (): never => {
      throw new RangeError('broken');
    },
  };
  const command = { kind: 'emptyAudience', caller: caller(), target: { audienceId: 1 } } as const;
  expect(() => decide(state, [command])).toThrow(RangeError);
});

it('skips nobody who is known, even if the request skips those who are not', () => {
  const known = stored(5, 'p', { sets: [10] });
  const command = { ...bulk([{ integrationId: 'p', deletes: ['a1'] }]), skipsUnknownProfiles: true };
  const { outcomes } = decide(stateOf(catalogOf(audience(1)), [known]), [command]);
  expect(outcomes).toEqual([{ result: null, changed: { joins: 0, leaves: 1, profiles: 1 } }]);
  expect(known.sets).toEqual([]);
});
