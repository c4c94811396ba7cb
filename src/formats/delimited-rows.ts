/**
 * Splits text that arrives in pieces into rows of fields: any delimiter, LF, CRLF or CR, quoting as in RFC 4180. Each
 * row knows its line.
 */

import { type DomainError, invalid } from '../domain/errors.ts';

/** A line that cannot be accepted. */
export interface RefusedLine {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

/** A row with content; blank rows are skipped. */
export interface Row {
  /** The line it begins on, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** Whether any of its fields is quoted. */
  readonly isQuoted: boolean;
}

export function isRefused(row: Row | RefusedLine): row is RefusedLine {
  return 'message' in row;
}

export function lineProblem({ line, message }: RefusedLine): DomainError {
  return invalid(`line ${line}: ${message}`, { line: String(line) });
}

/**
 * Given the text of the file so far, returns its delimiter and where its rows begin; undefined while it cannot tell.
 */
export type TellDelimiter = (text: string, isEnd: boolean) => { delimiter: string; start: number } | undefined;

// Longer than any real row, and too small to let a file that is not a list fill the memory.
const MAX_ROW_LENGTH = 1024 * 1024;

/**
 * @returns the rows, as many at a time as have arrived
 * @throws DomainError `invalid` naming the line, for a quote that is never closed and for an excessively long row
 */
export async function* readRows(
  pieces: AsyncIterable<string>,
  tellDelimiter: TellDelimiter,
): AsyncGenerator<(Row | RefusedLine)[]> {
  let rest = '';
  let cutter: RowCutter | undefined;
  const cut = (isEnd: boolean): (Row | RefusedLine)[] => {
    if (cutter === undefined) {
      const told = tellDelimiter(rest, isEnd);
      if (told === undefined) return [];
      cutter = new RowCutter(told.delimiter, 1 + countLineEnds(rest.slice(0, told.start)));
      rest = rest.slice(told.start);
    }
    const { rows, used } = cutter.cut(rest, isEnd);
    rest = rest.slice(used);
    return rows;
  };
  for await (const piece of pieces) {
    rest += piece;
    yield cut(false);
    if (rest.length > MAX_ROW_LENGTH) {
      throw lineProblem({ line: cutter?.line ?? 1, message: tooLong(rest) });
    }
  }
  yield cut(true);
}

function tooLong(rest: string): string {
  const problem = rest.startsWith('"') ? 'the quote opened here is not closed soon enough' : 'too long for a row';
  return `${problem} (more than ${MAX_ROW_LENGTH / 1024 / 1024} MiB)`;
}

/** One row at the start of a text. */
export interface CutRow {
  readonly fields: readonly string[];
  readonly isQuoted: boolean;
  readonly message?: string;
  /** Where the next row begins. */
  readonly next: number;
}

/** Splits a growing text into rows. */
export class RowCutter {
  readonly #delimiter: string;
  /** The line on which the next row begins. */
  line: number;
  #text = '';
  #ends: Ahead;
  #returns: Ahead;
  #delimiters: Ahead;
  #quotes: Ahead;

  constructor(delimiter: string, firstLine: number) {
    this.#delimiter = delimiter;
    this.line = firstLine;
    this.#ends = new Ahead('', '\n');
    this.#returns = this.#delimiters = this.#quotes = this.#ends;
  }

  /** Returns all rows that are complete in `text`; at the end of the file the last one needs no line end. */
  cut(text: string, isEnd: boolean): { rows: (Row | RefusedLine)[]; used: number } {
    this.begin(text);
    const rows: (Row | RefusedLine)[] = [];
    let at = 0;
    while (at < text.length) {
      const { line } = this;
      const row = this.#row(at, isEnd);
      if (row === undefined) break;
      this.line += row.isQuoted ? Math.max(1, countLineEnds(text.slice(at, row.next))) : 1;
      if (row.message !== undefined) rows.push({ line, message: row.message });
      else if (!isBlank(row)) rows.push({ line, fields: row.fields, isQuoted: row.isQuoted });
      at = row.next;
    }
    return { rows, used: at };
  }

  /** Sets the text whose rows `rowAt` returns. */
  begin(text: string): void {
    this.#text = text;
    this.#ends = new Ahead(text, '\n');
    this.#returns = new Ahead(text, '\r');
    this.#delimiters = new Ahead(text, this.#delimiter);
    this.#quotes = new Ahead(text, '"');
  }

  /** Returns the row that begins at a position, no lower than the one before; undefined until more of it arrives. */
  rowAt(at: number, isEnd: boolean): CutRow | undefined {
    return this.#row(at, isEnd);
  }

  #row(at: number, isEnd: boolean): CutRow | undefined {
    const end = this.#lineEnd(at, isEnd);
    if (end !== undefined && this.#quotes.from(at) >= end && this.#delimiters.from(at) >= end) {
      return { fields: [this.#text.slice(at, end)], isQuoted: false, next: this.#afterLineEnd(end) };
    }
    return this.#rowOfFields(at, isEnd);
  }

  /** The end of the line that contains a position; undefined if it has not arrived. */
  #lineEnd(at: number, isEnd: boolean): number | undefined {
    const { length } = this.#text;
    const end = Math.min(this.#ends.from(at), this.#returns.from(at), length);
    // A carriage return at the end may be the first half of a line end.
    const isUnknown = end === length || (end === length - 1 && this.#text[end] === '\r');
    return isUnknown && !isEnd ? undefined : end;
  }

  #afterLineEnd(end: number): number {
    return end + (this.#text[end] === '\r' && this.#text[end + 1] === '\n' ? 2 : 1);
  }

  #rowOfFields(start: number, isEnd: boolean): CutRow | undefined {
    const fields: string[] = [];
    let isQuoted = false;
    let message: string | undefined;
    let at = start;
    for (;;) {
      let end: number | undefined;
      if (this.#text[at] === '"') {
        isQuoted = true;
        const close = this.#closingQuote(at);
        // A quote at the end may be the first half of a doubled quote.
        if (close === undefined || (close === this.#text.length - 1 && !isEnd)) {
          if (!isEnd) return undefined;
          throw lineProblem({
            line: this.line + countLineEnds(this.#text.slice(start, at)),
            message: 'the quote opened here is never closed',
          });
        }
        fields.push(this.#text.slice(at + 1, close).replaceAll('""', '"'));
        end = this.#fieldEnd(close + 1, isEnd);
        if (end !== undefined && end > close + 1) message ??= TEXT_AFTER_QUOTE;
      } else {
        end = this.#fieldEnd(at, isEnd);
        if (end !== undefined && this.#quotes.from(at) < end) message ??= explainQuote(this.#text.slice(at, end));
        if (end !== undefined) fields.push(this.#text.slice(at, end));
      }
      if (end === undefined) return undefined;
      if (this.#text[end] !== this.#delimiter) {
        const next = this.#afterLineEnd(end);
        return { fields, isQuoted, next, ...(message === undefined ? {} : { message }) };
      }
      at = end + 1;
      if (at === this.#text.length && !isEnd) return undefined;
    }
  }

  #fieldEnd(at: number, isEnd: boolean): number | undefined {
    const delimiter = this.#delimiters.from(at);
    const end = this.#lineEnd(at, isEnd);
    if (end === undefined) return delimiter < Math.min(this.#ends.from(at), this.#returns.from(at)) ? delimiter : end;
    return Math.min(delimiter, end);
  }

  #closingQuote(open: number): number | undefined {
    let at = this.#quotes.from(open + 1);
    while (this.#text[at + 1] === '"') at = this.#quotes.from(at + 2);
    return at < this.#text.length ? at : undefined;
  }
}

/**
 * Finds the next position of a character and remembers it: a text is searched once per character, however often it is
 * asked.
 */
class Ahead {
  readonly #text: string;
  readonly #character: string;
  #found = -1;

  constructor(text: string, character: string) {
    this.#text = text;
    this.#character = character;
  }

  /** Infinity when there is no further one. */
  from(at: number): number {
    if (this.#found < at) {
      const found = this.#text.indexOf(this.#character, at);
      this.#found = found === -1 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#found;
  }
}

/** True for a row without content: only blanks, or nothing between its delimiters. */
function isBlank({ fields, isQuoted }: CutRow): boolean {
  if (fields.length === 1) return !isQuoted && !/\S/.test(fields[0] ?? '');
  return fields.every((field) => (isQuoted ? field === '' : !/\S/.test(field)));
}

export function countLineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

const TEXT_AFTER_QUOTE = 'text after the closing quote (inside a quoted field, write a quote twice)';

function explainQuote(field: string): string {
  return /^\s*="/.test(field)
    ? `a formula, ${field.slice(0, 40)}, that keeps a spreadsheet from changing the value; export only the value, as text`
    : 'a quote inside a field: quote the whole field and write the quote twice';
}
