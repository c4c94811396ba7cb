/**
 * Values nobody should send, as fast-check arbitraries: strings, numbers, whole JSON trees, and texts that are not
 * JSON.
 */

import fc from 'fast-check';
import type { Json } from './openapi-document.ts';

/** Represents a token that JSON.stringify cannot write, such as 1e999; see `writeJson`. */
const RAW = '@raw:';

export function rawToken(token: string): string {
  return `${RAW}${token}@`;
}

/** The JSON text of a tree, with raw tokens inserted unchanged. */
export function writeJson(value: Json): string {
  return JSON.stringify(value).replace(/"@raw:([^"@]*)@"/g, (_, token: string) => token);
}

const SUSPECTS = [
  '',
  ' ',
  '\t\n',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfff',
  '\ufeff',
  '\u202egnp.exe',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  "'; drop table profiles; --",
  '" or 1=1 --',
  '../../../etc/passwd',
  '%00',
  '%2F..%2F',
  '%ZZ',
  'a/b',
  'a//b',
  '/',
  'audiences',
  'audiences/',
  '\r\nSet-Cookie: x=y',
  'null',
  'true',
  '12',
  '-1',
  '1e3',
  '0x10',
  'NaN',
  '{{7*7}}',
  '${jndi:ldap://x}',
  '<script>alert(1)</script>',
  '😀',
  'é',
  'e\u0301',
  'İ',
  'ﬃ',
  '12345678901234567890',
];

/** Lengths around the published limits, in code points of one to four bytes. */
const boundaryText = fc
  .tuple(fc.constantFrom(1, 254, 255, 256, 999, 1000, 1001, 1002, 2000), fc.constantFrom('a', 'é', '漢', '😀'))
  .map(([length, unit]) => unit.repeat(length));

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...SUSPECTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  { weight: 2, arbitrary: boundaryText },
);

const hostileNumber: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(0, -0, -1, 1.5, 0.1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 1e21, 1e308, 5e-324),
  fc.constantFrom('1e999', '-1e999', '1E400', '9007199254740993', '1.0', '1e0', '-0.0', '0e5').map(rawToken),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Lists or objects nested to this depth. */
function nested(depth: number, withLists: boolean): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level += 1) value = withLists ? [value] : { a: value };
  return value;
}

const deepTree = fc
  .tuple(fc.constantFrom(5, 58, 60, 61, 62, 63, 64, 65, 70, 500), fc.boolean())
  .map(([depth, withLists]) => nested(depth, withLists));

const anyJson: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Json>(null, true, false, [], {}, [null], [[]], [{}], { a: null }) },
  { weight: 3, arbitrary: hostileNumber },
  { weight: 4, arbitrary: hostileText },
  { weight: 1, arbitrary: deepTree },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => value as Json) },
  { weight: 1, arbitrary: fc.array(hostileText, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.dictionary(hostileText, fc.constantFrom<Json>(1, 'x', null), { maxKeys: 4 }) },
);

/** A new value each time, because later changes to a body may modify it. */
export const hostileJson = anyJson.map((value) => structuredClone(value));

/** A change of a body's text that usually makes it invalid JSON, or unusual JSON. */
export type TextChange = (text: string) => Buffer;

const atFraction = (text: string, fraction: number): number => Math.floor(text.length * fraction);

export const textChange: fc.Arbitrary<TextChange> = fc.oneof(
  fc
    .double({ min: 0, max: 0.999, noNaN: true })
    .map((fraction) => (text: string) => Buffer.from(text.slice(0, atFraction(text, fraction)))),
  fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), hostileText).map(
    ([fraction, more]) =>
      (text: string) =>
        Buffer.from(text.slice(0, atFraction(text, fraction)) + more + text.slice(atFraction(text, fraction))),
  ),
  fc
    .tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 0x80, max: 0xff }))
    .map(([fraction, byte]) => (text: string) => {
      const bytes = Buffer.from(text);
      if (bytes.length > 0) bytes[Math.floor(bytes.length * fraction)] = byte;
      return bytes;
    }),
  fc.constantFrom<TextChange>(
    (text) => Buffer.from(`\ufeff${text}`),
    (text) => Buffer.from(text, 'utf16le'),
    (text) => Buffer.from(`${text}${text}`),
    (text) => Buffer.from(`${text},`),
    (text) => Buffer.from(`[${text}]`),
    (text) => Buffer.from(`)]}',\n${text}`),
    (text) => Buffer.from(text.replaceAll('"', "'")),
    (text) => Buffer.from(`// comment\n${text}`),
    (text) => Buffer.from(text.replace('{', '{"__proto__":{"polluted":true},')),
    (text) => Buffer.from(text.replace('{', '{"\\u005f_proto__":1,')),
    (text) => Buffer.from(text.replace('{', '{"data":[],"data":{},"attributes":5,')),
    (text) => Buffer.from(text.replace('}', ',}')),
    (text) => Buffer.from(text.replaceAll(':', '=')),
    () => Buffer.from('['.repeat(100_000)),
    () => Buffer.from(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
    () => Buffer.from('null'),
    () => Buffer.from('[]'),
    () => Buffer.from('5'),
    () => Buffer.from('"text"'),
    () => Buffer.from('   \n'),
    () => Buffer.alloc(0),
    () => Buffer.from('NaN'),
    () => Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0]),
    () => Buffer.from('audienceId=x&audienceName=y'),
  ),
);
