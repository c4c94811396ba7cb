/**
 * Lists as common tools write them: a table of files, each of which is read, refused with the actual cause, or warned
 * about.
 */

import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { refuseAlteredEntries } from '../../src/domain/list-warnings.ts';
import { readAllowedListCsv } from '../../src/formats/allowed-list-csv.ts';
import { type ReadOptions, readList, readListHead } from '../../src/formats/list-entries.ts';
import { ListWarnings } from '../../src/formats/list-warnings.ts';
import { MEMBERS_COLUMN } from '../../src/formats/members-csv.ts';

const H = 'profileintegrationid';

function pieces(file: string | Buffer, size: number): Readable {
  const bytes = Buffer.from(file);
  const all: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) all.push(bytes.subarray(at, at + size));
  return Readable.from(all);
}

async function read(file: string | Buffer, options: ReadOptions = {}, size = 64 * 1024): Promise<string[]> {
  const found: string[] = [];
  for await (const { entries } of readList(pieces(file, size), MEMBERS_COLUMN, 1000, options)) found.push(...entries);
  return found;
}

const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const bigEndian = (text: string): Buffer => utf16(text).swap16();
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
/** The first bytes of a zip archive whose first file has this name. */
const zip = (name: string, content = ''): Buffer =>
  Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(26), Buffer.from(`${name}${content}`)]);

describe('reads', () => {
  const files: [what: string, file: string | Buffer, expected: string[], column?: string][] = [
    ['UTF-16, little end first', utf16(`${H}\r\nada\r\nmüller\r\n👍\r\n`), ['ada', 'müller', '👍']],
    ['UTF-16, big end first', bigEndian(`${H}\nada\nmüller\n👍\n`), ['ada', 'müller', '👍']],
    ['UTF-16 with several columns', utf16(`${H}\tname\r\nada\tAda\r\n`), ['ada'], H],
    ['lone carriage returns', `${H}\rada\rbob\r`, ['ada', 'bob']],
    ['lone carriage returns, none at the end', `${H}\rada\rbob`, ['ada', 'bob']],
    ['all line ends in one file', `${H}\rada\nbob\r\neve\r\rjoe\n\r\nkim`, ['ada', 'bob', 'eve', 'joe', 'kim']],
    ['trailing commas', `${H},\r\nada,\r\nbob,\r\n`, ['ada', 'bob']],
    ['trailing semicolons', `${H};\r\nada;\r\nbob;\r\n`, ['ada', 'bob']],
    ['many of them, also in quotes', `"${H}";"";""\n"ada";"";""\n"bob"\n"eve";\n"";"";""\n`, ['ada', 'bob', 'eve']],
    ['trailing tabs', `${H}\t\t\nada\t\t\nbob\n`, ['ada', 'bob']],
    ['an empty column in the rows alone', `${H}\nada,\nbob,,\n`, ['ada', 'bob']],
    ['rows without content', `${H},\n,\n,,\n ,\t\nada,\n`, ['ada']],
    ['rows without content before the header', `;;\n \n${H};;\nada;;\n`, ['ada']],
    ['a comma in the entries of a file with semicolons', `${H};\na,b;\n`, ['a,b']],
    ['a semicolon in the entries of a file of one column', `${H}\na;b\nc\n`, ['a;b', 'c']],
    ['a sep= line', `sep=,\r\n${H}\r\nada\r\n`, ['ada']],
    ['a sep= line in quotes, in capitals', `"SEP=;"\n\n${H};\nada,x;\n`, ['ada,x']],
    ['a sep= line with another separator', `\ufeffsep=|\r\n${H}|name\r\nada|Ada, B; C\r\n`, ['ada'], H],
    ['a sep= line with a tab, in UTF-16', utf16(`sep=\t\r\n${H}\tn\r\nada\t1\r\n`), ['ada'], H],
    ['the header with blanks', `Profile Integration ID\nada\n`, ['ada']],
    ['the header with underscores', `profile_integration_id\nada\n`, ['ada']],
    ['the header with hyphens', `Profile-Integration-Id\nada\n`, ['ada']],
    ['the header in camel case', `profileIntegrationId\nada\n`, ['ada']],
    ['the header with a no-break space, in quotes', `" Profile\u00a0Integration ID "\nada\n`, ['ada']],
    ['the header after two byte order marks', `\ufeff\ufeff${H}\nada\n`, ['ada']],
    ['gzip', gzipSync(`${H}\nada\n`), ['ada']],
    ['gzip of UTF-16', gzipSync(utf16(`${H}\r\nmüller\r\n`)), ['müller']],
    ['gzip in two members', Buffer.concat([gzipSync(`${H}\nada\n`), gzipSync('bob\n')]), ['ada', 'bob']],
    ['the chosen column', `${H};name\r\nada;Ada\r\nbob;Bob\r\n`, ['ada', 'bob'], H],
    [
      'a chosen column of another name',
      `name,e-mail\nAda,ada@x\n"Bob, jr.","b""ob@x"\n`,
      ['ada@x', 'b"ob@x'],
      'E-Mail',
    ],
    ['a chosen column by number', `\tname\nada\tAda\n`, ['ada'], '1'],
    ['a chosen column, named less exactly', `Member ID,name\nada,Ada\n`, ['ada'], 'member_id'],
    ['a single column of another name, chosen', `customer\nada\n`, ['ada'], 'customer'],
    ['lines within fields of another column', `${H},note\nada,"two\r\nlines"\nbob,\n`, ['ada', 'bob'], H],
    ['a delimiter that only the chosen column tells', `a;b,c;d\n1;2,3;4\n`, ['2,3'], 'b,c'],
    ['a last Ctrl-Z', `${H}\r\nada\r\n\x1a`, ['ada']],
    ['a last Ctrl-Z on the last line', `${H}\r\nada\r\nbob\x1a`, ['ada', 'bob']],
    ['a last Ctrl-Z with several columns', `name,${H}\nAda,ada\n\x1a`, ['ada'], H],
    ['an ID in parentheses, brackets, angles', `${H}\n[a]\n<b>\n{c}\n`, ['[a]', '<b>', '{c}']],
    ['an ID with a decimal comma in a file with semicolons', `${H};\n1,5;\n`, ['1,5']],
  ];

  it.each(files)('%s', async (_, file, expected, column) => {
    for (const size of [64 * 1024, 1, 7]) expect(await read(file, { column }, size)).toEqual(expected);
  });
});

describe('refuses', () => {
  const big = 'ada\n'.repeat(2000);
  const files: [what: string, file: string | Buffer, message: RegExp, column?: string][] = [
    ['a workbook', zip('[Content_Types].xml'), /^this is an Excel workbook; save it as CSV/],
    ['a workbook of another order', zip('_rels/.rels'), /^this is an Excel workbook/],
    ['a workbook within gzip', gzipSync(zip('xl/workbook.xml')), /^this is an Excel workbook/],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /^this is an Excel workbook \(\.xls/],
    [
      'an OpenDocument spreadsheet',
      zip('mimetype', 'application/vnd.oasis.opendocument.spreadsheet'),
      /^this is an OpenDocument spreadsheet/,
    ],
    ['a Numbers document', zip('Index/Document.iwa'), /^this is a Numbers spreadsheet/],
    ['a text document', zip('word/document.xml'), /^this is an Office document/],
    ['a zip archive', zip('members.csv', `${H}\nada\n`), /^this is a zip archive; unpack it/],
    ['an empty zip archive', Buffer.from(`PK\x05\x06${'\0'.repeat(18)}`), /^this is a zip archive/],
    ['a web page', '\n<!DOCTYPE html><html>', /^this is a web page \(HTML\)/],
    ['a table of HTML', '<table><tr><td>ada', /^this is a web page \(HTML\)/],
    ['XML', '\ufeff<?xml version="1.0"?><Workbook>', /^this is XML/],
    ['JSON', ' [ {"profileintegrationid": "ada"} ]', /^this is JSON/],
    ['PDF', '%PDF-1.7\n', /^this is a PDF document/],
    ['7-Zip', Buffer.from('377abcaf271c0004', 'hex'), /^this is a 7-Zip archive/],
    ['Parquet', 'PAR1\x15', /^this is a Parquet file/],
    ['gzip twice', gzipSync(gzipSync(`${H}\nada\n`)), /^this is gzip within gzip/],
    ['gzip cut off', gzipSync(`${H}\n${big}`).subarray(0, -12), /^the gzip file is truncated/],
    [
      'gzip that is damaged',
      Buffer.concat([gzipSync(`${H}\nada\n`).subarray(0, 12), Buffer.alloc(20, 7)]),
      /^the gzip file is damaged/,
    ],
    ['UTF-16 without a mark', utf16(`${H}\r\nada\r\n`).subarray(2), /^this is UTF-16 without a byte order mark/],
    ['the same, big end first', bigEndian(`${H}\nmüller\n`).subarray(2), /^this is UTF-16 without a byte order mark/],
    ['UTF-32', Buffer.from('fffe000070000000', 'hex'), /^this is UTF-32/],
    ['half a character of UTF-16', utf16(`${H}\nada\nbob`).subarray(0, -1), /^line 3: not valid UTF-/],
    ['half a pair of UTF-16', utf16(`${H}\nada\nb\ud83d\n`), /^line 3: not valid UTF-16/],
    [
      'Windows-1252',
      latin1(`${H}\nada\nm\xfcller@x\n`),
      /^line 3: not valid UTF-8 \(byte 0xFC\); the file looks like Windows-1252, “müller@x”/,
    ],
    ['Windows-1252 in another column', latin1(`${H};name\nada;M\xfcller\n`), /^line 2: .*“Müller”/, H],
    ['Windows-1252 in the header', latin1(`${H};stra\xdfe\nada;x\n`), /^line 1: .*Windows-1252/, H],
    ['another code page', Buffer.from(`${H}\nm\x81ller\n`, 'latin1'), /^line 2: not valid UTF-8 \(byte 0x81\); save/],
    ['text after a quote', `${H}\nada\n"bob" b\n`, /^line 3: text after the closing quote/],
    ['text after a quote, further right', `${H},n\nada,"A"x\n`, /^line 2: text after the closing quote/, H],
    ['a formula around a value', `${H}\n="00123"\n`, /^line 2: a formula, ="00123", .*export only the value, as text/],
    [
      'several columns',
      `${H};name\nada;Ada\n`,
      new RegExp(`^column: the file has 2 columns: “${H}”, “name”; name the one`),
    ],
    ['a column without a name', `;name\nada;Ada\n`, /2 columns: 1 \(without a name\), “name”/],
    ['a column there is not', `${H};name\nada;Ada\n`, /^column: there is no column “e-mail”; the file has 2/, 'e-mail'],
    ['a column there is twice', `id,id\na,b\n`, /^column: 2 columns are called “id”; .*such as 1/, 'id'],
    [
      'a column that a single one is not',
      `${H}\nada\n`,
      /^column: there is no column “id”; the file has only the/,
      'id',
    ],
    [
      'a member in the place of the header',
      'ada\nbob\n',
      /^line 1: expected the header profileintegrationid, found “ada”/,
    ],
    ['an item in the place of an ID', 'item\nada\n', /^line 1: expected the header profileintegrationid, found “item”/],
    ['a sep= line alone', 'sep=;\n', /^line 1: expected the header .*the file is empty/],
    ['rows of separators alone', ',\n,\n', /^line 1: expected the header .*the file is empty/],
    ['more columns than the header has', `${H};name\nada;Ada;x\n`, /^line 2: 3 columns, but the header has 2/, H],
    ['a row without the chosen column', `name;${H}\nAda;ada\nBob\n`, /^line 3: an ID of 0 characters/, H],
  ];

  it.each(files)('%s', async (_, file, message, column) => {
    for (const size of [64 * 1024, 3]) {
      const refused = read(file, { column }, size);
      await expect(refused).rejects.toThrow(message);
      await expect(refused).rejects.toMatchObject({
        code: 'invalid',
        problems: [{ source: expect.anything() as object }],
      });
    }
  });

  it('what unpacks to too much, at the first byte of it', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(`${H}\n`), Buffer.alloc(50_000, '\n')]));
    expect(await read(bomb, { maxUnpackedBytes: 50_000 + H.length + 1 })).toEqual([]);
    const refused = read(bomb, { maxUnpackedBytes: 50_000 + H.length });
    await expect(refused).rejects.toMatchObject({ code: 'too_large' });
  });

  it('and lets go of the file', async () => {
    for (const content of [zip('a'), `${H}\n"a"b\n`, gzipSync(zip('a')), gzipSync(`${H}\n"a"b\n`)]) {
      const file = pieces(content, 4);
      await expect(
        (async () => {
          for await (const _ of readList(file, MEMBERS_COLUMN, 10));
        })(),
      ).rejects.toThrow(DomainError);
      expect(file.destroyed).toBe(true);
    }
  });
});

describe('warns of', () => {
  async function warningsOf(file: string, column?: string) {
    const warnings = new ListWarnings();
    await read(file, { warnings, column });
    return warnings.list();
  }
  const lines = (...entries: string[]): string => `${H}\r\n${entries.map((each) => `${each}\r\n`).join('')}`;

  it.each([
    ['1.23457E+15', true],
    ['"1,23457E+15"', true],
    ['4.91234E+11', true],
    ['9.9E+101', true],
    ['4.91234E+10', false],
    ['1E+15', false],
    ['12.5E+15', false],
    ['1.23457e+15', false],
    ['1.23457E15', false],
    ['1.23457E-15', false],
    ['-1.23457E+15', false],
    ['1.23457E+15x', false],
    ['1.E+15', false],
    ['x1.2E+15', false],
  ])('%s as a number that was shortened: %s', async (entry, isShortened) => {
    const found = await warningsOf(lines('ada', entry));
    expect(found.map(({ kind, count }) => [kind, count])).toEqual(isShortened ? [['shortenedNumber', 1]] : []);
    const refuse = (): void => refuseAlteredEntries(found, 'x=true');
    if (isShortened) expect(refuse).toThrow(/line 3: .*confirm with x=true/);
    else refuse();
  });

  it.each([' ada', 'ada ', 'ada\t', '\u00a0ada', 'ada\u202f', '\u200bada', 'ada\ufeff', '"ada "', 'ada\u2060'])(
    'a blank around %j',
    async (entry) => {
      const [found, ...others] = await warningsOf(lines('bob', entry, 'eve'));
      expect(others).toEqual([]);
      expect(found).toMatchObject({
        kind: 'outerBlank',
        count: 1,
        samples: [{ line: 3, entry: entry.replaceAll('"', '') }],
      });
    },
  );

  it('nothing else', async () => {
    const file = lines('ada lovelace', 'a;b', '👩‍👩‍👧', 'é', '1.5', '=1+1', '"="', 'x'.repeat(1000));
    expect(await warningsOf(file)).toEqual([]);
    expect(await warningsOf(lines())).toEqual([]);
    expect(await warningsOf(`${H};name\nada;1.23457E+15\nbob; x\n`, H)).toEqual([]);
  });

  it('a separator in every line, and not in all but one', async () => {
    for (const separator of [';', '\t', '|']) {
      const found = await warningsOf(lines(`ada${separator}1`, `bob${separator}2`));
      expect(found).toMatchObject([{ kind: 'separator', count: 2, samples: [{ line: 2 }, { line: 3 }] }]);
      expect(await warningsOf(lines(`ada${separator}1`, 'bob'))).toEqual([]);
    }
    expect(await warningsOf(lines('"ada,1"', '"bob,2"'))).toMatchObject([{ kind: 'separator', count: 2 }]);
  });

  it('a formula in quotes', async () => {
    const found = await warningsOf(lines('ada', '"=""00123"""'));
    expect(found).toMatchObject([{ kind: 'formula', count: 1, samples: [{ line: 3, entry: '="00123"' }] }]);
    expect(() => refuseAlteredEntries(found, 'x')).toThrow(/formulas/);
  });

  it('a Ctrl-Z that ends the file', async () => {
    expect(await warningsOf(`${lines('ada')}\x1a`)).toMatchObject([
      { kind: 'endMark', count: 1, samples: [{ line: 3 }] },
    ]);
    expect(await warningsOf(`${lines('ada')}\x1a\r\n`)).toMatchObject([{ kind: 'endMark' }]);
    expect(await warningsOf(lines('ada', '"\x1a"'))).toEqual([]);
  });

  it('many, of which it shows the first five', async () => {
    const [found] = await warningsOf(lines(...Array.from({ length: 2000 }, (_, n) => `${n} `)));
    expect(found).toMatchObject({
      count: 2000,
      samples: [0, 1, 2, 3, 4].map((n) => ({ line: n + 2, entry: `${n} ` })),
    });
    expect(found?.message).toMatch(/^2000 of 2000 begin or end with a blank/);
  });
});

describe('the head', () => {
  it('shows the first rows to whoever must choose the column', async () => {
    const file = `\ufeff${H};name;\r\n${'ada;"A;da"\r\n'.repeat(9)}`;
    expect(await readListHead(pieces(file, 5), MEMBERS_COLUMN)).toEqual({
      columns: [H, 'name'],
      rows: Array.from({ length: 5 }, () => ['ada', 'A;da']),
      isChosen: false,
    });
    expect(await readListHead(pieces(file, 5), MEMBERS_COLUMN, { column: 'name' })).toMatchObject({ isChosen: true });
  });

  it('says that no choice is needed, and whether the first line is a header', async () => {
    expect(await readListHead(pieces(`${H}\nada\n`, 9), MEMBERS_COLUMN)).toEqual({
      columns: [H],
      rows: [['ada']],
      isChosen: true,
    });
    expect(await readListHead(pieces('ada\nbob\n', 9), MEMBERS_COLUMN)).toEqual({
      columns: ['ada'],
      rows: [['bob']],
      isChosen: false,
    });
    await expect(readListHead(pieces('', 9), MEMBERS_COLUMN)).rejects.toThrow(/the file is empty/);
    await expect(readListHead(pieces(zip('a'), 9), MEMBERS_COLUMN)).rejects.toThrow(/zip archive/);
  });
});

it('reads lists of allowed values alike', async () => {
  const items = async (file: string | Buffer, options?: ReadOptions): Promise<string[]> => {
    const found: string[] = [];
    for await (const chunk of readAllowedListCsv(pieces(file, 3), 'number', 10, options)) found.push(...chunk);
    return found;
  };
  expect(await items(gzipSync(utf16('Item\t\r\n1.50\t\r\n2\t\r\n')))).toEqual(['1.5', '2']);
  expect(await items('name;size\nS;1\nM;2\n', { column: 'size' })).toEqual(['1', '2']);
  await expect(items('name;item\nS;1\n')).rejects.toThrow(/^column: .*“name”, “item”; name the one that holds an item/);
  await expect(items(zip('xl/workbook.xml'))).rejects.toThrow(/Excel/);
});
