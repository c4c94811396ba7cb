/** Causes of refusals: one wording for all refusals of a kind, without anything about a person. */

import { describe, expect, test } from 'vitest';
import { causeOf, withoutParticulars } from '../../src/access-log/causes.ts';
import { DomainError } from '../../src/domain/errors.ts';

describe('a message without its particulars', () => {
  test.each([
    ['plain words', 'plain words'],
    ['a remedy (in brackets) goes', 'a remedy'],
    ['so does (one that\ngoes on', 'so does'],
    ['brackets(at once) stay', 'brackets(at once) stay'],
    ["audience 'vip' not found", 'audience … not found'],
    ['audience "vip" not found', 'audience … not found'],
    ["from 'first' to 'last' all goes", 'from … all goes'],
    [`one kind "of 'the' other" kind`, 'one kind … kind'],
    ["what 'is never closed", 'what …'],
    ['what "is\nnever closed', 'what …'],
    ['data[17].adds[0] is wrong', 'data[].adds[] is wrong'],
    ['has 3 of 12', 'has N of N'],
    ['has -1.5e10 and 2E3', 'has N and N'],
    ['of v2 and x3y and 1a and a.1', 'of v2 and x3y and 1a and a.1'],
    ['line\tand\u2028separator\u0000', 'line and separator'],
    ['  outer blanks  ', 'outer blanks'],
  ])('of %j is %j', (message, cause) => expect(withoutParticulars(message)).toBe(cause));

  test('is cut behind 200 characters', () => {
    expect(withoutParticulars('a'.repeat(200))).toBe('a'.repeat(200));
    expect(withoutParticulars('a'.repeat(201))).toBe(`${'a'.repeat(200)}…`);
  });
});

describe('the cause of a refusal', () => {
  const mend = { kind: 'createAttribute', name: 'tier' } as const;

  test('is that of its first problem, as told or from its message; its mend comes with it', () => {
    const told = { title: 'a', message: 'one 1', cause: 'told', mend };
    const other = { title: 'b', message: 'two 2' };
    expect(causeOf(new DomainError('invalid', [told, other]))).toEqual({ cause: 'told', mend });
    expect(causeOf(new DomainError('invalid', [other, told]))).toEqual({ cause: 'two N', mend: undefined });
  });

  test('of a refusal without problems is its message', () => {
    expect(causeOf(new DomainError('invalid', []))).toEqual({ cause: '', mend: undefined });
  });
});
