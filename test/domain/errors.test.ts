/** The only error type: which of its problems it keeps, and that it crosses a thread unchanged. */

import { describe, expect, test } from 'vitest';
import { DomainError, invalid, profileNotFound, unavailable } from '../../src/domain/errors.ts';

const problem = (number: number) => ({ title: 'Unknown', message: `number ${number}` });

describe('an error', () => {
  test('of a text has that as its one problem, titled by its code', () => {
    const error = new DomainError('conflict', 'taken');
    expect(error.problems).toEqual([{ title: 'conflict', message: 'taken' }]);
    expect(error).toMatchObject({ name: 'DomainError', code: 'conflict', message: 'taken', retryAfter: undefined });
  });

  test('reports ten problems, and says what they are in its message', () => {
    const error = new DomainError(
      'invalid',
      Array.from({ length: 11 }, (_, index) => problem(index)),
    );
    expect(error.problems).toHaveLength(10);
    expect(error.message).toBe(Array.from({ length: 10 }, (_, index) => `number ${index}`).join('; '));
  });

  test.each([
    new DomainError('conflict', 'taken'),
    new DomainError('invalid', [{ ...problem(1), source: { pointer: '/a' }, cause: 'a cause' }, problem(2)]),
    unavailable('later', 5),
  ])('comes back from its record: $message', (error) => {
    const copy = DomainError.fromRecord(structuredClone(error.toRecord()));
    expect(copy).toBeInstanceOf(DomainError);
    expect([copy.code, copy.problems, copy.retryAfter]).toEqual([error.code, error.problems, error.retryAfter]);
    expect('retryAfter' in error.toRecord()).toBe(error.retryAfter !== undefined);
  });

  test('of the caller names its source where there is one', () => {
    expect(invalid('wrong').problems).toEqual([{ title: 'Invalid value', message: 'wrong' }]);
    const source = { parameter: 'sort' };
    expect(invalid('wrong', source, 'Unknown').problems).toEqual([{ title: 'Unknown', message: 'wrong', source }]);
    expect(invalid('wrong').code).toBe('invalid');
  });

  test('of a store that cannot work says when to come back: in a second, where nothing else is known', () => {
    expect(unavailable('busy').toRecord()).toEqual({
      code: 'unavailable',
      problems: [{ title: 'unavailable', message: 'busy' }],
      retryAfter: 1,
    });
  });

  test('of a profile that is not there has a cause without its ID', () => {
    const { code, problems } = profileNotFound('ada');
    expect(code).toBe('not_found');
    expect(problems[0]).toMatchObject({ title: 'not found', message: "Customer profile 'ada' not found" });
    expect(problems[0]?.cause).not.toContain('ada');
  });
});
