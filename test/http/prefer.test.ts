/** The meaning of a `Prefer` header according to RFC 7240. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import {
  applyPreference,
  parsePreferences,
  preferenceValue,
  prefers,
  varyByPreference,
} from '../../src/http/prefer.ts';

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

/** The part of a request that is read. */
const request = (prefer: string | string[] | undefined): FastifyRequest =>
  ({ headers: { prefer } }) as unknown as FastifyRequest;

describe('the value of a preference', () => {
  test.each<[header: string | string[] | undefined, name: string, parameter: string | undefined, value: unknown]>([
    [undefined, 'return', undefined, undefined],
    [undefined, 'return', 'undefined', undefined],
    ['', 'return', undefined, undefined],
    ['Return=Minimal', 'return', undefined, 'minimal'],
    ['return', 'return', undefined, ''],
    ['wait=1', 'return', undefined, undefined],
    [['wait=1', 'return=minimal'], 'return', undefined, 'minimal'],
    ['return=minimal; Depth=All; x=1', 'return', 'depth', 'all'],
    ['return=minimal; depth=all; x="A B"', 'return', 'x', 'a b'],
    ['wait=1; depth=none, RETURN; depth=all', 'return', 'depth', 'all'],
    ['ex tended; depth=none, return; depth=all', 'return', 'depth', 'all'],
    ['return; depth=all, return; x=1', 'return', 'x', undefined],
    ['return=minimal', 'return', 'depth', undefined],
    ['wait=1; depth=none', 'return', 'depth', undefined],
    [['wait=1', 'return; depth=all'], 'return', 'depth', 'all'],
  ])('of %j, %s %s is %j', (header, name, parameter, value) => {
    expect(preferenceValue(request(header), name, parameter)).toBe(value);
  });

  test.each<[header: string | string[] | undefined, value: string | undefined, preferred: boolean]>([
    [undefined, undefined, false],
    ['', undefined, false],
    ['extended', undefined, true],
    ['extended=""', undefined, true],
    ['extended=no', undefined, false],
    ['extended=no', 'no', true],
    ['extended', 'no', false],
    [['wait=1', 'extended'], undefined, true],
  ])('of %j is preferred as %s: %s', (header, value, preferred) => {
    expect(prefers(request(header), 'extended', value)).toBe(preferred);
  });
});

describe('a response', () => {
  /** The parts of a response that are read and written. */
  const reply = (headers: Record<string, unknown>): FastifyReply =>
    ({
      getHeader: (name: string) => headers[name],
      header: (name: string, value: unknown) => (headers[name] = value),
    }) as unknown as FastifyReply;

  test.each<[before: Record<string, unknown>, after: unknown]>([
    [{}, 'Prefer'],
    [{ vary: 'Origin' }, 'Origin, Prefer'],
    [{ vary: ['Origin', 'Accept'] }, 'Origin,Accept, Prefer'],
    [{ vary: 'Origin, prefer' }, 'Origin, prefer'],
    [{ vary: 'Preferred' }, 'Preferred, Prefer'],
  ])('with %j varies by %j', (headers, vary) => {
    varyByPreference(reply(headers));
    expect(headers).toEqual({ vary });
  });

  test('names each preference that was followed', () => {
    const headers = {};
    applyPreference(reply(headers), 'extended');
    expect(headers).toEqual({ 'preference-applied': 'extended' });
    applyPreference(reply(headers), 'return=minimal');
    expect(headers).toEqual({ 'preference-applied': 'extended, return=minimal' });
  });
});
