/**
 * Files of one column as CSV, read as a stream in flat memory by our own few lines: they know the line of every problem, take
 * mixed line ends, and are several times faster than a parser for any CSV.
 */

import { isUtf8 } from 'node:buffer';
import { type DomainError, invalid } from '../domain/errors.ts';

const LF = 0x0a;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
// Above any legal ID (1000 characters of 4 bytes, quotes doubled), below what a file that is no CSV could fill memory with.
const MAX_RECORD_BYTES = 64 * 1024;

/** The one column of a file. */
export interface CsvColumn {
  /** Its name, compared without case. */
  readonly header: string;
  /** What people call an entry, with its article. */
  readonly entry: string;
  /** What is wrong with an entry; undefined when nothing is. */
  check(entry: string): string | undefined;
}

/** A line that cannot be taken. */
export interface RefusedLine {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/**
 * Reads entries in chunks, in the order of the file. UTF-8 with an optional byte order mark, LF or CRLF, quoting as in RFC 4180;
 * blank lines are skipped (an entry of blanks alone must be quoted).
 * @param onRefused told of each line that cannot be taken, which is passed over then; without it, the first one ends the reading
 * @throws DomainError `invalid` naming the line; always for a missing header and a quote that is never closed
 */
export async function* readCsvColumn(
  bytes: AsyncIterable<Uint8Array>,
  column: CsvColumn,
  chunkSize: number,
  onRefused?: (refused: RefusedLine) => void,
): AsyncGenerator<string[]> {
  let header = false;
  let chunk: string[] = [];
  const refuse = (refused: RefusedLine): void => {
    if (onRefused === undefined) throw lineProblem(refused);
    onRefused(refused);
  };
  for await (const records of readRecords(bytes, column)) {
    for (const record of records) {
      const { line } = record;
      if (!header) {
        if ('message' in record) throw lineProblem(record);
        if (record.field.trim().toLowerCase() !== column.header) throw missingHeader(column, line);
        header = true;
        continue;
      }
      const message = 'message' in record ? record.message : column.check(record.field);
      if (message !== undefined) refuse({ line, message });
      else if ('field' in record) chunk.push(record.field);
      if (chunk.length === chunkSize) {
        yield chunk;
        chunk = [];
      }
    }
  }
  if (!header) throw missingHeader(column, 1);
  if (chunk.length > 0) yield chunk;
}

/** One line, or several where a quoted entry holds line ends: the entry on it, or what is wrong with it. */
type CsvRecord = { readonly line: number; readonly field: string } | RefusedLine;

/** Cuts a byte stream into records of one field, as many at a time as have arrived. */
async function* readRecords(bytes: AsyncIterable<Uint8Array>, column: CsvColumn): AsyncGenerator<CsvRecord[]> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let start = true;
  for await (const piece of bytes) {
    rest = rest.length === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.length) : Buffer.concat([rest, piece]);
    if (start) {
      if (rest.length < BYTE_ORDER_MARK.length) continue;
      if (rest.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
        rest = rest.subarray(BYTE_ORDER_MARK.length);
      start = false;
    }
    const cut = cutRecords(rest, column, line, false);
    yield cut.records;
    line = cut.line;
    rest = rest.subarray(cut.used);
    if (rest.length > MAX_RECORD_BYTES) throw lineProblem({ line, message: tooLong(rest, column.entry) });
  }
  yield cutRecords(rest, column, line, true).records;
}

/** All complete records in `bytes`; at the end of the file the last one needs no line end. */
function cutRecords(
  bytes: Buffer,
  column: CsvColumn,
  firstLine: number,
  atEnd: boolean,
): { records: CsvRecord[]; used: number; line: number } {
  const records: CsvRecord[] = [];
  let line = firstLine;
  let used = 0;
  while (used < bytes.length) {
    const quoted = bytes[used] === QUOTE;
    const end = quoted ? endOfQuoted(bytes, used, line, atEnd) : bytes.indexOf(LF, used);
    if (end === -1 && !atEnd) break;
    const bytesOfRecord = bytes.subarray(used, end === -1 ? bytes.length : end);
    const record = readRecord(bytesOfRecord, column, line, quoted);
    if (record !== undefined) records.push(record);
    line += 1 + (quoted ? countLineEnds(bytesOfRecord) : 0);
    used += bytesOfRecord.length + 1;
  }
  return { records, used: Math.min(used, bytes.length), line };
}

/** Where the line end after a quoted record is; -1 when it has not arrived (or, at the end of the file, is not there). */
function endOfQuoted(bytes: Buffer, start: number, line: number, atEnd: boolean): number {
  let at = start + 1;
  for (;;) {
    at = bytes.indexOf(QUOTE, at);
    if (at === -1) {
      if (atEnd) throw lineProblem({ line, message: 'the quote that is opened here is never closed' });
      return -1;
    }
    if (bytes[at + 1] !== QUOTE) return bytes.indexOf(LF, at);
    at += 2;
  }
}

/** Undefined for a blank line. */
function readRecord(bytes: Buffer, { entry }: CsvColumn, line: number, quoted: boolean): CsvRecord | undefined {
  if (bytes.length > MAX_RECORD_BYTES) return { line, message: tooLong(bytes, entry) };
  if (!isUtf8(bytes)) return { line, message: 'not valid UTF-8; save the file as UTF-8' };
  const text = bytes.toString('utf8');
  if (quoted) return readQuoted(text, entry, line);
  if (/^[ \t\r]*$/.test(text)) return undefined;
  return readUnquoted(text.replace(/\r$/, ''), entry, line);
}

function readQuoted(text: string, entry: string, line: number): CsvRecord {
  let close = text.indexOf('"', 1);
  while (text[close + 1] === '"') close = text.indexOf('"', close + 2);
  const after = text.slice(close + 1);
  if (after === '' || after === '\r') return { line, field: text.slice(1, close).replaceAll('""', '"') };
  if (after.startsWith(',')) return { line, message: TOO_MANY_COLUMNS };
  return { line, message: `text after the closing quote (inside ${entry} a quote is written twice)` };
}

function readUnquoted(text: string, entry: string, line: number): CsvRecord {
  if (text.includes(',')) return { line, message: TOO_MANY_COLUMNS };
  if (text.includes('"'))
    return { line, message: `a quote inside ${entry}: put it all in quotes and write the quote twice` };
  if (text.includes('\r')) return { line, message: `a carriage return inside ${entry}: put it in quotes` };
  return { line, field: text };
}

function countLineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

const TOO_MANY_COLUMNS = 'more than one column; only one is expected (put in quotes what holds commas)';

function tooLong(bytes: Buffer, entry: string): string {
  const problem = bytes[0] === QUOTE ? 'the quote that is opened here is not closed in time' : `too long for ${entry}`;
  return `${problem} (more than ${MAX_RECORD_BYTES / 1024} KiB)`;
}

function missingHeader({ header }: CsvColumn, line: number): DomainError {
  return lineProblem({ line, message: `expected the header ${header}, alone on its line` });
}

function lineProblem({ line, message }: RefusedLine): DomainError {
  return invalid(`line ${line}: ${message}`, { line: String(line) });
}
