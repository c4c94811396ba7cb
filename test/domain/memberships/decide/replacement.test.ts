/** What a replacement of all members records, and when it is refused. */

import { describe, expect, it } from 'vitest';
import { decideReplacement } from '../../../../src/domain/memberships/decide/replacement.ts';
import { caller } from '../batch-state.ts';

const compared = { audienceId: 3, oldSet: 30, members: 90, joins: 10, leaves: 20 };
const person = caller({ keyId: undefined, userId: 4 });

describe('a replacement', () => {
  it('is one entry with the count, the net joins and leaves, and an old set that is dead', () => {
    const { changes } = decideReplacement(compared, caller(), {});
    expect(changes.requests).toEqual([
      { uuid: 'request', keyId: 1, userId: undefined, firstPlace: 0, arrival: undefined },
    ]);
    expect(changes.ledger).toEqual([
      {
        request: 0,
        audienceId: 3,
        profileId: undefined,
        action: 'replaced',
        count: 90,
        previous: 0,
        previousPlace: undefined,
      },
    ]);
    expect([...changes.counters]).toEqual([[3, { joins: 10, leaves: 20, lastRequest: 0 }]]);
    expect(changes.deadSets).toEqual([30]);
  });

  it('is audited with what was noticed in the list, unless a key asks', () => {
    const noticed = { entries: 95, warnings: { formula: 2 } };
    const { changes, recorded } = decideReplacement(compared, person, { noticed });
    const warnings = { formula: 2, repeated: 5 };
    expect(changes.audits).toMatchObject([
      {
        actor: { userId: 4 },
        record: {
          entity: '/v1/audiences/3/memberships',
          old: undefined,
          new: { members: 90, joins: 10, leaves: 20, warnings },
        },
      },
    ]);
    expect(recorded).toEqual({ userId: 4, entity: 'AudienceMembership', amount: 90, warnings });
    expect(decideReplacement(compared, caller(), { noticed }).changes.audits).toEqual([]);
  });

  it.each([
    ['a fifth of the members leaves', { members: 80, joins: 0, leaves: 20 }, false],
    ['more than a fifth leaves, and others come', { members: 89, joins: 10, leaves: 21 }, true],
    ['more than a fifth leaves', { members: 79, joins: 0, leaves: 21 }, true],
    ['nobody is left', { members: 0, joins: 0, leaves: 1 }, true],
    ['nobody was there, and nobody comes', { members: 0, joins: 0, leaves: 0 }, true],
    ['all are new', { members: 5, joins: 5, leaves: 0 }, false],
  ])('where %s, nobody having confirmed it', (_, difference, isRefused) => {
    const decided = () => decideReplacement({ ...compared, ...difference }, person, { isDrasticMeant: false });
    if (isRefused) expect(decided).toThrow(/look at a new preview first/);
    else expect(decided().changes.ledger).toHaveLength(1);
    // It is meant, or nobody is asked.
    for (const options of [{ isDrasticMeant: true }, {}]) {
      const { changes } = decideReplacement({ ...compared, ...difference }, person, options);
      expect(changes.ledger).toHaveLength(1);
    }
  });
});
