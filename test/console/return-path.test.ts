/** Where signing in leads: back into the console, and never to the target of somebody else's link. */

import { expect, test } from 'vitest';
import { returnSearch, safeReturn } from '../../console/src/shell/return-path.ts';

test.each([
  '/',
  '/attributes',
  '/audiences?env=sandbox',
  '/customers/17?q=a%5Cb#part',
  '/audiences?return=//evil.example',
  '/a//b',
])('%j leads there', (path) => {
  expect(safeReturn(path)).toBe(path);
  expect(returnSearch({ return: path })).toEqual({ return: path });
});

test.each([
  '',
  'attributes',
  'https://evil.example/',
  'javascript:alert(1)',
  '//evil.example/',
  '/\\evil.example',
  '\\\\evil.example',
  '/%5Cevil.example',
  '/%5cevil.example',
  '/%2Fevil.example',
  '%2F%2Fevil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\u0000/attributes',
  '/attributes?a=\r\nb',
  '/%09/evil.example',
  '/%0a%0d/evil.example',
  '/%',
  '/sign-in',
  '/sign-in?return=/sign-in',
  '/%73ign-in',
  '/change-password#x',
])('%j leads to the front page', (path) => {
  expect(safeReturn(path)).toBe('/');
  expect(returnSearch({ return: path })).toEqual({});
});

test('nothing, or what is no text, leads to the front page', () => {
  expect(safeReturn(undefined)).toBe('/');
  for (const wrong of [undefined, 1, ['/attributes'], { return: '/' }])
    expect(returnSearch({ return: wrong })).toEqual({});
});
