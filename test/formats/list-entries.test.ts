/** The entries of a list with their lines, its refused lines, and its head. */

import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { RefusedLine } from '../../src/formats/delimited-rows.ts';
import { type ReadOptions, readList, readListHead } from '../../src/formats/list-entries.ts';
import { MEMBERS_COLUMN } from '../../src/formats/members-csv.ts';

const H = 'profileintegrationid';
const open = (file: string): Readable => Readable.from([Buffer.from(file)]);

/** What is read of a file, and which lines are refused. */
async function read(file: string, options: ReadOptions = {}) {
  const entries: [number, string][] = [];
  const refused: RefusedLine[] = [];
  const all = { ...options, onRefused: (line: RefusedLine) => refused.push(line) };
  for await (const chunk of readList(open(file), MEMBERS_COLUMN, 2, all)) {
    expect(chunk.lines).toHaveLength(chunk.entries.length);
    expect(chunk.entries.length).toBeGreaterThan(0);
    entries.push(...chunk.entries.map((entry, at): [number, string] => [chunk.lines[at] ?? 0, entry]));
  }
  return { entries, refused: refused.map(({ line, message }) => `${line}: ${message.slice(0, 20)}`) };
}

it.each<[string, string, [number, string][], string[], string?]>([
  [
    'lines',
    `${H}\nada\n\n"b\nc"\nd\n`,
    [
      [2, 'ada'],
      [4, 'b\nc'],
      [6, 'd'],
    ],
    [],
  ],
  [
    'a line that is refused',
    `${H}\nada\nb,c\nd\n`,
    [
      [2, 'ada'],
      [4, 'd'],
    ],
    ['3: more than one column'],
  ],
  ['a row that cannot be read', `${H}\n"a"b\nc\n`, [[3, 'c']], ['2: text after the closi']],
  [
    'a row of blanks beyond the header',
    `${H}\na, ,\nb\n`,
    [
      [2, 'a'],
      [3, 'b'],
    ],
    [],
  ],
  [
    'another column',
    `n;${H}\nx;a\ny;b;\nz;c;d\n`,
    [
      [2, 'a'],
      [3, 'b'],
    ],
    ['4: 3 columns, but the h'],
    H,
  ],
  [
    'a Ctrl-Z within the list',
    `${H}\na\n\x1a\nb\n`,
    [
      [2, 'a'],
      [4, 'b'],
    ],
    ['3: a Ctrl-Z before the '],
  ],
  [
    'an entry that ends with a Ctrl-Z',
    `${H}\na\x1a\nb\n`,
    [
      [2, 'a\x1a'],
      [3, 'b'],
    ],
    [],
  ],
  ['a Ctrl-Z at the end', `${H}\na\n\x1a`, [[2, 'a']], []],
  ['a Ctrl-Z after blanks at the end', `${H}\na\n \x1a`, [[2, 'a']], []],
  ['a Ctrl-Z after an entry at the end', `${H}\na\x1a`, [[2, 'a']], []],
  [
    'a Ctrl-Z in quotes',
    `${H}\n"\x1a"\n"a\x1a"`,
    [
      [2, '\x1a'],
      [3, 'a\x1a'],
    ],
    [],
  ],
  ['a Ctrl-Z in another column', `n;${H}\n\x1a;a\n`, [[2, 'a']], [], H],
  ['two of them', `${H}\n\x1a\n\x1a`, [], ['2: a Ctrl-Z before the ']],
])('%s', async (_, file, entries, refused, column) => {
  expect(await read(file, { column })).toEqual({ entries, refused });
});

describe('the head', () => {
  const rows = (count: number, cell = 'a'): string => `${cell}\n`.repeat(count);

  it.each([
    [0, 0],
    [4, 4],
    [5, 5],
    [6, 5],
  ])('of a list with %d rows has %d', async (count, shown) => {
    expect((await readListHead(open(`${H}\n${rows(count)}`), MEMBERS_COLUMN)).rows).toEqual(
      Array.from({ length: shown }, () => ['a']),
    );
  });

  it('has at most 100 columns of 100 characters', async () => {
    const names = Array.from({ length: 101 }, (_, n) => (n === 0 ? 'x'.repeat(101) : `n${n}`));
    const { columns, rows: shown } = await readListHead(
      open(`${names.join(',')}\n${'y'.repeat(101)},${'z'.repeat(100)}\n`),
      MEMBERS_COLUMN,
    );
    expect(columns).toEqual(['x'.repeat(100), ...names.slice(1, 100)]);
    expect(shown).toEqual([['y'.repeat(100), 'z'.repeat(100), ...Array.from({ length: 98 }, () => '')]]);
  });

  it('leaves out rows that cannot be read', async () => {
    const { rows: shown } = await readListHead(open(`${H}\n"a"b\nc\n`), MEMBERS_COLUMN);
    expect(shown).toEqual([['c']]);
  });

  it.each([
    ['"a"b\n', /^line 1: text after the closing quote/],
    ['\n\n', /^line 1: expected the header profileintegrationid, but the file is empty$/],
  ])('of %j is refused', async (file, message) => {
    await expect(readListHead(open(file), MEMBERS_COLUMN)).rejects.toThrow(message);
  });
});
