/** Lengths as the published limits count them, and texts that are read back as they were stored. */

import { expect, test } from 'vitest';
import { codePointLength, isStorableText } from '../../src/domain/environment.ts';

test.each([
  ['', 0],
  ['a', 1],
  ['ž', 1],
  ['\ud7ff', 1],
  ['👍', 1],
  ['\u{10000}', 1],
  ['\u{10ffff}', 1],
  ['👍a👍', 3],
  ['\ue000\uffff', 2],
])('%j has %d characters', (text, length) => expect(codePointLength(text)).toBe(length));

test.each([
  ['', true],
  ['👍', true],
  ['\u0001', true],
  ['a\0', false],
  ['\0', false],
  ['\ud800', false],
  ['a\udc00', false],
])('%j can be stored: %s', (text, can) => expect(isStorableText(text)).toBe(can));
