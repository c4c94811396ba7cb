/** What a batch adds to the ledger: requests and entries by their position, whatever numbers the store assigns. */

import { expect, it } from 'vitest';
import { entryNumber } from '../../../../src/domain/memberships/batch.ts';
import { decide } from '../../../../src/domain/memberships/decide.ts';
import { audience, bulk, caller, catalogOf, deletion, stateOf, stored, update } from '../batch-state.ts';

it('names requests and entries by their place; a request without a net change has none', () => {
  const state = stateOf(catalogOf(audience(1), audience(2)));
  const { changes } = decide(state, [
    update('p', { adds: ['a1', 'a2'], caller: caller({ requestUuid: 'first' }) }),
    update('p', { adds: ['a1'], deletes: ['a9'], caller: caller({ requestUuid: 'refused' }) }),
    update('p', { adds: ['a1'], caller: caller({ requestUuid: 'repeated' }) }),
    bulk([{ integrationId: 'q', adds: ['a1'] }], caller({ requestUuid: 'last', keyId: 3, userId: 4 })),
  ]);
  expect(changes.requests).toEqual([
    { uuid: 'first', keyId: 1, userId: undefined, firstPlace: 0, arrival: undefined },
    { uuid: 'last', keyId: 3, userId: 4, firstPlace: 2, arrival: undefined },
  ]);
  expect(
    changes.ledger.map(({ request, audienceId, profileId, action }) => [request, audienceId, profileId, action]),
  ).toEqual([
    [0, 1, 100, 'joined'],
    [0, 2, 100, 'joined'],
    [1, 1, 101, 'joined'],
  ]);
});

it('chains the entries of a profile: to the stored one, then to those of the batch', () => {
  const known = stored(5, 'p', { lastChange: 77 });
  const { changes } = decide(stateOf(catalogOf(audience(1), audience(2)), [known]), [
    update('p', { adds: ['a1', 'a2'] }),
    update('q', { adds: ['a1'] }),
    update('p', { deletes: ['a1'] }),
  ]);
  const places = changes.ledger.map(({ profileId, previous, previousPlace }) => [profileId, previous, previousPlace]);
  expect(places).toEqual([
    [5, 77, undefined],
    [5, 77, 0],
    [100, 0, undefined],
    [5, 77, 1],
  ]);
  const numbers = changes.ledger.map((each) => entryNumber(each.previous, each.previousPlace, 500));
  expect(numbers).toEqual([77, 500, 0, 501]);
  expect(entryNumber(known.lastChange, known.lastPlace, 500)).toBe(503);
});

it('counts what the members of an audience did, under the request that did it last', () => {
  const state = stateOf(catalogOf(audience(1), audience(2)), [stored(5, 'p', { sets: [10] })]);
  const { changes } = decide(state, [update('q', { adds: ['a1', 'a2'] }), update('p', { deletes: ['a1'] })]);
  expect(Object.fromEntries(changes.counters)).toEqual({
    1: { joins: 1, leaves: 1, lastRequest: 1 },
    2: { joins: 1, leaves: 0, lastRequest: 0 },
  });
});

it('gives a deletion one entry, which counts the members as they are at its place in the batch', () => {
  const state = { ...stateOf(catalogOf(audience(1, { stagedSet: 11 }))), memberCount: () => 40 };
  const { changes, outcomes } = decide(state, [
    update('p', { adds: ['a1'] }),
    deletion(1),
    update('p', { adds: ['a1'] }),
  ]);
  expect(changes.ledger.at(-1)).toEqual({
    request: 1,
    audienceId: 1,
    profileId: undefined,
    action: 'deleted',
    count: 41,
    previous: 0,
    previousPlace: undefined,
  });
  expect(changes.counters.get(1)).toEqual({ joins: 1, leaves: 41, lastRequest: 1 });
  expect(changes.deadSets).toEqual([10, 11]);
  expect(outcomes[1]).toMatchObject({ changed: { joins: 0, leaves: 41, profiles: 0 } });
  expect(outcomes[2]).toMatchObject({ error: { code: 'not_found' } });
});

it('leaves no trace of a refused command, not even of the profiles it names first', () => {
  const state = stateOf(catalogOf(audience(1)));
  const { changes, outcomes } = decide(state, [
    bulk([
      { integrationId: 'p', adds: ['a1'] },
      { integrationId: 'q', adds: ['nope'] },
    ]),
    update('r', { attributes: { Nope: 1 }, adds: ['a1'] }),
  ]);
  expect(outcomes.map((each) => ('error' in each ? each.error.code : each))).toEqual(['not_found', 'invalid']);
  expect(changes.ledger).toEqual([]);
  expect(changes.requests).toEqual([]);
  expect(state.profiles.size).toBe(0);
  expect(state.sequences.profile).toBe(100);
});
