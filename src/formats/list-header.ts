/** The header of a list: its delimiter, the names of its columns, and which of them holds the entries. */

import { type DomainError, invalid } from '../domain/errors.ts';
import { countLineEnds, lineProblem, RowCutter, type TellDelimiter } from './delimited-rows.ts';

const DELIMITERS = [',', ';', '\t'];
// Spreadsheets write and read this line before the header.
const SEPARATOR_LINE = /^"?sep=([^\p{L}\p{N}"\r\n])"?[ \t]*(\r\n|\r|\n|$)/iu;
const BLANK_LINES = /^(?:[^\S\r\n]*(?:\r\n|\r|\n))*/;
const MAX_NAMED_COLUMNS = 20;
const MAX_NAME_LENGTH = 60;

/** What distinguishes one kind of list from another. */
export interface ListColumn {
  /** The header of its column, in lower case without blanks, underscores and hyphens. */
  readonly header: string;
  /** The noun for an entry, with its article. */
  readonly entry: string;
  /** Says what is wrong with an entry; undefined when it is valid. */
  check(entry: string): string | undefined;
}

/** `Profile Integration ID` and `profile_integration_id` are the same name. */
function normalizeName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\-\u200b-\u200d\u2060\ufeff]/gu, '');
}

/** The names in a header, in readable form. */
export function columnNames(fields: readonly string[]): string[] {
  const names = fields.map((field) => field.trim());
  while (names.length > 1 && names.at(-1) === '') names.pop();
  return names;
}

/** Determines the delimiter from a `sep=` line, or else from the header. */
export function delimiterOf({ header }: ListColumn, wanted: string | undefined): TellDelimiter {
  const sought = [header, ...(wanted === undefined ? [] : [normalizeName(wanted)])];
  return (text, isEnd) => {
    // A carriage return at the end may be the first half of a line end.
    if (!isEnd && (text === '' || text.endsWith('\r') || !/\S/.test(text))) return undefined;
    let start = skipBlankLines(text, 0);
    if (!isEnd && !/[\r\n]/.test(text.slice(start))) return undefined;
    const separator = SEPARATOR_LINE.exec(text.slice(start));
    if (separator !== null) {
      start = skipBlankLines(text, start + separator[0].length);
      return { delimiter: separator[1] ?? ',', start };
    }
    const cutters = DELIMITERS.map((delimiter) => ({ delimiter, cutter: new RowCutter(delimiter, 1) }));
    for (const { cutter } of cutters) cutter.begin(text);
    let line = 1 + countLineEnds(text.slice(0, start));
    for (;;) {
      const cuts = splitByEachDelimiter(cutters, start, line, isEnd);
      if (cuts === undefined) return undefined;
      const blank = cuts.find(({ row }) => row.fields.every((field) => !/\S/.test(field)));
      if (blank === undefined) return { delimiter: likeliest(cuts, sought), start };
      const { next } = blank.row;
      if (next >= text.length) return isEnd ? { delimiter: likeliest(cuts, sought), start } : undefined;
      line += countLineEnds(text.slice(start, next));
      start = next;
    }
  };
}

function skipBlankLines(text: string, start: number): number {
  return start + (BLANK_LINES.exec(text.slice(start))?.[0].length ?? 0);
}

type HeaderCut = { delimiter: string; row: NonNullable<ReturnType<RowCutter['rowAt']>> };

/** The row at a position as each delimiter splits it; undefined until more of it arrives. */
function splitByEachDelimiter(
  cutters: readonly { delimiter: string; cutter: RowCutter }[],
  start: number,
  line: number,
  isEnd: boolean,
): HeaderCut[] | undefined {
  const cuts: HeaderCut[] = [];
  for (const { delimiter, cutter } of cutters) {
    cutter.line = line;
    const row = cutter.rowAt(start, isEnd);
    if (row === undefined) return undefined;
    cuts.push({ delimiter, row });
  }
  return cuts;
}

/**
 * Chooses the delimiter that yields a column with one of the wanted names, or else the one that yields the most
 * columns; a comma if none yields any.
 */
function likeliest(cuts: readonly HeaderCut[], sought: readonly string[]): string {
  const rank = ({ row }: HeaderCut): number => {
    if (row.message !== undefined) return 0;
    const isKnown = row.fields.some((field) => sought.includes(normalizeName(field)));
    return row.fields.length + (isKnown ? 1_000_000 : 0);
  };
  return cuts.reduce((best, each) => (rank(each) > rank(best) ? each : best)).delimiter;
}

/**
 * Finds the column that holds the entries.
 * @param wanted its name, or its number from 1
 * @returns its index; undefined when the user must choose
 * @throws DomainError `invalid` when there is no such column
 */
export function findColumn(names: readonly string[], { header }: ListColumn, wanted?: string): number | undefined {
  if (wanted === undefined) return names.length === 1 && normalizeName(names[0] ?? '') === header ? 0 : undefined;
  const matches: readonly ((name: string, index: number) => boolean)[] = [
    (name) => name === wanted.trim(),
    (name) => name !== '' && normalizeName(name) === normalizeName(wanted),
    (_, index) => String(index + 1) === wanted.trim(),
  ];
  for (const isMatch of matches) {
    const found = names.flatMap((name, index) => (isMatch(name, index) ? [index] : []));
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      throw invalid(
        `column: ${found.length} columns are called ${quote(wanted)}; name one by its number, such as ${(found[0] ?? 0) + 1}`,
        {
          parameter: 'column',
        },
      );
    }
  }
  throw invalid(`column: there is no column ${quote(wanted)}; ${describeColumns(names)}`, { parameter: 'column' });
}

/** Explains why a list cannot be read before a column is chosen. */
export function columnNotChosen(names: readonly string[], { header, entry }: ListColumn, line: number): DomainError {
  if (names.length > 1) {
    const message = `column: ${describeColumns(names)}; name the one that holds ${entry} per line`;
    return invalid(message, { line: String(line) });
  }
  const found = quote(names[0] ?? '');
  return lineProblem({
    line,
    message: `expected the header ${header}, found ${found}; add the header above the list, or name ${found} as the column if that is its header`,
  });
}

function describeColumns(names: readonly string[]): string {
  const listed = names
    .slice(0, MAX_NAMED_COLUMNS)
    .map((name, index) => (name === '' ? `${index + 1} (without a name)` : quote(name)));
  const more = names.length > listed.length ? ` and ${names.length - listed.length} more` : '';
  return names.length === 1
    ? `the file has only the column ${listed[0]}`
    : `the file has ${names.length} columns: ${listed.join(', ')}${more}`;
}

function quote(name: string): string {
  return `“${name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name}”`;
}
