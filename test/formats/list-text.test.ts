/** The text of list files: their encoding, their packing, and what is said of bytes that are none. */

import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { explainWrongBytes, readListText } from '../../src/formats/list-text.ts';

async function textOf(bytes: Buffer, size: number, maxUnpackedBytes?: number): Promise<string> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  let text = '';
  for await (const piece of readListText(Readable.from(pieces), maxUnpackedBytes)) {
    expect(piece).not.toBe('');
    text += piece;
  }
  return text;
}

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

it.each([
  ['nothing', '', ''],
  ['UTF-8', '61 c3a9 e282ac f09f918d', 'aé€👍'],
  [
    'the first and the last character of each length',
    '7f c280 dfbf e0a080 efbfbf f0908080 f48fbfbf',
    '\x7f\x80\u07ff\u0800\uffff\u{10000}\u{10ffff}',
  ],
  ['those around the surrogates', 'ed9fbf ee8080', '\ud7ff\ue000'],
  ['a byte order mark', 'efbbbf 61', 'a'],
  ['two of them', 'efbbbf efbbbf 61', '\ufeffa'],
  ['half a byte order mark', 'efbb', '\udcef\udcbb'],
  ['UTF-16, little end first', 'fffe 6100 e900 3dd84ddc', 'aé👍'],
  ['UTF-16, big end first', 'feff 0061 00e9 d83ddc4d', 'aé👍'],
  ['half a unit of UTF-16', 'fffe 6100 e9', 'a\udce9'],
  [
    'overlong characters',
    'c080 c1bf e09fbf f08fbfbf',
    '\udcc0\udc80\udcc1\udcbf\udce0\udc9f\udcbf\udcf0\udc8f\udcbf\udcbf',
  ],
  ['surrogates', '61 eda080 62', 'a\udced\udca0\udc80b'],
  ['what is beyond Unicode', 'f4908080 f5808080 ff', '\udcf4\udc90\udc80\udc80\udcf5\udc80\udc80\udc80\udcff'],
  ['lone second bytes', '80 61 bf', '\udc80a\udcbf'],
  ['characters cut off by others', 'c361 e28261 f09f9161', '\udcc3a\udce2\udc82a\udcf0\udc9f\udc91a'],
  ['characters cut off by ones that begin', 'e282c3a9 c3c3a9', '\udce2\udc82é\udcc3é'],
  ['a third byte that is none', 'e282c0 f09f91c0', '\udce2\udc82\udcc0\udcf0\udc9f\udc91\udcc0'],
  ['a character cut off by the end', '61 f09f91', 'a\udcf0\udc9f\udc91'],
  ['the first byte of one at the end', 'c3a9 c3', 'é\udcc3'],
])('%s', async (_, digits, text) => {
  for (const size of [4096, 1, 2, 3, 5]) expect(await textOf(hex(digits), size)).toBe(text);
  for (const size of [4096, 3]) expect(await textOf(gzipSync(hex(digits)), size)).toBe(text);
});

it('a file that is longer than its head', async () => {
  const text = 'aé€👍\n'.repeat(1500);
  for (const size of [64 * 1024, 4096, 4095, 1000]) expect(await textOf(Buffer.from(text), size)).toBe(text);
  expect(await textOf(gzipSync(text), 100)).toBe(text);
});

it('a compressed file is refused with its limit, its damage or its cut', async () => {
  const packed = gzipSync(Buffer.alloc(3 * 1024 * 1024, 'a'));
  expect(await textOf(packed, 4096, 3 * 1024 * 1024)).toHaveLength(3 * 1024 * 1024);
  await expect(textOf(packed, 4096, 3 * 1024 * 1024 - 1)).rejects.toMatchObject({
    code: 'too_large',
    message: 'The file unpacks to more than 2 MiB',
  });
  const atFile = { code: 'invalid', problems: [{ source: { line: 'N/A' } }] };
  await expect(textOf(packed.subarray(0, -1), 4096)).rejects.toMatchObject(atFile);
  await expect(textOf(packed.subarray(0, -1), 4096)).rejects.toThrow(/^the gzip file is truncated/);
  const damaged = Buffer.from(packed);
  damaged[packed.length - 8] = (damaged[packed.length - 8] ?? 0) ^ 1;
  await expect(textOf(damaged, 4096)).rejects.toMatchObject(atFile);
  await expect(textOf(damaged, 4096)).rejects.toThrow(/^the gzip file is damaged/);
});

it('a compressed file whose source fails', async () => {
  for (const reason of [new Error('gone'), Object.assign(new Error('gone'), { code: 'EIO' })]) {
    const source = async function* (): AsyncGenerator<Buffer> {
      yield gzipSync('a'.repeat(9000)).subarray(0, 20);
      throw reason;
    };
    await expect(readListText(source()).next()).rejects.toBe(reason);
  }
});

it.each([
  ['', undefined],
  ['aé👍', undefined],
  ['\ud83d', 'not valid UTF-16; save the file as UTF-8'],
  ['\udc7f', 'not valid UTF-16; save the file as UTF-8'],
  ['\udd00', 'not valid UTF-16; save the file as UTF-8'],
  ['\udcff\ud800', 'not valid UTF-16; save the file as UTF-8'],
  ['m\udc81', 'not valid UTF-8 (byte 0x81); save the file as UTF-8'],
  ['\udcc3\udca9', 'not valid UTF-8 (byte 0xC3); save the file as UTF-8'],
  [
    'a\udc80',
    'not valid UTF-8 (byte 0x80); the file looks like Windows-1252, “a€”: save it as UTF-8 (in Excel “CSV UTF-8”)',
  ],
  [
    '\udcff',
    'not valid UTF-8 (byte 0xFF); the file looks like Windows-1252, “ÿ”: save it as UTF-8 (in Excel “CSV UTF-8”)',
  ],
  [
    `\udce9${'x'.repeat(80)}`,
    `not valid UTF-8 (byte 0xE9); the file looks like Windows-1252, “é${'x'.repeat(79)}”: save it as UTF-8 (in Excel “CSV UTF-8”)`,
  ],
])('%j is explained', (text, expected) => {
  expect(explainWrongBytes(text)).toBe(expected);
});
