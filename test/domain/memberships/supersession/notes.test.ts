/** What a replay leaves behind for later ones to be judged by. */

import { expect, it } from 'vitest';
import { noChanges } from '../../../../src/domain/memberships/batch.ts';
import type { RowHandling, RowVerdict, WriteCommand } from '../../../../src/domain/memberships/commands.ts';
import { Supersession } from '../../../../src/domain/memberships/supersession.ts';
import { audience, bulk, caller, catalogOf, deletion, PLATFORM, stateOf, stored, update } from '../batch-state.ts';
import { NEWER } from './ground.ts';

const rows: RowHandling = { isLenient: true, maxErrors: undefined, places: [4, 6], refused: [] };
const verdict = (place: number, is: RowVerdict['verdict']): RowVerdict => ({ place, verdict: is });
const items = [
  { integrationId: 'p', attributes: { Tier: 'gold', Nope: 1 } },
  { integrationId: 'q', attributes: { Visits: null } },
  { integrationId: 'unknown', attributes: { Visits: 1 } },
  { integrationId: 'p', attributes: undefined },
];
const several: WriteCommand = { kind: 'updateProfiles', caller: caller(), items, isAnswered: false };
const memberships = bulk([
  { integrationId: 'p', adds: [1] },
  { integrationId: 'q', adds: ['a1'], deletes: [2] },
  { integrationId: 'unknown', adds: [1] },
]);
const ofItems = memberships.items.map((each, item) => ({ ...each, item }));
const named = { audiences: [{ ref: 'made', newId: 'made', name: 'Made' }], renames: false };

it.each<[string, WriteCommand, readonly RowVerdict[] | undefined, string[], string[]]>([
  [
    'one profile',
    update('p', { attributes: { Tier: 'x' }, adds: [1], deletes: ['a2'] }),
    undefined,
    ['5.1'],
    ['5.1', '5.2'],
  ],
  ['an unknown profile', update('unknown', { attributes: { Tier: 'x' }, adds: [1] }), undefined, [], []],
  ['a profile and an audience that was not made', update('p', { adds: ['made', 1], named }), undefined, [], ['5.1']],
  ['several profiles', several, undefined, ['5.1', '6.2'], []],
  ['rows', { ...several, rows }, [verdict(4, 'applied'), verdict(6, 'unchanged')], ['5.1', '6.2'], []],
  ['rows that are not judged', { ...several, rows }, undefined, ['5.1', '6.2'], []],
  ['rows of which one is refused', { ...several, rows }, [verdict(4, 'refused')], ['6.2'], []],
  ['a list that is not in rows', several, [verdict(0, 'refused')], ['5.1', '6.2'], []],
  [
    'rows at their own places',
    { ...several, rows: { ...rows, places: [] } },
    [verdict(1, 'refused'), verdict(6, 'refused')],
    ['5.1'],
    [],
  ],
  [
    'profiles with memberships',
    { ...several, memberships: { integration: PLATFORM, items: ofItems } },
    undefined,
    ['5.1', '6.2'],
    ['5.1', '6.1', '6.2'],
  ],
  ['memberships', memberships, undefined, [], ['5.1', '6.1', '6.2']],
  ['rows of memberships', { ...memberships, rows }, [verdict(6, 'refused')], [], ['5.1']],
  ['an audience', deletion(1), undefined, [], []],
])('of %s', (_, command, verdicts, values, changed) => {
  const changes = noChanges();
  const state = stateOf(catalogOf(audience(1), audience(2)), [stored(5, 'p'), stored(6, 'q')]);
  const reduced = { command, effects: [], skipped: [], isEmpty: false };
  new Supersession(state, changes).note(reduced, NEWER, verdicts);
  const listed = (notes: typeof changes.replayed.values) =>
    Object.fromEntries([...notes].flatMap(([profile, of]) => [...of].map(([id, at]) => [`${profile}.${id}`, at])));
  expect(listed(changes.replayed.values)).toEqual(Object.fromEntries(values.map((each) => [each, NEWER])));
  expect(listed(changes.replayed.memberships)).toEqual(Object.fromEntries(changed.map((each) => [each, NEWER])));
});
