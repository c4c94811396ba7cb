/** The regular expressions that a path filter accepts, and the paths they match. */

import { describe, expect, test } from 'vitest';
import { MAX_PATH_PATTERN } from '../../src/access-log/access-log.ts';
import { compilePathPattern, pathOf } from '../../src/access-log/path-pattern.ts';

describe('a pattern', () => {
  test('is found anywhere in the path', () => {
    const matches = compilePathPattern('profile/a[bc]$');
    expect(['/cdp/profile/ab', '/profile/ac', '/profile/abc'].map(matches)).toEqual([true, true, false]);
  });

  test('looks at the first 2000 characters', () => {
    const matches = compilePathPattern('b$');
    expect(matches(`${'a'.repeat(1999)}b`)).toBe(true);
    expect(matches(`${'a'.repeat(1999)}bc`)).toBe(true);
    expect(matches(`${'a'.repeat(1998)}bc`)).toBe(false);
  });

  const refusal = (text: string): unknown => {
    try {
      compilePathPattern(text);
      return undefined;
    } catch (error) {
      return error;
    }
  };

  test.each([
    ['of as many characters as it may have', 'a'.repeat(MAX_PATH_PATTERN), undefined],
    ['too long', 'a'.repeat(MAX_PATH_PATTERN + 1), `at most ${MAX_PATH_PATTERN} characters`],
    ['repeating as often as it may', 'a{500}b{0,500}', undefined],
    ['repeating once more', 'a{500}b{0,501}', 'repeats too often'],
    ['repeating at least too often', 'a{1001,}', 'repeats too often'],
    ['repeating a thousand times at least', '(a{1000,})?', undefined],
    ['counting the larger bound alone', 'a{400,600}b{400}', undefined],
    ['that is none', 'a(', 'not a regular expression in RE2 syntax'],
    ['looking ahead, which RE2 does not', '(?=a)', 'not a regular expression in RE2 syntax'],
    ['as large as it may be', `(${'a'.repeat(50)}){70}`, undefined],
    ['too large', `(${'a'.repeat(50)}){90}`, 'too large'],
  ])('%s', (_title, text, message) => {
    if (message === undefined) expect(refusal(text)).toBeUndefined();
    else
      expect(refusal(text)).toMatchObject({
        code: 'invalid',
        problems: [
          {
            title: 'Invalid value',
            source: { parameter: 'path' },
            message: expect.stringContaining(message) as unknown,
          },
        ],
      });
  });

  test('is refused in one line, however many the engine has', () => {
    expect((refusal(`a(\n\n  ${'b'.repeat(10)}`) as Error).message).not.toMatch(/\n|\s\s/);
    expect((refusal('a(\n b') as Error).message).toContain('a( b');
  });
});

test.each([
  ['/a/b?c=d', '/a/b'],
  ['/a?b?c', '/a'],
  ['/a', '/a'],
  ['?a', ''],
])('the path of %s is %s', (uri, path) => expect(pathOf(uri)).toBe(path));
