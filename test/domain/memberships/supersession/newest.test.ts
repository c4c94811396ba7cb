/** The newest arrival of each kind: what the batch wrote counts before what the store recorded. */

import { describe, expect, it } from 'vitest';
import { type BatchChanges, type LedgerEntry, noChanges } from '../../../../src/domain/memberships/batch.ts';
import type { Arrival } from '../../../../src/domain/memberships/commands.ts';
import { liveArrival, type ReplayHistory } from '../../../../src/domain/memberships/replay-history.ts';
import { NewestArrivals } from '../../../../src/domain/memberships/supersession/newest.ts';
import { audience, catalogOf, NOW, PLATFORM, stateOf, stored } from '../batch-state.ts';
import { historyOf } from './ground.ts';

const [FIRST, SECOND, THIRD] = [1, 2, 3].map((place): Arrival => ({ time: 500, place })) as [Arrival, Arrival, Arrival];
const PROFILE = stored(5, 'p', { lastChange: 77 });

function newest(history: Partial<ReplayHistory>, changes: BatchChanges = noChanges()): NewestArrivals {
  return new NewestArrivals({ ...stateOf(catalogOf()), history: historyOf(history) }, changes);
}

function entry(request: number, audienceId: number, profileId: number | undefined): LedgerEntry {
  const action = profileId === undefined ? 'emptied' : 'joined';
  return { request, audienceId, profileId, action, count: 1, previous: 0, previousPlace: undefined };
}

/** A batch whose requests arrived so, undefined for live ones, and their entries. */
function batch(arrivals: readonly (Arrival | undefined)[], ledger: readonly LedgerEntry[]): BatchChanges {
  const requests = arrivals.map((arrival) => ({
    uuid: 'r',
    keyId: 1,
    userId: undefined,
    firstPlace: 0,
    arrival,
  }));
  return { ...noChanges(), requests, ledger: [...ledger] };
}

const recordedNote = (profileId: number, of: number) => (profileId === 5 && of === 1 ? FIRST : undefined);
const recordedNotes = { valueNote: recordedNote, membershipNote: recordedNote };

describe('notes of a value and of a membership', () => {
  it.each([
    ['nothing', [], FIRST],
    ['the same', [[5, 1]], SECOND],
    ['another one', [[5, 2]], FIRST],
    ['that of another profile', [[6, 1]], FIRST],
  ] as const)('after a batch that wrote %s', (_, written, expected) => {
    const [ofValues, ofMemberships] = [noChanges(), noChanges()];
    for (const [profileId, of] of written) {
      ofValues.replayed.values.set(profileId, new Map([[of, SECOND]]));
      ofMemberships.replayed.memberships.set(profileId, new Map([[of, SECOND]]));
    }
    expect(newest(recordedNotes, ofValues).valueNote(PROFILE, 1)).toEqual(expected);
    expect(newest(recordedNotes, ofMemberships).membershipNote(PROFILE, 1)).toEqual(expected);
  });

  it('are none where nothing was replayed', () => {
    expect(newest(recordedNotes).valueNote(PROFILE, 2)).toBeUndefined();
    expect(newest(recordedNotes).membershipNote(PROFILE, 2)).toBeUndefined();
  });
});

describe('the newest value of any profile', () => {
  it.each([
    [undefined, [], undefined],
    [SECOND, [], SECOND],
    [undefined, [FIRST], FIRST],
    [SECOND, [FIRST], SECOND],
    [SECOND, [THIRD], THIRD],
    [undefined, [FIRST, THIRD, SECOND], THIRD],
  ])('recorded as %j, and %j in the batch', (recorded, inBatch, expected) => {
    const changes = noChanges();
    for (const [index, each] of inBatch.entries()) changes.replayed.values.set(index, new Map([[1, each]]));
    // Another attribute does not count.
    changes.replayed.values.set(99, new Map([[2, liveArrival(9999)]]));
    const anyValueNote = (id: number, time: number) => (id === 1 && time === 400 ? recorded : liveArrival(9999));
    expect(newest({ anyValueNote }, changes).anyValueNote(1, 400)).toEqual(expected);
  });
});

describe('changes of a profile since a time', () => {
  it('are the newest of each audience, from the store and the batch so far', () => {
    const events = [
      { audienceId: 1, arrival: SECOND },
      { audienceId: 1, arrival: FIRST },
      { audienceId: 2, arrival: FIRST },
      { audienceId: 3, arrival: liveArrival(NOW + 1) },
    ];
    const asked: [number, number][] = [];
    const membershipChanges = (lastChange: number, time: number) => {
      asked.push([lastChange, time]);
      return { events, isWhole: false };
    };
    const changes = batch(
      [THIRD, undefined],
      [entry(0, 2, 5), entry(1, 3, 5), entry(1, 4, 6), entry(1, 5, undefined), entry(0, 6, 5)],
    );
    const arrivals = newest({ membershipChanges }, changes);
    const before = arrivals.membershipsSince(PROFILE, 400);
    expect([...before.newest]).toEqual([
      [1, SECOND],
      [2, THIRD],
      [3, liveArrival(NOW + 1)],
      [6, THIRD],
    ]);
    expect(before.isWhole).toBe(false);
    changes.ledger.push(entry(1, 6, 5), entry(1, 7, 5));
    const after = arrivals.membershipsSince(PROFILE, 400).newest;
    expect([after.size, after.get(6), after.get(7)]).toEqual([5, liveArrival(NOW), liveArrival(NOW)]);
    expect(asked).toEqual([
      [77, 400],
      [77, 400],
    ]);
  });

  it('are none for a profile without any', () => {
    const { newest: none, isWhole } = newest({}).membershipsSince(PROFILE, 400);
    expect([none.size, isWhole]).toEqual([0, true]);
  });
});

describe('of the members of an audience', () => {
  const history = {
    lastMemberChange: (id: number) => (id === 1 ? FIRST : undefined),
    lastReplacement: (id: number) => (id === 1 ? SECOND : undefined),
  };
  const changes = batch(
    [THIRD, undefined],
    [entry(0, 2, undefined), entry(1, 2, undefined), entry(0, 2, 5), entry(0, 3, 5)],
  );

  it.each([
    [1, FIRST, SECOND],
    [2, THIRD, liveArrival(NOW)],
    [3, THIRD, undefined],
    [4, undefined, undefined],
  ])('of audience %d, the last change is %j and the last of all %j', (id, change, replacement) => {
    const arrivals = newest(history, changes);
    expect([arrivals.memberChange(id), arrivals.replacement(id)]).toEqual([change, replacement]);
  });

  it('is of now where the request is not recorded yet', () => {
    expect(newest({}, batch([], [entry(0, 1, 5)])).memberChange(1)).toEqual(liveArrival(NOW));
  });
});

describe('the definition of an audience', () => {
  const changed = audience(1, { modified: 800 });
  it.each([
    ['nobody replayed', undefined, undefined, liveArrival(800)],
    ['a replay changed', { arrival: FIRST, written: 800 }, undefined, FIRST],
    ['a live write changed after a replay', { arrival: FIRST, written: 799 }, undefined, liveArrival(800)],
    ['the batch changed', { arrival: FIRST, written: 800 }, { arrival: SECOND, written: 800 }, SECOND],
  ])('that %s', (_, recorded, inBatch, expected) => {
    const changes = noChanges();
    if (inBatch !== undefined) changes.replayed.definitions.set(1, inBatch);
    const definitionNote = (id: number) => (id === 1 ? recorded : undefined);
    expect(newest({ definitionNote }, changes).definition(changed)).toEqual(expected);
  });
});

describe('the deletion of an audience', () => {
  const identity = { environment: 'live', integration: PLATFORM, integrationId: 'a1' } as const;
  const lastDeleted = (environment: string, integration: string, integrationId: string) =>
    environment === 'live' && integration === PLATFORM && integrationId === 'a1'
      ? { audienceId: 1, deleted: 800 }
      : undefined;

  it.each([
    ['live', undefined, liveArrival(800)],
    ['replayed', { arrival: FIRST, written: 800 }, FIRST],
    ['live, after it was renamed by a replay', { arrival: FIRST, written: 700 }, liveArrival(800)],
  ])('recorded as %s', (_, note, expected) => {
    const definitionNote = (id: number) => (id === 1 ? note : undefined);
    expect(newest({ lastDeleted, definitionNote }).deletion(identity)).toEqual(expected);
    const changes = noChanges();
    if (note !== undefined) changes.replayed.definitions.set(1, note);
    expect(newest({ lastDeleted }, changes).deletion(identity)).toEqual(expected);
  });

  it.each([
    ['never deleted', { integrationId: 'a2' }],
    ['without an external ID', { integrationId: undefined }],
    ['of no platform', { integration: undefined }],
  ])('%s', (_, more) => {
    const any = () => ({ audienceId: 1, deleted: 800 });
    const arrivals = newest({ lastDeleted: 'integrationId' in more && more.integrationId ? lastDeleted : any });
    expect(arrivals.deletion({ ...identity, ...more })).toBeUndefined();
  });

  it.each([
    ['of it', {}, true, liveArrival(NOW)],
    ['that is only a change', {}, false, undefined],
    ['of another environment', { environment: 'sandbox' }, true, undefined],
    ['of the platform in other letters', { integration: PLATFORM.toUpperCase() }, true, liveArrival(NOW)],
    ['of no platform', { integration: undefined }, true, undefined],
    ['of another platform', { integration: 'Other' }, true, undefined],
    ['of another ID', { integrationId: 'a2' }, true, undefined],
  ] as const)('in the batch, %s', (_, more, deleted, expected) => {
    const changes = noChanges();
    changes.audiences.set(1, { audience: audience(1, more), deleted });
    expect(newest({}, changes).deletion(identity)).toEqual(expected);
  });

  it('counts as the last of several in the batch, by the arrival of a replay', () => {
    const changes = noChanges();
    for (const id of [1, 2, 3]) {
      changes.audiences.set(id, { audience: audience(id, { integrationId: 'a1' }), deleted: id < 3 });
    }
    changes.replayed.definitions.set(2, { arrival: SECOND, written: NOW });
    expect(newest({ lastDeleted }, changes).deletion(identity)).toEqual(SECOND);
  });
});
