/** Rows cut from text in pieces: their fields, their lines, and what is refused. */

import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { type RefusedLine, type Row, readRows } from '../../src/formats/delimited-rows.ts';

async function rowsOf(text: string, size = text.length, delimiter = ',', start = 0): Promise<(Row | RefusedLine)[]> {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
  const found: (Row | RefusedLine)[] = [];
  const tell = (known: string, isEnd: boolean) => (known.length >= start || isEnd ? { delimiter, start } : undefined);
  for await (const rows of readRows(Readable.from(pieces), tell)) found.push(...rows);
  return found;
}

const row = (line: number, ...fields: string[]) => ({ line, fields, isQuoted: false });
const quoted = (line: number, ...fields: string[]) => ({ line, fields, isQuoted: true });
const after = (line: number) => ({ line, message: expect.stringMatching(/^text after the closing quote/) as string });
const inside = (line: number) => ({ line, message: expect.stringMatching(/^a quote inside a field/) as string });
const formula = (line: number, text: string) => ({
  line,
  message: expect.stringMatching(new RegExp(`^a formula, ${text}, that`)) as string,
});

it.each([
  ['nothing', '', []],
  ['one field', 'a', [row(1, 'a')]],
  ['fields', 'a,b\nc,,d\r\n,e\r', [row(1, 'a', 'b'), row(2, 'c', '', 'd'), row(3, '', 'e')]],
  ['an empty field at the end', 'a,\nb,', [row(1, 'a', ''), row(2, 'b', '')]],
  ['quoted fields', '"a,b",c\n"x""y"\n', [quoted(1, 'a,b', 'c'), quoted(2, 'x"y')]],
  ['a quoted field further right', 'a,"b"\nc\n', [quoted(1, 'a', 'b'), row(2, 'c')]],
  ['a quoted field at the end', 'a\n"b"', [row(1, 'a'), quoted(2, 'b')]],
  ['lines in a field', '"a\nb\r\nc\rd"\ne\n', [quoted(1, 'a\nb\r\nc\rd'), row(5, 'e')]],
  ['lines in a field of a last row', 'x\n"a\n\n"', [row(1, 'x'), quoted(2, 'a\n\n')]],
  ['blank rows', '\n \t\na\n,, \n\r\n\rb\n', [row(3, 'a'), row(7, 'b')]],
  ['a blank in quotes', '" "\n""\n"",""\n"", \n', [quoted(1, ' '), quoted(2, ''), quoted(4, '', ' ')]],
  ['text after a quote', '"a"b\n"a" ,c\nd\n', [after(1), after(2), row(3, 'd')]],
  ['a quote inside a field', 'a"b\nx,c"\nd\n', [inside(1), inside(2), row(3, 'd')]],
  ['a formula', '="1"\n ="2",x\nx="3"\n', [formula(1, '="1"'), formula(2, ' ="2"'), inside(3)]],
  ['a long formula', `="${'9'.repeat(50)}"\n`, [formula(1, `="${'9'.repeat(38)}`)]],
  ['two faults, the first of which counts', '"a"b,c"\nc"d,"a"b\n', [after(1), inside(2)]],
  ['a fault below lines in a field', '"a\nb",c"d\ne\n', [inside(1), row(3, 'e')]],
])('%s', async (_, text, expected) => {
  for (const size of [64 * 1024, 1, 2, 3]) expect(await rowsOf(text, size)).toEqual(expected);
});

it('counts the lines before the first row', async () => {
  expect(await rowsOf('x\r\ny\n\rb;c,d\n', 1, ';', 6)).toEqual([row(4, 'b', 'c,d')]);
});

it.each([
  ['"a', 1],
  ['a\n"b\nc\n', 2],
  ['a\n"b\n\n",x\ny,"z\n', 5],
  ['a\n"b\n\n","z\n', 4],
])('%j is refused at the quote that is never closed', async (text, line) => {
  const refused = { code: 'invalid', problems: [{ source: { line: String(line) } }] };
  for (const size of [64, 1]) await expect(rowsOf(text, size)).rejects.toMatchObject(refused);
  await expect(rowsOf(text)).rejects.toThrow(`line ${line}: the quote opened here is never closed`);
});

it('a row of more than a mebibyte is refused while it arrives', async () => {
  const most = 'x'.repeat(1024 * 1024);
  expect(await rowsOf(most)).toEqual([row(1, most)]);
  await expect(rowsOf(`a\n${most}y`)).rejects.toThrow(/^line 2: too long for a row \(more than 1 MiB\)$/);
  await expect(rowsOf(`a\n"${most}`)).rejects.toThrow(/^line 2: the quote opened here is not closed soon enough \(/);
  await expect(rowsOf(`${most}y`, most.length + 1, ',', 2 ** 21)).rejects.toThrow(/^line 1: too long for a row/);
});
