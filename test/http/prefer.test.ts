/** The meaning of a `Prefer` header according to RFC 7240. */

import { describe, expect, test } from 'vitest';
import { parsePreferences } from '../../src/http/prefer.ts';

const parsed = (header: string | undefined) => Object.fromEntries(parsePreferences(header));

describe('Prefer', () => {
  const HEADERS: readonly (readonly [header: string | undefined, preferences: Record<string, string>])[] = [
    [undefined, {}],
    ['', {}],
    ['extended', { extended: '' }],
    [' \textended\t ', { extended: '' }],
    ['EXTENDED', { extended: '' }],
    ['extended=""', { extended: '' }],
    ['extended=', { extended: '' }],
    ['extended=no', { extended: 'no' }],
    ['respond-async, extended', { 'respond-async': '', extended: '' }],
    ['respond-async,extended,', { 'respond-async': '', extended: '' }],
    [', ,extended', { extended: '' }],
    ['return=representation; handling=lenient, wait = 10', { return: 'representation', wait: '10' }],
    ['Return=Representation', { return: 'Representation' }],
    ['extended; foo="a, b; c"; bar, wait=1', { extended: '', wait: '1' }],
    ['extended;', { extended: '' }],
    ['foo="extended, bar"', { foo: 'extended, bar' }],
    ['foo="say \\"hi\\", \\\\o/", extended', { foo: 'say "hi", \\o/', extended: '' }],
    ['return=minimal, return=representation', { return: 'minimal' }],
    ['extended, extended=no', { extended: '' }],
    // An unreadable preference means nothing, and does not hide the others.
    ['ex tended, wait=1', { wait: '1' }],
    ['=x, extended', { extended: '' }],
    ['é, extended', { extended: '' }],
    ['foo="never closed, extended', {}],
    ['foo="never closed\\', {}],
    ['__proto__=x, constructor=y', JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>],
  ];
  test.for(HEADERS)('%j', ([header, preferences]) => {
    expect(parsed(header)).toEqual(preferences);
  });

  test('reads a header of any size in one pass', () => {
    const before = performance.now();
    for (const part of ['a="\\",', 'a="b', '"', ',', ';', 'a=', '\\', ' ', 'a;a="']) {
      parsePreferences(part.repeat(100_000));
    }
    // Takes milliseconds; a quadratic parser would take minutes.
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});
