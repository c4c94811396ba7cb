/** Depth, values and long numbers of a body, wherever its chunks end. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonScan } from '../../src/http/json-scan.ts';

interface Seen {
  readonly depth: number;
  readonly values: number;
  readonly long: boolean;
}

/** Scans a text that arrives in chunks of this many bytes. */
function scan(text: string, pieceSize = text.length + 1): Seen {
  const bytes = Buffer.from(text);
  const scanned = new JsonScan();
  for (let at = 0; at < bytes.length; at += pieceSize) scanned.take(bytes.subarray(at, at + pieceSize));
  return { depth: scanned.depth, values: scanned.values, long: scanned.hasLongNumber };
}

const LONG = 'x'.repeat(40);
const cases: [text: string, depth: number, values: number][] = [
  ['', 0, 0],
  ['1', 0, 0],
  ['[]', 1, 1],
  ['{}', 1, 1],
  ['[1,2]', 1, 2],
  ['[[],[[]]]', 3, 5],
  ['{"a":{"b":1},"c":[1]}', 2, 4],
  ['[[1]],[2]', 2, 4],
  ['"[,{"', 0, 0],
  [String.raw`["\"[,","\\",1]`, 1, 3],
  [String.raw`["\\\"[","\\\\",[]]`, 2, 4],
  [`["${LONG}[,",1]`, 1, 2],
  [String.raw`["${LONG}\"[,",1]`, 1, 2],
  [String.raw`["${LONG}\\",[1]]`, 2, 3],
  [String.raw`["${LONG}\\\",[",[1]]`, 2, 3],
  [String.raw`["${'\\\\'.repeat(40)}",[1]]`, 2, 3],
  [String.raw`["${'x'.repeat(31)}\\",[1]]`, 2, 3],
  [String.raw`["${'x'.repeat(31)}\",[",1]`, 1, 2],
  ['["' + LONG, 1, 1],
  [`["${LONG}x",[1]]`, 2, 3],
  [String.raw`["\\","",1]`, 1, 3],
];

describe('a body', () => {
  test.each(cases)('%s is %d deep and holds %d values, in one piece or in many', (text, depth, values) => {
    for (const size of [1, 2, 3, 7, 32, 33, 34, 45, 1000]) {
      expect({ size, ...scan(text, size) }).toEqual({ size, depth, values, long: false });
    }
  });

  test.each([
    ['123456789012345', false],
    ['1234567890123456', true],
    ['-1234567890123456', true],
    ['0.1234567890123456', true],
    ['12345678.1234567890', false],
    ['[12345678,12345678]', false],
    ['"1234567890123456"', false],
    ['1234567890/2345678', false],
    ['1234567890:2345678', false],
    ['["12345678",12345678]', false],
    ['9999999999999999', true],
    ['0000000000000000', true],
  ])('%s has a long number: %s, in one piece or in many', (text, long) => {
    for (const size of [1, 5, 8, 15, 1000]) expect({ size, long: scan(text, size).long }).toEqual({ size, long });
  });

  test('of any content is seen as JSON.parse sees it, wherever it is cut', () => {
    const value = fc.json({ maxDepth: 4 });
    const property = fc.property(value, fc.integer({ min: 1, max: 50 }), (text, size) => {
      expect(scan(text, size)).toEqual(scan(text));
      expect(scan(text).depth).toBe(depthOf(JSON.parse(text)));
    });
    fc.assert(property, { numRuns: 100 });
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
