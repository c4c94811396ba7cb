/** Which request gets a fault, and how many faults there may be. */

import { describe, expect, test } from 'vitest';
import { Faults } from '../../src/test-controls/faults.ts';

describe('a path', () => {
  test.each([
    ['/cdp/audience', '/cdp/audience', true],
    ['/cdp/audience', '/cdp/audience/', false],
    ['/cdp/*', '/cdp/', true],
    ['/cdp/*', '/v1/cdp/', false],
    ['*', '/', true],
    ['*/audiences', '/cdp/customer_profile/ada/audiences', true],
    ['*/audiences', '/cdp/customer_profile/ada/audiences/1', false],
    ['/cdp/*/ada/*', '/cdp/customer_profile/ada/audiences', true],
    ['/cdp/*/ada/*', '/cdp/ada/audiences', false],
    ['/a*a', '/a', false],
    ['/a*b*c', '/aXcYbZc', true],
    ['/a*b*c', '/aXcYc', false],
    ['/a.c', '/abc', false],
  ])('%s is for %s: %s', (path, requested, expected) => {
    const faults = new Faults();
    faults.add({ path, drop: 'before' });
    expect(faults.take('PUT', requested) !== undefined).toBe(expected);
  });

  test('with many stars takes no time', () => {
    const faults = new Faults();
    faults.add({ path: `${'*a'.repeat(500)}*b`, drop: 'before' });
    expect(faults.take('PUT', 'a'.repeat(10_000))).toBeUndefined();
  });
});

test('the oldest that is for a request happens, as often as it says', () => {
  const faults = new Faults();
  faults.add({ answer: 503, times: 2, method: 'put' });
  faults.add({ answer: 429 });
  const taken = ['GET', 'PUT', 'PUT', 'PUT'].map((method) => faults.take(method, '/')?.answer);
  expect(taken).toEqual([429, 503, 503, undefined]);
  expect(faults.list()).toMatchObject([
    { id: 1, left: 0, happened: 2 },
    { id: 2, left: 0, happened: 1 },
  ]);
});

test('there are at most a hundred, of which those that are over make room', () => {
  const faults = new Faults();
  for (let count = 0; count < 100; count += 1) faults.add({ answer: 503 });
  expect(() => faults.add({ answer: 503 })).toThrow('There are 100 faults already; clear them first');
  faults.take('PUT', '/');
  faults.add({ answer: 429 });
  expect(faults.list().length).toBe(100);
  expect(faults.list()[0]).toMatchObject({ id: 2, left: 1 });
  faults.clear();
  expect(faults.list()).toEqual([]);
});
