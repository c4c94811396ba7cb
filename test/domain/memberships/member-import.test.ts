/** The objections to a list of members, and how they are confirmed. */

import { describe, expect, it } from 'vitest';
import type { ListWarning } from '../../../src/domain/list-warnings.ts';
import {
  confirmedObjections,
  importMembers,
  type Objection,
  objectionsTo,
} from '../../../src/domain/memberships/member-import.ts';
import { audience, caller } from './batch-state.ts';

const formula: ListWarning = { kind: 'formula', count: 1, samples: [], message: 'a formula' };
const harmless = { members: 100, before: 100, joins: 20, leaves: 20, newProfiles: 0 };
const drastic = { members: 100, before: 100, joins: 21, leaves: 21, newProfiles: 0 };
const list = { refused: 0, warnings: [], forecast: harmless };
const nothing = { confirmName: undefined, skipRefused: false, acceptWarnings: false };

describe('a list', () => {
  it('meets objections in the order in which people are asked', () => {
    expect(objectionsTo(list)).toEqual([]);
    expect(objectionsTo({ refused: 1, warnings: [formula], forecast: drastic })).toEqual([
      'refused',
      'warnings',
      'drastic',
    ]);
  });

  it('is not drastic where nobody compared it', () => {
    expect(objectionsTo({ refused: 0, warnings: [], forecast: undefined })).toEqual([]);
  });
});

describe('a confirmation', () => {
  it.each([
    ['refused lines', { ...list, refused: 3 }, { skipRefused: true }, '/skipRefused'],
    ['warnings', { ...list, warnings: [formula] }, { acceptWarnings: true }, '/acceptWarnings'],
    ['a drastic replacement', { ...list, forecast: drastic }, { confirmName: 'VIP' }, '/confirmName'],
  ])('is needed for %s', (_, seen, given, pointer) => {
    expect(() => confirmedObjections(seen, 'VIP', nothing)).toThrow(
      expect.objectContaining({ code: 'invalid', problems: [expect.objectContaining({ source: { pointer } })] }),
    );
    expect([...confirmedObjections(seen, 'VIP', { ...nothing, ...given })]).toEqual(objectionsTo(seen));
  });

  it('by a name that is not the audience’s is none', () => {
    const given = { ...nothing, confirmName: 'vip' };
    expect(() => confirmedObjections(list, 'VIP', given)).toThrow(/not the name of the audience/);
    expect(() => confirmedObjections({ ...list, forecast: drastic }, 'VIP', given)).toThrow(/21 of 100 members/);
  });

  it('by name also covers members that come before the import takes effect', () => {
    expect([...confirmedObjections(list, 'VIP', nothing)]).toEqual([]);
    expect([...confirmedObjections(list, 'VIP', { ...nothing, confirmName: 'VIP' })]).toEqual(['drastic']);
  });
});

it('an import that somebody should have confirmed does not begin', async () => {
  const untouched = undefined as never;
  const started = importMembers(untouched, caller(), audience(1), { ...list, forecast: drastic }, untouched, new Set());
  await expect(started).rejects.toMatchObject({ code: 'conflict' });
});

it.each([
  [new Set<Objection>(['warnings', 'drastic']), true],
  [new Set<Objection>(['warnings']), false],
])(
  'an import that was confirmed replaces the members, and is drastic only where that was: %j',
  async (confirmed, isDrasticMeant) => {
    const calls: unknown[] = [];
    const storage = {
      beginReplacement: async (id: number) => 30 + id,
      stageMembers: async (...args: unknown[]) => calls.push(args),
      finishReplacement: async (...args: unknown[]) => args,
    };
    const chunks = async function* (): AsyncGenerator<string[]> {
      yield ['a', 'b'];
      yield ['c'];
    };
    const core = { storage, queue: { pausedBecause: undefined } } as never;
    const by = caller();
    const done = await importMembers(core, by, audience(1), { ...list, warnings: [formula] }, chunks(), confirmed);
    expect(calls).toEqual([
      [1, 31, ['a', 'b']],
      [1, 31, ['c']],
    ]);
    expect(done).toEqual([1, 31, by, { isDrasticMeant, noticed: { entries: 3, warnings: { formula: 1 } } }]);
  },
);
