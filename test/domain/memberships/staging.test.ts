/** The hidden set of a replacement: who owns it, and who is added to it. */

import { expect, it } from 'vitest';
import { noChanges } from '../../../src/domain/memberships/batch.ts';
import { requireStaged, stageMembers, takeOver } from '../../../src/domain/memberships/staging.ts';
import { catalogOf, stateOf, stored } from './batch-state.ts';

it('is taken over from an abandoned replacement, never from one in progress', () => {
  expect(takeOver(3, undefined)).toBeUndefined();
  expect(takeOver(3, { set: 31, isUnderWay: false })).toBe(31);
  expect(() => takeOver(3, { set: 31, isUnderWay: true })).toThrow(
    expect.objectContaining({ code: 'conflict', message: 'Another import into audience 3 is in progress' }),
  );
});

it('belongs to whoever began it last', () => {
  const message = 'This import into audience 3 was abandoned and taken over by another';
  const conflict: unknown = expect.objectContaining({ code: 'conflict', message });
  expect(() => requireStaged(3, 31, 31)).not.toThrow();
  for (const staged of [undefined, 32]) expect(() => requireStaged(3, staged, 31)).toThrow(conflict);
});

it('adds each profile once, and creates unknown ones', () => {
  const known = stored(5, 'p', { sets: [10] });
  const staged = stored(6, 'q', { sets: [31] });
  const state = stateOf(catalogOf(), [known, staged]);
  stageMembers(state, noChanges(), 'live', 31, ['p', 'q', 'new', 'p', 'new']);
  expect(known).toMatchObject({ sets: [10, 31], storedSets: [10], changed: true });
  expect(staged).toMatchObject({ sets: [31], changed: false });
  expect([...state.profiles.values()].map(({ id, sets }) => [id, sets])).toEqual([
    [5, [10, 31]],
    [6, [31]],
    [100, [31]],
  ]);
});

it('leaves out whoever was erased, where erased people stay erased', () => {
  const base = stateOf(catalogOf(), [stored(5, 'p')]);
  const staged = (staysErased: (environment: string) => boolean) => {
    const state = {
      ...base,
      profiles: new Map(base.profiles),
      erased: { ...base.erased, lastErased: () => 1, staysErased },
    };
    stageMembers(state, noChanges(), 'live', 31, ['p', 'q']);
    return [...state.profiles.values()].map(({ integrationId }) => integrationId);
  };
  expect(staged((environment) => environment === 'live')).toEqual(['p']);
  expect(staged((environment) => environment === 'sandbox')).toEqual(['p', 'q']);
});
