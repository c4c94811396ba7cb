/** The rows of one request: which refuse it, which it goes without, and what is said about them. */

import { describe, expect, it } from 'vitest';
import { DomainError, type ErrorRecord, invalid } from '../../../../src/domain/errors.ts';
import type { ProfileState, RowHandling, RowVerdict } from '../../../../src/domain/memberships/commands.ts';
import { RowJudge } from '../../../../src/domain/memberships/decide/rows.ts';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import { audience, bulk, caller, catalogOf, PLATFORM, stateOf, stored } from '../batch-state.ts';

const record = (message: string, code: 'invalid' | 'not_found' = 'invalid'): ErrorRecord =>
  new DomainError(code, [{ title: 'x', message }]).toRecord();

const judgeOf = (rows: Partial<RowHandling> = {}): RowJudge =>
  new RowJudge({ isLenient: true, maxErrors: undefined, places: [], refused: [], ...rows });

function refusalOf(judge: RowJudge): DomainError | undefined {
  try {
    judge.requireFewRefused();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  return undefined;
}

describe('verdicts', () => {
  it('are in the order of the rows, those that fitted no schema among them', () => {
    const judge = judgeOf({ places: [0, 3, 4], refused: [{ place: 1, error: record('no object') }] });
    judge.note(2, false);
    expect(judge.check(1, () => 7)).toBe(7);
    judge.note(1, true);
    const refused = judge.check(0, () => {
      throw invalid('wrong');
    });
    expect(refused).toBeUndefined();
    expect(judge.verdicts).toEqual([
      { place: 0, verdict: 'refused', error: invalid('wrong').toRecord() },
      { place: 1, verdict: 'refused', error: record('no object') },
      { place: 3, verdict: 'applied' },
      { place: 4, verdict: 'unchanged' },
    ]);
    expect(judge.placeOf(9)).toBe(9);
  });

  it('are given for refusals only: what breaks, breaks the request', () => {
    const judge = judgeOf();
    const broken = (): never => {
      throw new RangeError('broken');
    };
    expect(() => judge.check(0, broken)).toThrow('broken');
    expect(judge.verdicts).toEqual([]);
  });
});

describe('refused rows', () => {
  const refused = (count: number) =>
    Array.from({ length: count }, (_, place) => ({ place, error: record(`wrong ${place % 2}`) }));

  it.each<[isLenient: boolean, maxErrors: number | undefined, count: number, refuses: boolean]>([
    [false, undefined, 0, false],
    [false, undefined, 1, true],
    [true, undefined, 50, false],
    [true, 0, 0, false],
    [true, 0, 1, true],
    [true, 2, 2, false],
    [true, 2, 3, true],
  ])('lenient: %j, at most %j: %i of them refuse the request: %j', (isLenient, maxErrors, count, refuses) => {
    expect(refusalOf(judgeOf({ isLenient, maxErrors, refused: refused(count) })) !== undefined).toBe(refuses);
  });

  it('are told by problem, each with its first ten rows', () => {
    const error = refusalOf(judgeOf({ isLenient: false, refused: refused(24) }));
    expect(error?.problems).toEqual([
      { title: 'x', message: 'wrong 0', rows: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18] },
      { title: 'x', message: 'wrong 1', rows: [1, 3, 5, 7, 9, 11, 13, 15, 17, 19] },
    ]);
  });

  it('are counted where some are allowed, and the first gives the code', () => {
    const [one, two] = [
      { place: 0, error: record('gone', 'not_found') },
      { place: 1, error: record('wrong') },
    ];
    expect(refusalOf(judgeOf({ maxErrors: 0, refused: [one] }))).toMatchObject({
      code: 'not_found',
      problems: [{ message: '1 row is refused, and max-errors is 0: gone' }],
    });
    expect(refusalOf(judgeOf({ maxErrors: 1, refused: [one, two] }))).toMatchObject({
      code: 'not_found',
      problems: [
        { message: '2 rows are refused, and max-errors is 1: gone', rows: [0] },
        { message: 'wrong', rows: [1] },
      ],
    });
    expect(refusalOf(judgeOf({ isLenient: false, maxErrors: 5, refused: [one] }))?.message).toBe('gone');
  });
});

describe('rows of memberships that are judged one by one', () => {
  const rowsOf = (rows: Partial<RowHandling>, ...items: Parameters<typeof bulk>[0]) => {
    const known = [stored(5, 'p', { sets: [10] }), stored(6, 'q')];
    const handling = { isLenient: true, maxErrors: undefined, places: [], refused: [], ...rows };
    const command = { ...bulk(items), rows: handling, skipsUnknownProfiles: true };
    const { outcomes, changes } = decide(stateOf(catalogOf(audience(1), audience(2)), known), [command]);
    const moves = changes.ledger.map(({ action, audienceId, profileId }) => `${profileId} ${action} ${audienceId}`);
    return { outcome: outcomes[0], moves, sets: known.map(({ sets }) => sets) };
  };

  it('are applied, changed nothing, or are refused, each by itself', () => {
    const { outcome, moves, sets } = rowsOf(
      {},
      { integrationId: 'p', adds: ['a2'], deletes: ['a1'] },
      { integrationId: 'q', adds: ['a1', 'gone'] },
      { integrationId: 'q', adds: ['a2'], deletes: ['a2'] },
      { integrationId: 'unknown', deletes: ['a1'] },
      { integrationId: 'unknown', adds: [] },
      { integrationId: 'new', adds: ['a1'] },
      { integrationId: 'p', adds: ['a2'] },
    );
    const { verdicts = [] } = outcome as { readonly verdicts?: readonly RowVerdict[] };
    expect(verdicts.map(({ place, verdict }) => `${place} ${verdict}`)).toEqual([
      '0 applied',
      '1 refused',
      '2 unchanged',
      '3 unchanged',
      '4 unchanged',
      '5 applied',
      '6 unchanged',
    ]);
    expect(verdicts[1]?.error).toMatchObject({ code: 'not_found' });
    expect(moves).toEqual(['5 joined 2', '5 left 1', '100 joined 1']);
    expect(sets).toEqual([[20], []]);
  });

  it('change something where they join, leave or create, and nothing where the sets stay', () => {
    const { outcome, sets } = rowsOf(
      { places: [1, 2, 3, 5, 8, 9] },
      { integrationId: 'q', adds: ['a1'] },
      { integrationId: 'p', adds: ['a2'] },
      { integrationId: 'q', adds: ['a2'], deletes: ['a1'] },
      { integrationId: 'p', adds: ['a1'], deletes: ['a1'] },
      { integrationId: 'p', adds: ['a1', 'a2'] },
      { integrationId: 'named' },
    );
    const { verdicts = [] } = outcome as { readonly verdicts?: readonly RowVerdict[] };
    expect(verdicts).toEqual([
      { place: 1, verdict: 'applied' },
      { place: 2, verdict: 'applied' },
      { place: 3, verdict: 'applied' },
      { place: 5, verdict: 'applied' },
      { place: 8, verdict: 'applied' },
      { place: 9, verdict: 'unchanged' },
    ]);
    expect(sets).toEqual([[20, 10], [20]]);
  });

  it('change something where one of several memberships becomes another', () => {
    const known = stored(5, 'p', { sets: [10, 20] });
    const rows = { isLenient: true, maxErrors: undefined, places: [], refused: [] };
    const command = { ...bulk([{ integrationId: 'p', adds: ['a3'], deletes: ['a2'] }]), rows };
    const { outcomes } = decide(stateOf(catalogOf(audience(1), audience(2), audience(3)), [known]), [command]);
    expect(outcomes).toEqual([
      { result: null, changed: { joins: 1, leaves: 1, profiles: 1 }, verdicts: [{ place: 0, verdict: 'applied' }] },
    ]);
  });

  it('are none of them applied where one too many is refused', () => {
    for (const rows of [{ isLenient: false }, { maxErrors: 0 }]) {
      const { outcome, moves } = rowsOf(
        rows,
        { integrationId: 'p', adds: ['a2'] },
        { integrationId: 'q', adds: ['gone'] },
      );
      expect(outcome).toMatchObject({
        error: { code: 'not_found' },
        verdicts: [{ place: 1, verdict: 'refused', error: { code: 'not_found' } }],
      });
      expect(moves).toEqual([]);
    }
  });
});

describe('rows of attributes that are judged one by one', () => {
  it('are judged on what the accepted ones before them leave', () => {
    const known = stored(5, 'known', { attributesJson: '{"Visits":1}' });
    const items = [
      { integrationId: 'known', attributes: { Visits: 1 } },
      { integrationId: 'known', attributes: { Visits: 2 } },
      { integrationId: 'known', attributes: { Visits: 'three', Tier: 'gold' } },
      { integrationId: 'known', attributes: { Visits: null } },
      { integrationId: 'new', attributes: undefined },
      { integrationId: 'bad', attributes: { Nowhere: 1 } },
    ];
    const rows: RowHandling = { isLenient: true, maxErrors: undefined, places: [0, 1, 2, 3, 4, 5], refused: [] };
    const { outcomes } = decide(stateOf(catalogOf(), [known]), [
      { kind: 'updateProfiles', caller: caller(), items, isAnswered: true, rows },
    ]);
    const [outcome] = outcomes;
    if (outcome === undefined || !('result' in outcome)) throw new Error('It was refused');
    expect(outcome.verdicts?.map(({ place, verdict }) => [place, verdict])).toEqual([
      [0, 'unchanged'],
      [1, 'applied'],
      [2, 'refused'],
      [3, 'applied'],
      [4, 'applied'],
      [5, 'refused'],
    ]);
    expect(known.attributesJson).toBe('{}');
    const states = outcome.result as readonly ProfileState[];
    expect(states.map(({ integrationId }) => integrationId)).toEqual(['known', 'known', 'known', 'new']);
  });
});

describe('rows of attributes and memberships that are judged one by one', () => {
  const named = (...ids: string[]) => ({
    audiences: ids.map((id) => ({ ref: id, newId: id, name: id.toUpperCase() })),
    renames: false,
  });
  const judged = (rows: Partial<RowHandling>) => {
    const items = [
      { integrationId: 'known', attributes: {} },
      { integrationId: 'known', attributes: { Visits: 'three' } },
      { integrationId: 'new', attributes: {} },
      { integrationId: 'new', attributes: {} },
      { integrationId: 'known', attributes: { Visits: 1 } },
      { integrationId: 'known', attributes: undefined },
    ];
    const change = (item: number, adds: string[], deletes: string[] = []) => ({
      item,
      integrationId: items[item]?.integrationId ?? '',
      adds,
      deletes,
    });
    const memberships = {
      integration: PLATFORM,
      items: [
        change(0, ['a1']),
        change(1, ['a1', 'refused']),
        change(3, [], ['made']),
        change(5, ['a1', 'made'], ['made', 'a1']),
      ],
      named: named('a1', 'made', 'refused'),
    };
    const state = stateOf(catalogOf(audience(1)), [stored(5, 'known', { sets: [10] })]);
    const handling = { isLenient: true, maxErrors: undefined, places: [0, 1, 2, 3, 4, 5], refused: [], ...rows };
    const { outcomes, changes } = decide(state, [
      { kind: 'updateProfiles', caller: caller(), items, isAnswered: false, memberships, rows: handling },
    ]);
    return { outcome: outcomes[0], changes, state };
  };

  it('go with their memberships, and what only refused ones name is not created', () => {
    const { outcome, changes } = judged({});
    const { verdicts = [] } = outcome as { readonly verdicts?: readonly RowVerdict[] };
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      'unchanged',
      'refused',
      'applied',
      // It creates an audience.
      'applied',
      'applied',
      // It leaves the audience that it was in before.
      'applied',
    ]);
    expect([...changes.audiences.values()].map(({ audience: made }) => made.integrationId)).toEqual(['made']);
    expect(changes.ledger.map(({ action, audienceId }) => `${action} ${audienceId}`)).toEqual(['left 1']);
  });

  it('create nothing where one too many is refused', () => {
    const { outcome, changes, state } = judged({ maxErrors: 0 });
    expect(outcome).toMatchObject({ error: { code: 'invalid', problems: [{ rows: [1] }] } });
    expect(changes.audiences.size + changes.ledger.length).toBe(0);
    expect(state.profiles.size).toBe(1);
  });
});
