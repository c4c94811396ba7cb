/** Erasures within a batch: what is removed, the pseudonym that replaces the ID, and what the ID then means. */

import { expect, it } from 'vitest';
import type { BatchState, ProfileDraft } from '../../../../src/domain/memberships/batch.ts';
import type { Caller, EraseProfile, ProfileState, WriteOutcome } from '../../../../src/domain/memberships/commands.ts';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import { looksLikePseudonym, pseudonymOf } from '../../../../src/domain/memberships/erased-people.ts';
import { audience, bulk, caller, catalogOf, NOW, stateOf, stored, update } from '../batch-state.ts';

const erasure = (integrationId: string, by: Caller = caller()): EraseProfile => ({
  kind: 'eraseProfile',
  caller: by,
  integrationId,
});
const idOf = (outcome: WriteOutcome | undefined) =>
  outcome !== undefined && 'result' in outcome ? (outcome.result as ProfileState).id : undefined;
const erasedIn = ({ profiles }: BatchState): ProfileDraft[] => [...profiles.values()].filter((each) => each.isErased);

it('removes every value and membership, staged ones too, and audits the number only', () => {
  const known = stored(5, 'ada@example.com', { sets: [10, 20, 999], attributesJson: '{"Tier":"gold","Visits":3}' });
  const by = caller({ keyId: undefined, userId: 4 });
  const { changes, outcomes } = decide(stateOf(catalogOf(audience(1), audience(2)), [known]), [
    erasure('ada@example.com', by),
  ]);
  expect(known).toMatchObject({
    attributesJson: '{}',
    attributesWritten: NOW,
    changed: true,
    isErased: true,
    sets: [],
  });
  expect(Object.fromEntries(known.valueChanges ?? [])).toEqual({
    Tier: { before: 'gold', after: undefined },
    Visits: { before: 3, after: undefined },
  });
  // Set 999 is no audience's, so leaving it is no change of a membership.
  expect(changes.ledger.map(({ audienceId, action }) => [audienceId, action])).toEqual([
    [1, 'left'],
    [2, 'left'],
  ]);
  expect(outcomes[0]).toMatchObject({ result: { profileId: 5 }, changed: { joins: 0, leaves: 2, profiles: 1 } });
  expect(changes.erased).toEqual([{ profileId: 5, environment: 'live', integrationId: 'ada@example.com' }]);
  expect(JSON.stringify(changes.audits)).toContain('/v1/customers/5/data');
  expect(JSON.stringify([changes.audits, known, changes.ledger])).not.toContain('ada@example.com');
});

it('replaces the ID by a pseudonym that only the key, the environment, the ID and the number determine', () => {
  const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const person = { profileId: 5, environment: 'live', integrationId: 'ada' } as const;
  const own = pseudonymOf(key, person);
  expect(own).toMatch(/^erased:[\w-]{22}:5$/);
  expect(pseudonymOf(key, { ...person })).toBe(own);
  const others = [
    pseudonymOf(other, person),
    pseudonymOf(key, { ...person, environment: 'sandbox' }),
    pseudonymOf(key, { ...person, integrationId: 'Ada' }),
    pseudonymOf(key, { ...person, profileId: 6 }),
  ];
  expect(new Set([own, ...others]).size).toBe(5);
  expect([own, ...others].map((each) => looksLikePseudonym(each, 5))).toEqual([true, true, true, true, false]);
  for (const text of ['ada', `${own}0`, ` ${own}`, `${own}\n`, own.replace('erased', 'Erased')]) {
    expect(looksLikePseudonym(text, 5), text).toBe(false);
  }
});

it('makes the ID unknown: whoever has it next is another person, whose data stays', () => {
  const known = stored(5, 'p', { attributesJson: '{"Tier":"gold"}' });
  const state = stateOf(catalogOf(audience(1)), [known]);
  const { outcomes, changes } = decide(state, [
    update('p', { attributes: { Visits: 1 }, adds: ['a1'] }),
    erasure('p'),
    update('p', { attributes: { Visits: 2 } }),
    bulk([{ integrationId: 'p', adds: ['a1'] }]),
    update('p'),
  ]);
  expect([outcomes[0], outcomes[2], outcomes[4]].map(idOf)).toEqual([5, 100, 100]);
  expect(outcomes[4]).toMatchObject({
    result: { integrationId: 'p', attributes: { Visits: 2 }, memberships: [{ id: 1 }] },
  });
  expect(known).toMatchObject({ attributesJson: '{}', sets: [] });
  expect(erasedIn(state)).toEqual([known]);
  // Of both, only the second has been seen by the Application; the erased row is saved before the ID is used again.
  expect([...changes.connections]).toEqual([[7, new Set([100])]]);
  expect([...state.profiles.values()].map(({ id }) => id)).toEqual([5, 100]);
});

it('erases one after the other, each under a pseudonym of its own', () => {
  const state = stateOf(catalogOf(), [stored(5, 'p')]);
  const { outcomes, changes } = decide(state, [erasure('p'), update('p'), erasure('p'), update('p')]);
  expect(outcomes.map((each) => 'result' in each && each.result)).toMatchObject([
    { profileId: 5 },
    { id: 100 },
    { profileId: 100 },
    { id: 101 },
  ]);
  expect(new Set(erasedIn(state).map(({ integrationId }) => integrationId)).size).toBe(2);
  expect(changes.erased.map(({ profileId }) => profileId)).toEqual([5, 100]);
});

it('refuses to erase somebody whom nobody knows, or who was erased', () => {
  const state = stateOf(catalogOf(), [stored(5, 'q', { environment: 'sandbox' })]);
  const { outcomes } = decide(state, [erasure('p'), erasure('q')]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ error: { code: 'not_found' } });
  expect(state.profiles.size).toBe(1);
});

it('accepts the repeat of an erasure that is not finished, and changes nothing', () => {
  const unfinished = (environment: string, integrationId: string) =>
    environment === 'live' && integrationId === 'p' ? 5 : undefined;
  const state = stateOf(catalogOf(), [stored(6, 'q')]);
  const { outcomes, changes } = decide({ ...state, erased: { ...state.erased, unfinished } }, [
    erasure('p'),
    erasure('q'),
    erasure('q'),
    erasure('p', caller({ environment: 'sandbox' })),
  ]);
  const nothing = { joins: 0, leaves: 0, profiles: 0 };
  expect(outcomes).toMatchObject([
    { result: { profileId: 5 }, changed: nothing },
    { result: { profileId: 6 } },
    { result: { profileId: 6 }, changed: nothing },
    { error: { code: 'not_found' } },
  ]);
  expect(changes.erased).toHaveLength(1);
});

it('is not reached by an ID that somebody made up to look like the pseudonym', () => {
  const known = stored(5, 'p');
  const state = stateOf(catalogOf(), [known]);
  decide(state, [erasure('p')]);
  const { outcomes } = decide(state, [update(known.integrationId), erasure(known.integrationId), erasure('e5')]);
  expect(idOf(outcomes[0])).toBe(100);
  expect(outcomes[1]).toMatchObject({ result: { profileId: 100 } });
  expect(outcomes[2]).toMatchObject({ error: { code: 'not_found' } });
});
