/** Long lists: refusals far down, random lists that are read back as written, and more members than fit in memory. */

import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readList } from '../../src/formats/list-entries.ts';
import { delimiterOf } from '../../src/formats/list-header.ts';
import { MEMBERS_COLUMN, MEMBERS_CSV_HEADER, memberCsvLine } from '../../src/formats/members-csv.ts';

const HEADER = `${MEMBERS_CSV_HEADER}\n`;

/** Reads a file that arrives in chunks of this many bytes. */
async function read(file: string | Buffer, pieceSize: number): Promise<string[][]> {
  const bytes = Buffer.from(file);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceSize) pieces.push(bytes.subarray(at, at + pieceSize));
  const chunks: string[][] = [];
  for await (const { entries } of readList(Readable.from(pieces), MEMBERS_COLUMN, 1000)) chunks.push([...entries]);
  return chunks;
}

it.each([
  [
    'a quote that is not closed for long',
    `${HEADER}"${'x\n'.repeat(600_000)}`,
    /^line 2: the quote opened here is not closed/,
  ],
  ['a line that never ends', `${HEADER}${'x'.repeat(1_200_000)}`, /^line 2: too long/],
  [
    'Windows-1252 far down, with line ends of one kind',
    Buffer.from(`${HEADER.trimEnd()}\r${'ada\r'.repeat(30_000)}Ren\xe9\x92s\r`, 'latin1'),
    /^line 30002: .*byte 0xE9/,
  ],
])('%s is refused', async (_title, file, message) => {
  await expect(read(file, 64 * 1024)).rejects.toThrow(message);
});

it('a list that was written is read back exactly, whatever the IDs and wherever the pieces end', async () => {
  const nasty = fc.constantFrom(
    '"',
    ',',
    '\n',
    '\r',
    '\r\n',
    ' ',
    '\t',
    '\ufeff',
    '👩‍👩‍👧',
    'a',
    '=',
    ';',
    '\u001a',
    '\u200b',
    '|',
    '\u0085',
    '\u2028',
  );
  const id = fc
    .oneof(
      fc.array(nasty, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }),
      fc.constant('"'.repeat(100)),
    )
    .filter((text) => text.isWellFormed() && !text.includes('\0'));
  const property = fc.asyncProperty(
    fc.array(id, { maxLength: 30 }),
    fc.integer({ min: 1, max: 200 }),
    async (list, pieceSize) => {
      const file = HEADER + list.map(memberCsvLine).join('');
      expect((await read(file, pieceSize)).flat()).toEqual(list);
    },
  );
  await fc.assert(property, { numRuns: 100 });
});

it('tells the delimiter below many rows of separators in a time that grows with their number alone', () => {
  const rows = ',\n'.repeat(100_000);
  expect(delimiterOf(MEMBERS_COLUMN, undefined)(`${rows}a;b\n`, true)).toEqual({ delimiter: ';', start: rows.length });
});

it('reads a million members in flat memory', async () => {
  const piece = Buffer.from(
    Array.from({ length: 1000 }, (_, n) => memberCsvLine(n % 10 === 0 ? `a,"${n}` : `customer-${n}`)).join(''),
  );
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.from(HEADER);
    for (let count = 0; count < 1000; count += 1) yield piece;
  }
  const before = process.memoryUsage().arrayBuffers;
  let count = 0;
  let most = 0;
  for await (const { entries } of readList(source(), MEMBERS_COLUMN, 1000)) {
    count += entries.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(count).toBe(1_000_000);
  // Thirteen megabytes pass through.
  expect(most).toBeLessThan(8 * 1024 * 1024);
});
