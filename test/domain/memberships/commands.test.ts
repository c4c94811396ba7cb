/** What can be told from a command alone, and how the failure of a transaction becomes an outcome. */

import { describe, expect, it } from 'vitest';
import { DomainError, unavailable } from '../../../src/domain/errors.ts';
import { failedOutcome, freesSpace, rowsOf, type WriteCommand } from '../../../src/domain/memberships/commands.ts';
import { attributesOfAll, bulk, caller, creation, deletion, update } from './batch-state.ts';

const rows = { isLenient: true, maxErrors: undefined, places: [0], refused: [] };
const many: WriteCommand = { kind: 'updateProfiles', caller: caller(), items: [], isAnswered: false };
const emptying: WriteCommand = { ...deletion(1), kind: 'emptyAudience' };
const erasure: WriteCommand = { kind: 'eraseProfile', caller: caller(), integrationId: 'a' };

describe('a command', () => {
  it.each([
    [update('a'), false],
    [many, false],
    [bulk([]), false],
    [creation(), false],
    [attributesOfAll(1, {}), false],
    [deletion(1), true],
    [emptying, true],
    [erasure, true],
  ])('%j frees space: %s', (command, expected) => {
    expect(freesSpace(command)).toBe(expected);
  });

  it('has rows to judge if it is one of many profiles that asks for it', () => {
    for (const command of [many, bulk([])]) {
      expect(rowsOf(command)).toBeUndefined();
      expect(rowsOf({ ...command, rows })).toBe(rows);
    }
    expect(rowsOf({ ...update('a'), rows } as WriteCommand)).toBeUndefined();
  });
});

describe('a failed transaction', () => {
  it('refuses its command where the error says why', () => {
    expect(failedOutcome(new DomainError('conflict', 'no'))).toEqual({
      error: { code: 'conflict', problems: [{ title: 'conflict', message: 'no' }] },
    });
    expect(failedOutcome(unavailable('full', 5))).toMatchObject({ error: { code: 'unavailable', retryAfter: 5 } });
  });

  it('is unexpected otherwise, with as much as is known about it', () => {
    const error = new RangeError('broken');
    expect(failedOutcome(error)).toEqual({ failure: error.stack });
    expect(failedOutcome(Object.assign(new Error('no stack'), { stack: undefined }))).toEqual({ failure: 'no stack' });
    expect(failedOutcome('text')).toEqual({ failure: 'text' });
  });
});
