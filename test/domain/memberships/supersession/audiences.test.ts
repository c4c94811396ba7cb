/** What is left of replayed changes of an audience, or of all its members: everything or nothing. */

import { describe, expect, it, test } from 'vitest';
import type { Audience } from '../../../../src/domain/definitions/audiences.ts';
import { DomainError } from '../../../../src/domain/errors.ts';
import type { CreateAudience, ReplayEffect, WriteCommand } from '../../../../src/domain/memberships/commands.ts';
import { liveArrival, type ReplayHistory } from '../../../../src/domain/memberships/replay-history.ts';
import { effectsOf, superseded } from '../../../../src/domain/memberships/supersession/reduced.ts';
import { attributesOfAll, audience, caller, catalogOf, deletion, PLATFORM } from '../batch-state.ts';
import { NEWER, OLDER, reduce } from './ground.ts';

const target = { integration: PLATFORM, integrationId: 'a1' };
const creation: CreateAudience = { kind: 'createAudience', caller: caller(), target, name: 'A', details: undefined };
const renaming = (name?: string): WriteCommand => ({
  kind: 'updateAudience',
  caller: caller(),
  target,
  change: { name },
});
const emptying: WriteCommand = { kind: 'emptyAudience', caller: caller(), target };
const membersAt = (time: number) => ({ lastMemberChange: () => liveArrival(time) });
const deletedAt = (deleted: number): Partial<ReplayHistory> => ({
  lastDeleted: (environment, integration, integrationId) =>
    environment === 'live' && integration === PLATFORM && integrationId === 'a1'
      ? { audienceId: 9, deleted }
      : undefined,
});

const create = { action: 'create' } as const;
const rename = { action: 'rename', audienceId: 1 } as const;
const empty = { action: 'empty', audienceId: 1 } as const;
const remove = { action: 'delete', audienceId: 1 } as const;

describe('a replay', () => {
  it.each<[string, WriteCommand, Partial<Audience> | undefined, Partial<ReplayHistory>, ReplayEffect[], string?]>([
    ['creates', creation, undefined, {}, [create]],
    ['creates what was deleted before', creation, undefined, deletedAt(499), [create]],
    ['creates what was deleted since', creation, undefined, deletedAt(500), [create], 'audienceDeleted'],
    ['creates for no platform', { ...creation, target: undefined }, undefined, deletedAt(500), [create]],
    ['creates what is known by a name', { ...creation, renames: true }, {}, deletedAt(500), [rename]],
    ['creates what is known by that name', { ...creation, renames: true, name: 'Audience 1' }, {}, {}, []],
    ['creates what was renamed', { ...creation, renames: true }, { modified: 500 }, {}, [rename], 'audienceChanged'],
    ['renames', renaming('New'), { modified: 499 }, {}, [rename]],
    ['renames what was renamed since', renaming('New'), { modified: 500 }, {}, [rename], 'audienceChanged'],
    ['renames to the same', renaming('Audience 1'), { modified: 500 }, {}, []],
    ['empties', emptying, { modified: 600 }, membersAt(499), [empty]],
    ['empties what changed since', emptying, {}, membersAt(500), [empty], 'audienceChanged'],
    ['deletes', deletion(1), {}, membersAt(499), [remove]],
    ['deletes what changed since', deletion(1), {}, membersAt(500), [remove], 'audienceChanged'],
    ['deletes what was renamed since', deletion(1), { modified: 500 }, {}, [remove], 'audienceChanged'],
    ['erases a profile', { kind: 'eraseProfile', caller: caller(), integrationId: 'p' }, undefined, {}, []],
  ])('that %s', (_, command, known, history, effects, reason) => {
    const met = { catalog: known === undefined ? catalogOf() : catalogOf(audience(1, known)), history };
    const whole = { command, effects, skipped: [], isEmpty: false };
    const nothing = { command, effects: [], skipped: effects.map((each) => ({ ...each, reason })), isEmpty: true };
    expect(reduce(command, met)).toEqual(reason === undefined ? whole : nothing);
    expect(reduce(command, { ...met, override: true })).toEqual(whole);
  });

  test('that creates a known audience is refused', () => {
    expect(() => reduce(creation, { catalog: catalogOf(audience(1)) })).toThrow(DomainError);
  });
});

describe('attributes of all members', () => {
  const command = attributesOfAll(1, { Tier: 'gold', Visits: null });
  const effects = [
    { action: 'set', audienceId: 1, attribute: 'Tier' },
    { action: 'remove', audienceId: 1, attribute: 'Visits' },
  ];
  const noteOf = (attributeId: number, arrival: typeof NEWER): Partial<ReplayHistory> => ({
    anyValueNote: (id, time) => (id === attributeId && time === 500 ? arrival : undefined),
  });

  it.each<[string, Partial<Audience>, Partial<ReplayHistory>, string?]>([
    ['with nothing newer', { modified: 499 }, membersAt(499)],
    ['after a change of the audience', { modified: 500 }, noteOf(1, NEWER), 'audienceChanged'],
    ['after a change of its members', {}, membersAt(500), 'audienceChanged'],
    ['after an older replay', {}, noteOf(1, OLDER)],
    ['after a newer replay of one of them', {}, noteOf(1, NEWER), 'newerReplay'],
    ['after a newer replay of the other', {}, noteOf(2, NEWER), 'newerReplay'],
    ['after a newer replay of another one', {}, noteOf(3, NEWER)],
  ])('%s', (_, known, history, reason) => {
    const met = { catalog: catalogOf(audience(1, known)), history };
    const whole = { command, effects, skipped: [], isEmpty: false };
    const nothing = { command, effects: [], skipped: effects.map((each) => ({ ...each, reason })), isEmpty: true };
    expect(reduce(command, met)).toEqual(reason === undefined ? whole : nothing);
    expect(reduce(command, { ...met, override: true })).toEqual(whole);
  });
});

describe('the report', () => {
  it.each([
    [0, 0],
    [20, 20],
    [21, 20],
  ])('of %d effects names %d', (count, listed) => {
    const effects = Array.from({ length: count }, (_, audienceId): ReplayEffect => ({ action: 'join', audienceId }));
    const first = effects.slice(0, listed);
    expect(effectsOf(effects, [])).toEqual({ applied: first, appliedCount: count, skipped: [], skippedCount: 0 });
    expect(effectsOf([], effects)).toEqual({ applied: [], appliedCount: 0, skipped: first, skippedCount: count });
  });

  test('of nothing left is a conflict', () => {
    expect(superseded()).toMatchObject({ code: 'conflict', problems: [{ title: 'superseded' }] });
  });
});
