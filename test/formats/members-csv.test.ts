/** Member lists as CSV: what is read, what is refused with its line, and that written lists are read back. */

import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { readList } from '../../src/formats/list-entries.ts';
import { MEMBERS_COLUMN, MEMBERS_CSV_HEADER, memberCsvLine } from '../../src/formats/members-csv.ts';

/** Reads a file that arrives in chunks of this many bytes. */
async function read(file: string | Buffer, pieceSize = 64 * 1024, chunkSize = 1000): Promise<string[][]> {
  const bytes = Buffer.from(file);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceSize) pieces.push(bytes.subarray(at, at + pieceSize));
  const chunks: string[][] = [];
  for await (const { entries } of readList(Readable.from(pieces), MEMBERS_COLUMN, chunkSize)) chunks.push([...entries]);
  return chunks;
}

async function ids(file: string | Buffer, pieceSize?: number): Promise<string[]> {
  return (await read(file, pieceSize)).flat();
}

const HEADER = `${MEMBERS_CSV_HEADER}\n`;

describe('reading', () => {
  const files: [string, string, string[]][] = [
    ['a plain list', `${HEADER}ada\nbob\n`, ['ada', 'bob']],
    ['no line end at the end', `${HEADER}ada\nbob`, ['ada', 'bob']],
    ['CRLF', 'profileintegrationid\r\nada\r\nbob\r\n', ['ada', 'bob']],
    ['line ends of both kinds', 'profileintegrationid\r\nada\nbob\r\neve\n', ['ada', 'bob', 'eve']],
    ['line ends of both kinds, LF first', 'profileintegrationid\nada\r\nbob\n', ['ada', 'bob']],
    ['a byte order mark', `\ufeff${HEADER}ada\n`, ['ada']],
    ['a byte order mark before a quoted header', '\ufeff"profileintegrationid"\nada\n', ['ada']],
    ['a header in capitals, with blanks', ' ProfileIntegrationID \nada\n', ['ada']],
    ['blank lines anywhere', `\n\r\n${HEADER}\n  \nada\n\n\t\r\nbob\n\n`, ['ada', 'bob']],
    ['only the header', 'profileintegrationid', []],
    ['a Ctrl-Z inside an ID', `${HEADER}ad\u001aa\nbo\u001a\neve\n`, ['ad\u001aa', 'bo\u001a', 'eve']],
    ['duplicates', `${HEADER}ada\nada\n`, ['ada', 'ada']],
    [
      'quotes',
      `${HEADER}"a,b"\n"say ""hi"""\n"two\nlines"\n"\r\n"\r\n""""\n`,
      ['a,b', 'say "hi"', 'two\nlines', '\r\n', '"'],
    ],
    ['blanks that belong to the ID', `${HEADER} ada \n" "\n`, [' ada ', ' ']],
    ['an ID like the header', `${HEADER}profileintegrationid\n`, ['profileintegrationid']],
    ['what a spreadsheet would calculate', `${HEADER}=1+1\n@x\n`, ['=1+1', '@x']],
    [
      'letters of any script, control characters',
      `${HEADER}žluťoučký\n👩‍👩‍👧\n\u0001\u2028\u0085\n\ufeffx\n`,
      ['žluťoučký', '👩‍👩‍👧', '\u0001\u2028\u0085', '\ufeffx'],
    ],
    [
      'IDs of 1000 characters',
      `${HEADER}${'👍'.repeat(1000)}\n"${'""'.repeat(1000)}"\n`,
      ['👍'.repeat(1000), '"'.repeat(1000)],
    ],
  ];

  it.each(files)('takes %s', async (_, file, expected) => {
    expect(await ids(file)).toEqual(expected);
    // Chunks may end anywhere: inside a character, a quote or a line end.
    expect(await ids(file, 1)).toEqual(expected);
    expect(await ids(file, 7)).toEqual(expected);
  });

  it('yields chunks of the size asked for', async () => {
    const chunks = await read(`${HEADER}${'ada\n'.repeat(25)}`, 1024, 10);
    expect(chunks.map(({ length }) => length)).toEqual([10, 10, 5]);
  });
});

describe('refusing', () => {
  const files: [string, string | Buffer, RegExp][] = [
    ['nothing at all', '', /^line 1: expected the header/],
    ['a missing header', 'ada\nbob\n', /^line 1: expected the header/],
    ['a missing header after blank lines', '\n\nada\n', /^line 3: expected the header/],
    ['another header', 'id\nada\n', /^line 1: expected the header/],
    ['two columns', `${HEADER}ada\nbob,1\n`, /^line 3: more than one column/],
    ['two columns, the first in quotes', `${HEADER}"ada",1\n`, /^line 2: more than one column/],
    ['a Ctrl-Z between lines', `${HEADER}ada\n\u001a\nbob\n`, /^line 3: a Ctrl-Z before the end/],
    ['an empty ID in quotes', `${HEADER}ada\n""\n`, /^line 3: an ID of 0 characters/],
    ['1001 characters', `${HEADER}${'👍'.repeat(1001)}\n`, /^line 2: an ID of 1001 characters/],
    ['a NUL', `${HEADER}a\0b\n`, /^line 2: the ID contains a NUL/],
    ['a quote inside an ID', `${HEADER}ada\nsay "hi"\n`, /^line 3: a quote inside a field/],
    ['text after a closing quote', `${HEADER}"ada"x\n`, /^line 2: text after the closing quote/],
    ['a quote that is never closed', `${HEADER}ada\n"bob\neve\n`, /^line 3: the quote opened here is never closed/],
    ['bytes that are no UTF-8', Buffer.from(`${HEADER}ada\nM\xfcller\n`, 'latin1'), /^line 3: not valid UTF-8/],
    [
      'UTF-8 cut short',
      Buffer.concat([Buffer.from(`${HEADER}ada\n`), Buffer.from('👍').subarray(0, 3)]),
      /^line 3: not valid UTF-8/,
    ],
    [
      'a surrogate in UTF-8',
      Buffer.concat([Buffer.from(HEADER), Buffer.from([0xed, 0xa0, 0x80])]),
      /^line 2: not valid UTF-8/,
    ],
    ['a line after IDs of several lines', `${HEADER}"a\nb\r\nc"\nok\nbad,x\n`, /^line 6: more than one column/],
  ];

  it.each(files)('%s', async (_, file, message) => {
    for (const pieceSize of [64 * 1024, file.length > 10_000 ? 9999 : 5]) {
      const refused = ids(file, pieceSize);
      await expect(refused).rejects.toThrow(message);
      await expect(refused).rejects.toMatchObject({
        code: 'invalid',
        problems: [{ source: { line: message.source.match(/\d+/)?.[0] } }],
      });
      await expect(refused).rejects.toBeInstanceOf(DomainError);
    }
  });

  it('passes on what the source fails with', async () => {
    const source = Readable.from(
      (async function* () {
        yield Buffer.from(HEADER);
        throw new Error('the disk is gone');
      })(),
    );
    await expect(readList(source, MEMBERS_COLUMN, 10).next()).rejects.toThrow('the disk is gone');
  });
});

describe('writing', () => {
  it('quotes only what needs it', () => {
    expect(['ada', 'a b', '=1'].map(memberCsvLine)).toEqual(['ada\n', 'a b\n', '=1\n']);
    expect(
      ['a,b', 'a;b', 'a\tb', '\u001a', '\u200ba', 'a"b', ' a', 'a\t', 'a\rb', '"', '\u00a0a', '\ufeff'].map(
        memberCsvLine,
      ),
    ).toEqual([
      '"a,b"\n',
      '"a;b"\n',
      '"a\tb"\n',
      '"\u001a"\n',
      '"\u200ba"\n',
      '"a""b"\n',
      '" a"\n',
      '"a\t"\n',
      '"a\rb"\n',
      '""""\n',
      '"\u00a0a"\n',
      '"\ufeff"\n',
    ]);
  });
});
