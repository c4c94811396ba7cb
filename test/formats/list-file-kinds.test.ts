/** What a file really is, told by its first bytes. */

import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { refuseOtherKinds } from '../../src/formats/list-file-kinds.ts';

/** The refusal of a file that begins with these bytes, given as Latin-1; undefined for a list. */
function refusalOf(head: string): string | undefined {
  try {
    refuseOtherKinds(Buffer.from(head, 'latin1'));
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ code: 'invalid', problems: [{ source: { line: 'N/A' } }] });
    return (error as DomainError).message;
  }
}

const BOM = '\xef\xbb\xbf';
const WORKBOOK = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1';

it.each([
  [WORKBOOK, /^this is an Excel workbook \(\.xls/],
  ['\x1f\x8b', /^this is gzip within gzip/],
  ['%PDF-', /^this is a PDF document/],
  ['{\\rtf', /^this is a text document \(RTF\)/],
  ['BZh1', /bzip2/],
  ['BZh9', /bzip2/],
  ['\xfd7zXZ\0', /compressed with xz/],
  ['\x28\xb5\x2f\xfd', /Zstandard/],
  ['7z\xbc\xaf\x27\x1c', /7-Zip/],
  ['Rar!\x1a\x07', /a RAR archive/],
  ['PAR1', /Parquet/],
  ['SQLite format 3\0', /SQLite/],
  ['PK\x03\x04', /^this is a zip archive/],
  ['PK\x05\x06', /^this is a zip archive/],
  ['PK\x07\x08', /^this is a zip archive/],
])('%j is told at the beginning of a file, and only there', (signature, message) => {
  expect(refusalOf(signature)).toMatch(message);
  expect(refusalOf(`${signature}rest`)).toMatch(message);
  expect(refusalOf(`x${signature}`)).toBeUndefined();
});

it.each(['BZh0', 'BZhx', 'PK', 'PK\x03\x06', 'PAR2', '{\\x', '%PDF', 'SQLite format 3', ''])(
  '%j tells nothing',
  (head) => {
    expect(refusalOf(head)).toBeUndefined();
  },
);

describe.each([
  [
    'a web page',
    /^this is a web page/,
    ['<!DOCTYPE html', '<!doctype \t html>', '<html', '<Head>', '<meta', '<body', '<table', '<script', '<!--'],
  ],
  ['XML', /^this is XML/, ['<?xml', '<?XML']],
  ['JSON', /^this is JSON/, ['["a"]', '{"a":1}', '[{', '{}', '[]', '[ \t{', '{\n"', '[[']],
])('%s', (_, message, starts) => {
  it.each(starts)('that begins with %j, after blanks and a byte order mark', (start) => {
    for (const before of ['', ' ', '\n \t', BOM, `${BOM} \n`]) expect(refusalOf(before + start)).toMatch(message);
    expect(refusalOf(`x${start}`)).toBeUndefined();
    expect(refusalOf(`x\n${start}`)).toBeUndefined();
  });
});

it.each(['<b>', '<!DOCTYPEhtml', '<!x', '<?x', '[a]', '{c}', '[', '{', '[1]', '< html'])(
  '%j may be an entry',
  (entry) => {
    expect(refusalOf(entry)).toBeUndefined();
  },
);

describe('a zip archive', () => {
  const local = 'PK\x03\x04';
  const named = (name: string, gap = 26): string => `${local}${'\x01'.repeat(gap)}${name}`;

  it.each([
    ['an OpenDocument spreadsheet', named('mimetypeapplication/vnd.oasis.opendocument.spreadsheet'), /OpenDocument/],
    ['an OpenDocument text', named('mimetypeapplication/vnd.oasis.opendocument.text'), /a zip archive/],
    ['Numbers', named('Index/Tables-1_a.iwa'), /Numbers/],
    ['Numbers with one character', named('Index/T.iwa'), /Numbers/],
    ['Numbers within an index', named('Index.zip'), /Numbers/],
    ['another index', named('Index/a b.iwa'), /a zip archive/],
    ['an index without a name', named('Index/.iwa'), /a zip archive/],
    ['a text document', named('word/document.xml'), /an Office document/],
    ['slides', named('ppt/slides'), /an Office document/],
    ['a text document further down', `${named('a.xml')}${named('word/')}`, /an Office document/],
    ['a folder called word', named('keyword/'), /a zip archive/],
    ['a name at another place', named('word/', 25), /a zip archive/],
    ['a workbook', named('xl/workbook.xml'), /an Excel workbook/],
    ['a workbook, contents first', named('[Content_Types].xml'), /an Excel workbook/],
    ['a workbook, relations first', named('_rels/.rels'), /an Excel workbook/],
    ['a workbook, properties first', named('docProps/app.xml'), /an Excel workbook/],
    ['a list', named('members.csv'), /a zip archive/],
  ])('%s', (_, head, message) => {
    expect(refusalOf(head)).toMatch(message);
  });

  it('is told from its first 4096 bytes', () => {
    const filler = 'x'.repeat(4096 - local.length - 'xl/'.length);
    expect(refusalOf(`${local}${filler}xl/`)).toMatch(/an Excel workbook/);
    expect(refusalOf(`${local}${filler}xxl/`)).toMatch(/a zip archive/);
  });
});

it.each([
  ['little end first', '\xff\xfe\0\0a\0\0\0'],
  ['big end first', '\0\0\xfe\xff\0\0\0a'],
])('UTF-32, %s', (_, head) => {
  expect(refusalOf(head)).toMatch(/^this is UTF-32/);
  expect(refusalOf(`ab${head}`) ?? '').not.toMatch(/UTF-32/);
});

describe('UTF-16 without a mark', () => {
  it.each([
    ['little end first', 'a\0b\0c\0', true],
    ['big end first', '\0a\0b\0c', true],
    ['one character', '\0a', true],
    ['one byte', '\0', false],
    ['nothing', '', false],
    ['a mark, little end first', '\xff\xfea\0b\0', false],
    ['a mark, big end first', '\xfe\xff\0a\0b', false],
    ['a mark of UTF-8', `${BOM}a\0b\0c\0d\0`, false],
    ['a mark further on', 'a\0b\0c\0\xff\xfe', true],
    ['no zeros', 'abcdefgh', false],
    ['a zero in every second character', 'a\0bcd\0ef', false],
    ['a zero in more of them', 'a\0b\0d\0ef', true],
    ['a zero at the other place for ten', `${'a\0'.repeat(10)}\0b`, true],
    ['a zero at the other place for nine', `${'a\0'.repeat(9)}\0b`, false],
    ['zeros everywhere', '\0\0\0\0', false],
  ])('%s', (_, head, isRefused) => {
    const refusal = refusalOf(head);
    if (isRefused) expect(refusal).toMatch(/^this is UTF-16 without a byte order mark/);
    else expect(refusal ?? 'UTF-32').not.toMatch(/UTF-16/);
  });
});
