/** The entries of a list written by some other tool: one column of a file, read as a stream in constant memory. */

import { isRefused, lineProblem, type RefusedLine, type Row, readRows } from './delimited-rows.ts';
import { columnNames, columnNotChosen, delimiterOf, findColumn, type ListColumn } from './list-header.ts';
import { explainWrongBytes, readListText } from './list-text.ts';
import type { ListWarnings } from './list-warnings.ts';

/** Entries in the order of the file. */
export interface ListChunk {
  readonly entries: readonly string[];
  /** The line of each entry. */
  readonly lines: readonly number[];
}

export interface ReadOptions {
  /** Name or number of the column, for files with several columns. */
  readonly column?: string | undefined;
  /** The most bytes a compressed file may unpack to. */
  readonly maxUnpackedBytes?: number | undefined;
  /**
   * Called for each line that cannot be accepted, which is then skipped; without it, the first such line ends the
   * reading.
   */
  readonly onRefused?: ((refused: RefusedLine) => void) | undefined;
  /** Inspects the entries for warnings. */
  readonly warnings?: ListWarnings | undefined;
}

const END_MARK = '\x1a';

/**
 * Reads entries in chunks.
 * @throws DomainError `invalid` naming the line, or what the file is; always for a file that is not a text list, a
 * missing header,
 *   a column that must be chosen first, and a quote that is never closed
 */
export async function* readList(
  bytes: AsyncIterable<Uint8Array>,
  column: ListColumn,
  chunkSize: number,
  options: ReadOptions = {},
): AsyncGenerator<ListChunk> {
  const { onRefused, warnings } = options;
  const reader = new EntryReader(column, options.column);
  let [entries, lines]: [string[], number[]] = [[], []];
  const take = (line: number, entry: string): void => {
    warnings?.watch(line, entry);
    entries.push(entry);
    lines.push(line);
  };
  const refuse = (refused: RefusedLine): void => {
    if (onRefused === undefined) throw lineProblem(refused);
    onRefused(refused);
  };
  // An entry that ends with an end mark, held until it is known whether the file ends there too.
  let marked: { line: number; entry: string } | undefined;
  for await (const rows of readRows(
    readListText(bytes, options.maxUnpackedBytes),
    delimiterOf(column, options.column),
  )) {
    for (const row of rows) {
      const read = reader.read(row);
      if (read === undefined) continue;
      if (marked?.entry === END_MARK) refuse({ line: marked.line, message: 'a Ctrl-Z before the end of the file' });
      else if (marked !== undefined) take(marked.line, marked.entry);
      marked = undefined;
      if ('message' in read) refuse(read);
      else if (read.entry.endsWith(END_MARK) && !read.isQuoted) marked = read;
      else take(read.line, read.entry);
      if (entries.length >= chunkSize) {
        yield { entries, lines };
        [entries, lines] = [[], []];
      }
    }
  }
  if (!reader.hasHeader) {
    throw lineProblem({ line: 1, message: `expected the header ${column.header}, but the file is empty` });
  }
  if (marked !== undefined) {
    warnings?.add('endMark', marked.line, marked.entry);
    const entry = marked.entry.slice(0, -END_MARK.length);
    if (/\S/.test(entry)) take(marked.line, entry);
  }
  if (entries.length > 0) yield { entries, lines };
}

type ReadEntry = { readonly line: number; readonly entry: string; readonly isQuoted: boolean } | RefusedLine;

/** Reads the header from the first row, and an entry from every other row. */
class EntryReader {
  readonly #column: ListColumn;
  readonly #wanted: string | undefined;
  #names: readonly string[] = [];
  #index = 0;
  hasHeader = false;

  constructor(column: ListColumn, wanted: string | undefined) {
    this.#column = column;
    this.#wanted = wanted;
  }

  /** Undefined for the header and for rows without an entry. */
  read(row: Row | RefusedLine): ReadEntry | undefined {
    if (!this.hasHeader) {
      this.#readHeader(row);
      return undefined;
    }
    if (isRefused(row)) return row;
    const { line, fields, isQuoted } = row;
    if (fields.length === 1 && fields[0] === END_MARK && !isQuoted) return { line, entry: END_MARK, isQuoted };
    const message = this.#explainWrongRow(fields);
    if (message !== undefined) return { line, message };
    const entry = fields[this.#index] ?? '';
    const problem = this.#column.check(entry);
    return problem === undefined ? { line, entry, isQuoted } : { line, message: problem };
  }

  #readHeader(row: Row | RefusedLine): void {
    this.#names = headerNames(row);
    const index = findColumn(this.#names, this.#column, this.#wanted);
    if (index === undefined) throw columnNotChosen(this.#names, this.#column, row.line);
    this.#index = index;
    this.hasHeader = true;
  }

  #explainWrongRow(fields: readonly string[]): string | undefined {
    const columns = this.#names.length;
    if (fields.length > columns && fields.slice(columns).some((field) => /\S/.test(field))) {
      return columns === 1
        ? 'more than one column, but only one is expected (quote a field that contains a separator)'
        : `${fields.length} columns, but the header has ${columns} (quote a field that contains a separator)`;
    }
    for (const field of fields) {
      const wrong = explainWrongBytes(field);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }
}

/** @throws DomainError `invalid` for a row that cannot be read */
function headerNames(row: Row | RefusedLine): string[] {
  if (isRefused(row)) throw lineProblem(row);
  for (const field of row.fields) {
    const wrong = explainWrongBytes(field);
    if (wrong !== undefined) throw lineProblem({ line: row.line, message: wrong });
  }
  return columnNames(row.fields);
}

/** The head of a list, from which a user chooses its column. */
export interface ListHead {
  readonly columns: readonly string[];
  /** The first rows after the header. */
  readonly rows: readonly (readonly string[])[];
  /** Whether the list can be read without choosing a column. */
  readonly isChosen: boolean;
}

const HEAD_ROWS = 5;
const MAX_COLUMNS = 100;
const MAX_CELL_LENGTH = 100;

/** Reads the head of a list. @throws DomainError `invalid` if the file is not a text list, or is empty */
export async function readListHead(
  bytes: AsyncIterable<Uint8Array>,
  column: ListColumn,
  { column: wanted, maxUnpackedBytes }: Pick<ReadOptions, 'column' | 'maxUnpackedBytes'> = {},
): Promise<ListHead> {
  let names: string[] | undefined;
  const rows: string[][] = [];
  for await (const found of readRows(readListText(bytes, maxUnpackedBytes), delimiterOf(column, wanted))) {
    for (const row of found) {
      if (names === undefined) names = headerNames(row);
      else if (!isRefused(row) && rows.length < HEAD_ROWS) rows.push([...row.fields]);
    }
    if (rows.length >= HEAD_ROWS) break;
  }
  if (names === undefined) {
    throw lineProblem({ line: 1, message: `expected the header ${column.header}, but the file is empty` });
  }
  const columns = names;
  const cells = (row: readonly string[]): string[] =>
    columns.slice(0, MAX_COLUMNS).map((_, index) => (row[index] ?? '').toWellFormed().slice(0, MAX_CELL_LENGTH));
  return {
    columns: cells(columns),
    rows: rows.map(cells),
    isChosen: findColumn(columns, column, wanted) !== undefined,
  };
}
