/** Rows judged one by one: which are applied, which refuse the request, and what the others say. */

import { describe, expect, test } from 'vitest';
import type {
  ProfileState,
  RowHandling,
  UpdateProfiles,
  WriteOutcome,
} from '../../../../src/domain/memberships/commands.ts';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import { audience, bulk, caller, catalogOf, stateOf, stored } from '../batch-state.ts';

const lenient = (count: number, more: Partial<RowHandling> = {}): RowHandling => ({
  isLenient: true,
  maxErrors: undefined,
  places: Array.from({ length: count }, (_, index) => index),
  refused: [],
  ...more,
});
const profiles = (items: UpdateProfiles['items'], rows: RowHandling): UpdateProfiles => ({
  kind: 'updateProfiles',
  caller: caller(),
  items,
  isAnswered: true,
  rows,
});
const told = (outcome: WriteOutcome | undefined) =>
  outcome !== undefined && 'verdicts' in outcome
    ? outcome.verdicts?.map(({ place, verdict, error }) => [place, error?.code ?? verdict])
    : undefined;

describe('memberships', () => {
  const items = [
    { integrationId: 'a', adds: ['a1'] },
    { integrationId: 'b', adds: ['a1', 'nowhere'] },
    { integrationId: 'a', adds: ['a1'] },
    { integrationId: 'a', deletes: ['a1'] },
    { integrationId: 'known' },
    { integrationId: 'new' },
  ];
  const decideItems = (rows: RowHandling | undefined) => {
    const state = stateOf(catalogOf(audience(1)), [stored(5, 'known')]);
    const { outcomes, changes } = decide(state, [{ ...bulk(items), rows }]);
    return { outcome: outcomes[0], changes, names: [...state.profiles.keys()] };
  };

  test('a refused row changes nothing, and later rows win', () => {
    const { outcome, changes, names } = decideItems(lenient(6));
    expect(told(outcome)).toEqual([
      [0, 'applied'],
      [1, 'not_found'],
      [2, 'unchanged'],
      [3, 'applied'],
      [4, 'unchanged'],
      [5, 'applied'],
    ]);
    expect(names).toEqual(['lknown', 'la', 'lnew']);
    // Joined and left again: no net change.
    expect(changes.ledger).toEqual([]);
  });

  test.for([
    [0, true],
    [1, false],
    [undefined, false],
  ] as const)('with %s errors allowed', ([maxErrors, isRefused]) => {
    const { outcome, names } = decideItems(lenient(6, { maxErrors }));
    expect('error' in (outcome ?? {})).toBe(isRefused);
    if (!isRefused) return;
    expect(told(outcome)).toEqual([[1, 'not_found']]);
    expect(outcome).toMatchObject({
      error: {
        code: 'not_found',
        problems: [
          {
            rows: [1],
            message: expect.stringMatching(/^1 row is refused, and max-errors is 0: Audience 'nowhere'/) as string,
          },
        ],
      },
    });
    expect(names).toEqual(['lknown']);
  });

  test('without lenience one refused row refuses all; without handling there are no verdicts', () => {
    expect(told(decideItems(lenient(6, { isLenient: false })).outcome)).toEqual([[1, 'not_found']]);
    const { outcome } = decideItems(undefined);
    expect(outcome).toMatchObject({ error: { code: 'not_found', problems: [{ rows: [1] }] } });
    expect(told(outcome)).toBeUndefined();
  });

  test('rows that were refused before count, at their place', () => {
    const error = { code: 'invalid' as const, problems: [{ title: 'x', message: 'data[2]: expected an object' }] };
    const rows = lenient(0, { places: [0, 1, 3, 4, 5, 6], refused: [{ place: 2, error }] });
    expect(told(decideItems(rows).outcome)?.slice(0, 4)).toEqual([
      [0, 'applied'],
      [1, 'not_found'],
      [2, 'invalid'],
      [3, 'unchanged'],
    ]);
    const refused = decideItems({ ...rows, maxErrors: 1 }).outcome;
    expect(refused).toMatchObject({ error: { code: 'not_found', problems: [{ rows: [1] }, { rows: [2] }] } });
  });

  test('one problem of many rows is told once, with the first ten', () => {
    const many = Array.from({ length: 12 }, () => ({ integrationId: 'a', adds: ['nowhere'] }));
    const { outcomes } = decide(stateOf(catalogOf()), [{ ...bulk(many), rows: lenient(12, { isLenient: false }) }]);
    expect(outcomes[0]).toMatchObject({ error: { problems: [{ rows: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }] } });
  });
});

describe('attributes', () => {
  test('each row is judged on what the accepted ones before it leave', () => {
    const known = stored(5, 'known', { attributesJson: '{"Visits":1}' });
    const { outcomes } = decide(stateOf(catalogOf(), [known]), [
      profiles(
        [
          { integrationId: 'known', attributes: { Visits: 1 } },
          { integrationId: 'known', attributes: { Visits: 2 } },
          { integrationId: 'known', attributes: { Visits: 'three', Tier: 'gold' } },
          { integrationId: 'known', attributes: { Visits: null } },
          { integrationId: 'new', attributes: undefined },
          { integrationId: 'bad', attributes: { Nowhere: 1 } },
        ],
        lenient(6),
      ),
    ]);
    expect(told(outcomes[0])).toEqual([
      [0, 'unchanged'],
      [1, 'applied'],
      [2, 'invalid'],
      [3, 'applied'],
      [4, 'applied'],
      [5, 'invalid'],
    ]);
    expect(known.attributesJson).toBe('{}');
    const states = outcomes[0] !== undefined && 'result' in outcomes[0] ? outcomes[0].result : null;
    expect((states as readonly ProfileState[]).map(({ integrationId }) => integrationId)).toEqual([
      'known',
      'known',
      'known',
      'new',
    ]);
  });
});
