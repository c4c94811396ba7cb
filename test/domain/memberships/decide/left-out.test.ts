/** Writes about people who were erased and stay erased: which are refused, and whom the others leave out. */

import { describe, expect, it } from 'vitest';
import type { BatchState } from '../../../../src/domain/memberships/batch.ts';
import type {
  Caller,
  EraseProfile,
  RowHandling,
  UpdateMemberships,
  UpdateProfiles,
  WriteCommand,
} from '../../../../src/domain/memberships/commands.ts';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import { pseudonymStart } from '../../../../src/domain/memberships/erased-people.ts';
import { audience, bulk, caller, catalogOf, NOW, stateOf, stored, update } from '../batch-state.ts';

const KEY = Buffer.alloc(32, 7);
const erasure = (integrationId: string): EraseProfile => ({ kind: 'eraseProfile', caller: caller(), integrationId });
const many = (ids: readonly string[], more: Partial<UpdateProfiles> = {}): UpdateProfiles => ({
  kind: 'updateProfiles',
  caller: caller(),
  items: ids.map((integrationId) => ({ integrationId, attributes: { Tier: 'gold' } })),
  isAnswered: false,
  ...more,
});
const joins = (ids: readonly string[], by?: Caller): UpdateMemberships =>
  bulk(
    ids.map((integrationId) => ({ integrationId, adds: [1] })),
    by,
  );
const rows = (ids: readonly string[]): RowHandling => ({
  isLenient: false,
  maxErrors: undefined,
  places: ids.map((_, index) => index),
  refused: [],
});

/** A state in which `gone` was erased at 100 in live, which keeps erased people out, and `here` is known. */
function setting(staysErased = true): BatchState & { readonly asked: string[] } {
  const asked: string[] = [];
  const gone = pseudonymStart(KEY, 'live', 'gone');
  const base = stateOf(catalogOf(audience(1)), [stored(5, 'here')]);
  const erased = {
    key: () => KEY,
    lastErased: (environment: string, start: string) => {
      asked.push(start);
      return environment === 'live' && start === gone ? 100 : undefined;
    },
    staysErased: (environment: string) => staysErased && environment === 'live',
    unfinished: () => undefined,
  };
  return { ...base, erased, asked };
}

const known = ({ profiles }: BatchState): string[] => [...profiles.values()].map(({ integrationId }) => integrationId);

describe('where erased people stay erased', () => {
  it.each<[string, WriteCommand]>([
    ['an update of one', update('gone', { attributes: { Tier: 'gold' }, adds: [1] })],
    ['an update of many that returns them', many(['here', 'gone', 'new'], { isAnswered: true })],
    ['a membership changed by hand', joins(['gone'], caller({ keyId: undefined, userId: 4 }))],
  ])('refuses %s, and changes nothing', (_, command) => {
    const state = setting();
    const { outcomes, changes } = decide(state, [command]);
    expect(outcomes).toMatchObject([
      { error: { code: 'conflict', problems: [{ title: 'erased', cause: 'the person was erased' }] }, leftOut: 1 },
    ]);
    expect([known(state), changes.ledger, changes.audits]).toEqual([['here'], [], []]);
  });

  it('creates no attribute or audience for an update that it refuses', () => {
    const state = setting();
    const named = { audiences: [{ ref: 'x', newId: 'x', name: 'X' }], renames: true };
    const creation = { description: '', types: {} };
    const { changes } = decide(state, [update('gone', { attributes: { New: 1 }, creation, named, adds: ['x'] })]);
    expect([changes.attributes.length, changes.audiences.size]).toEqual([0, 0]);
  });

  it.each<[string, WriteCommand]>([
    ['attributes', many(['here', 'gone', 'new', 'gone'])],
    ['memberships', joins(['here', 'gone', 'new', 'gone'])],
    [
      'both',
      many(['here', 'gone', 'new'], {
        memberships: {
          integration: '',
          items: joins(['here', 'gone', 'new']).items.map((each, item) => ({ ...each, item })),
        },
      }),
    ],
  ])('leaves them out of a request for many: %s', (_, command) => {
    const state = setting();
    const { outcomes } = decide(state, [command]);
    expect(outcomes).toMatchObject([{ result: null, leftOut: 1 }]);
    expect(known(state)).toEqual(['here', 'new']);
  });

  it.each([
    ['attributes', many(['here', 'gone', 'new'], { isAnswered: true, rows: rows(['a', 'b', 'c']) })],
    ['memberships', { ...joins(['here', 'gone', 'new']), rows: rows(['a', 'b', 'c']) }],
  ])('refuses their rows, and never the request for them: %s', (_, command) => {
    const state = setting();
    const [outcome] = decide(state, [command]).outcomes;
    expect(outcome).toMatchObject({
      leftOut: 1,
      verdicts: [{ verdict: 'applied' }, { verdict: 'refused', error: { code: 'conflict' } }, { verdict: 'applied' }],
    });
    expect(known(state)).toEqual(['here', 'new']);
    if (command.kind === 'updateProfiles') {
      expect(outcome).toMatchObject({ result: [{ integrationId: 'here' }, { integrationId: 'new' }] });
    }
  });

  it('applies to an erasure in the same batch, and to no profile that there is', () => {
    const state = setting();
    const { outcomes } = decide(state, [
      update('here', { attributes: { Tier: 'gold' } }),
      erasure('here'),
      update('here', { attributes: { Tier: 'tin' } }),
      update('gone', { caller: caller({ environment: 'sandbox' }) }),
    ]);
    expect(outcomes.map((each) => 'result' in each)).toEqual([true, true, false, true]);
    expect(outcomes.map((each) => ('failure' in each ? undefined : each.leftOut))).toEqual([
      undefined,
      undefined,
      1,
      undefined,
    ]);
    // Created before the environment began to keep erased people out.
    const again = setting();
    again.profiles.set('lgone', stored(9, 'gone'));
    expect(decide(again, [update('gone')]).outcomes).toMatchObject([{ result: { id: 9 } }]);
  });

  it('looks up only unknown people, and elsewhere nobody', () => {
    const [keeping, plain] = [setting(), setting(false)];
    for (const state of [keeping, plain]) {
      decide(state, [update('here'), joins(['here']), many(['here']), update('new')]);
    }
    expect([...new Set(keeping.asked)]).toEqual([pseudonymStart(KEY, 'live', 'new')]);
    expect(plain.asked).toEqual([]);
    expect(decide(plain, [update('gone')]).outcomes).toMatchObject([{ result: { integrationId: 'gone' } }]);
  });
});

it('tells an erasure of somebody who was erased before from one of a stranger', () => {
  const { outcomes } = decide(setting(false), [erasure('gone'), erasure('stranger')]);
  expect(outcomes).toMatchObject([{ error: { code: 'not_found' }, leftOut: 1 }, { error: { code: 'not_found' } }]);
  expect(outcomes[1]).not.toHaveProperty('leftOut');
});

describe('a replay from before the erasure', () => {
  const replayed = (time: number, override = false) => caller({ replay: { time, place: 0, override } });

  it.each([
    [99, 'erased before'],
    [100, 'erased in that moment'],
    [101, 'refused after it'],
  ])('of %i is %s', (time) => {
    for (const override of [false, true]) {
      const state = setting(false);
      const command = {
        ...many(['gone']),
        caller: replayed(time, override),
        items: [{ integrationId: 'gone', attributes: {} }],
      };
      const [outcome] = decide(state, [command]).outcomes;
      expect(known(state)).toEqual(time > 100 ? ['here', 'gone'] : ['here']);
      expect(outcome).toMatchObject(time > 100 ? { changed: { profiles: 1 } } : { leftOut: 1 });
    }
  });

  it('counts an erasure in the same batch, at its time', () => {
    const state = setting(false);
    const command = { ...many(['here']), caller: replayed(NOW) };
    const { outcomes } = decide(state, [erasure('here'), command]);
    expect(outcomes[1]).toMatchObject({ error: { problems: [{ title: 'superseded' }] } });
  });
});
