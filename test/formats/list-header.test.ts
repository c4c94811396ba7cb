/** The header of a list: its delimiter, its names, and the column that holds the entries. */

import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import {
  columnNames,
  columnNotChosen,
  delimiterOf,
  findColumn,
  type ListColumn,
} from '../../src/formats/list-header.ts';

const ID: ListColumn = { header: 'memberid', entry: 'an ID', check: () => undefined };

function refusal(run: () => unknown): object {
  try {
    run();
  } catch (error) {
    if (error instanceof DomainError)
      return { message: error.message, code: error.code, source: error.problems[0]?.source };
    throw error;
  }
  throw new Error('nothing is refused');
}

describe('the delimiter', () => {
  const told: [what: string, text: string, delimiter: string, start: number, wanted?: string][] = [
    ['a single column', 'memberid\nada\n', ',', 0],
    ['commas', 'a,b\n', ',', 0],
    ['semicolons', 'a;b\n', ';', 0],
    ['tabs', 'a\tb\n', '\t', 0],
    ['the most columns', 'a,b;c;d\n', ';', 0],
    ['as many columns', 'a,b;c\n', ',', 0],
    ['the header among fewer columns', 'a,b,c;memberid\n', ';', 0],
    ['the header in other words', 'a,b,c;Member_ID\n', ';', 0],
    ['the wanted name among fewer columns', 'a;b;c,E-Mail\n', ',', 0, 'e mail'],
    ['a name that is not wanted', 'a;b;c,E-Mail\n', ';', 0],
    ['a quote that only one of them allows', 'x;"a,b,c"\n', ';', 0],
    ['blank lines', '\n \r\n\t\ra;b\n', ';', 6],
    ['rows of separators alone', ';;\n , \na;b\n', ';', 7],
    ['nothing but separators', ';;\n;', ';', 3],
    ['nothing but rows of separators', ',\n,\n', ',', 2],
    ['a separator line', 'sep=|\na|b;c\n', '|', 6],
    ['a separator line in capitals', 'SEP=;\na\n', ';', 6],
    ['a separator line in quotes', '"sep=;"\na\n', ';', 8],
    ['a separator line that ends in blanks', 'sep=; \t\na\n', ';', 8],
    ['a separator line that ends with CRLF', 'sep=;\r\na\n', ';', 7],
    ['a separator line that ends with CR', 'sep=;\ra\n', ';', 6],
    ['blank lines after a separator line', 'sep=;\n\n  \na\n', ';', 10],
    ['blank lines before a separator line', '\n\nsep=;\na\n', ';', 8],
    ['a separator line of a letter', 'sep=x\na;b\n', ',', 0],
    ['a separator line of a digit', 'sep=1;b\n', ';', 0],
    ['a separator line of two characters', 'sep=;;\n', ';', 0],
    ['a separator line that is not at the beginning', 'x;sep=|\n', ';', 0],
    ['a separator line of a quote', 'sep="\n', ',', 0],
  ];

  it.each(told)('%s', (_, text, delimiter, start, wanted) => {
    expect(delimiterOf(ID, wanted)(text, true)).toEqual({ delimiter, start });
  });

  it.each(told.slice(0, 12))('%s, of a file that goes on', (_, text, delimiter, start, wanted) => {
    expect(delimiterOf(ID, wanted)(`${text}ada`, false)).toEqual({ delimiter, start });
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \n\t\n'],
    ['a line that may go on', 'a;b'],
    ['a line after blank ones that may go on', '\n\na;b'],
    ['half a line end', 'a;b\r'],
    ['rows of separators alone', ';;\n;\n'],
    ['a quoted field that may go on', 'a;"b\n'],
  ])('is not told by %s before the end of the file', (_, text) => {
    expect(delimiterOf(ID, undefined)(text, false)).toBeUndefined();
  });

  it('is told by a last line without an end', () => {
    for (const text of ['a;b', 'sep=;']) {
      expect(delimiterOf(ID, undefined)(text, true)).toEqual({ delimiter: ';', start: text === 'a;b' ? 0 : 5 });
    }
    expect(delimiterOf(ID, undefined)('', true)).toEqual({ delimiter: ',', start: 0 });
  });

  it('is refused with the line of a quote that is never closed', () => {
    const refused = refusal(() => delimiterOf(ID, undefined)('\n\r\n\r"a\n', true));
    expect(refused).toMatchObject({ message: 'line 4: the quote opened here is never closed', source: { line: '4' } });
    const below = refusal(() => delimiterOf(ID, undefined)(';\n;\n"a\n', true));
    expect(below).toMatchObject({ message: 'line 3: the quote opened here is never closed' });
  });
});

describe('the names', () => {
  it.each([
    [['a'], ['a']],
    [
      [' a ', '\tb\u00a0'],
      ['a', 'b'],
    ],
    [['a', '', ' '], ['a']],
    [
      ['', 'a', ''],
      ['', 'a'],
    ],
    [[''], ['']],
    [['', ''], ['']],
  ])('of %j are %j', (fields, names) => {
    expect(columnNames(fields)).toEqual(names);
  });
});

describe('the column', () => {
  it.each([
    [['memberid'], undefined, 0],
    [['Member ID'], undefined, 0],
    [['MEMBER-_ID'], undefined, 0],
    [['ｍember\u200b\u2060\ufeff\u200did'], undefined, 0],
    [['member.id'], undefined, undefined],
    [['memberid', 'name'], undefined, undefined],
    [['name', 'memberid'], undefined, undefined],
    [['id'], undefined, undefined],
    [['a', 'b'], 'b', 1],
    [['a', 'b'], ' b ', 1],
    [['A', 'a'], 'a', 1],
    [['x', 'E-Mail'], 'e mail', 1],
    [['x', 'y'], '1', 0],
    [['x', 'y'], ' 2 ', 1],
    [['2', 'y'], '2', 0],
    [['', 'y'], '1', 0],
  ])('of %j, with %j chosen: %j', (names, wanted, index) => {
    expect(findColumn(names, ID, wanted)).toBe(index);
  });

  it.each([
    [['a', 'b'], 'c', 'column: there is no column “c”; the file has 2 columns: “a”, “b”'],
    [['a', 'b'], '3', 'column: there is no column “3”; the file has 2 columns: “a”, “b”'],
    [['a', 'b'], '0', 'column: there is no column “0”; the file has 2 columns: “a”, “b”'],
    [['a'], 'c', 'column: there is no column “c”; the file has only the column “a”'],
    [['', 'b'], '-', 'column: there is no column “-”; the file has 2 columns: 1 (without a name), “b”'],
    [['x', 'a', 'a'], 'a', 'column: 2 columns are called “a”; name one by its number, such as 2'],
    [['A b', 'a_b', 'a-b'], 'ab', 'column: 3 columns are called “ab”; name one by its number, such as 1'],
  ])('of %j cannot be %j', (names, wanted, message) => {
    const refused = refusal(() => findColumn(names, ID, wanted));
    expect(refused).toEqual({ code: 'invalid', message, source: { parameter: 'column' } });
  });

  it('is to be chosen from the first twenty names', () => {
    const names = Array.from({ length: 21 }, (_, n) => `n${n}`);
    const listed = (count: number): string =>
      names
        .slice(0, count)
        .map((name) => `“${name}”`)
        .join(', ');
    expect(
      refusal(() => {
        throw columnNotChosen(names.slice(0, 20), ID, 1);
      }),
    ).toMatchObject({
      message: `column: the file has 20 columns: ${listed(20)}; name the one that holds an ID per line`,
      source: { line: '1' },
    });
    expect(columnNotChosen(names, ID, 3).message).toBe(
      `column: the file has 21 columns: ${listed(20)} and 1 more; name the one that holds an ID per line`,
    );
    expect(columnNotChosen(names, ID, 3).problems[0]?.source).toEqual({ line: '3' });
  });

  it('of another name is refused where it is the only one, with at most 60 characters of the name', () => {
    const refused = columnNotChosen(['x'.repeat(60)], ID, 2);
    expect(refused.problems[0]?.source).toEqual({ line: '2' });
    expect(refused.message).toContain(`line 2: expected the header memberid, found “${'x'.repeat(60)}”; add`);
    expect(columnNotChosen(['x'.repeat(61)], ID, 2).message).toContain(`found “${'x'.repeat(60)}…”; add`);
  });
});
