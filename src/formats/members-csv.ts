/**
 * Member lists as CSV: one column, `profileintegrationid`. Read as a stream in flat memory, by our own few lines: they
 * know the line of every problem, take mixed line ends, and are several times faster than a parser for any CSV.
 */

import { isUtf8 } from 'node:buffer';
import { codePointLength, isStorableText, MAX_ID_LENGTH } from '../domain/environment.ts';
import { type DomainError, invalid } from '../domain/errors.ts';

export const MEMBERS_CSV_HEADER = 'profileintegrationid';

const LF = 0x0a;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
// Above any legal ID (1000 characters of 4 bytes, quotes doubled), below what a file that is no CSV could fill memory with.
const MAX_RECORD_BYTES = 64 * 1024;

/**
 * Reads member IDs in chunks, in the order of the file. UTF-8 with an optional byte order mark, LF or CRLF, quoting as in
 * RFC 4180; blank lines are skipped (an ID of blanks alone must be quoted).
 * @throws DomainError `invalid` naming the line
 */
export async function* readMembersCsv(bytes: AsyncIterable<Uint8Array>, chunkSize: number): AsyncGenerator<string[]> {
  let header = false;
  let chunk: string[] = [];
  for await (const records of readRecords(bytes)) {
    for (const { line, field } of records) {
      if (!header) {
        checkHeader(field, line);
        header = true;
        continue;
      }
      chunk.push(checkId(field, line));
      if (chunk.length === chunkSize) {
        yield chunk;
        chunk = [];
      }
    }
  }
  if (!header) throw missingHeader(1);
  if (chunk.length > 0) yield chunk;
}

interface CsvRecord {
  /** The line it starts on, from 1. */
  readonly line: number;
  readonly field: string;
}

/** Cuts a byte stream into records of one field, as many at a time as have arrived. */
async function* readRecords(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord[]> {
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
    const cut = cutRecords(rest, line, false);
    yield cut.records;
    line = cut.line;
    rest = rest.subarray(cut.used);
    if (rest.length > MAX_RECORD_BYTES) throw tooLong(rest, line);
  }
  yield cutRecords(rest, line, true).records;
}

/** All complete records in `bytes`; at the end of the file the last one needs no line end. */
function cutRecords(
  bytes: Buffer,
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
    const record = bytes.subarray(used, end === -1 ? bytes.length : end);
    if (record.length > MAX_RECORD_BYTES) throw tooLong(record, line);
    const text = decode(record, line);
    if (quoted) records.push({ line, field: unquote(text, line) });
    else if (!/^[ \t\r]*$/.test(text)) records.push({ line, field: checkUnquoted(text.replace(/\r$/, ''), line) });
    line += 1 + (quoted ? countLineEnds(record) : 0);
    used += record.length + 1;
  }
  return { records, used: Math.min(used, bytes.length), line };
}

/** Where the line end after a quoted record is; -1 when it has not arrived (or, at the end of the file, is not there). */
function endOfQuoted(bytes: Buffer, start: number, line: number, atEnd: boolean): number {
  let at = start + 1;
  for (;;) {
    at = bytes.indexOf(QUOTE, at);
    if (at === -1) {
      if (atEnd) throw lineProblem('the quote that is opened here is never closed', line);
      return -1;
    }
    if (bytes[at + 1] !== QUOTE) return bytes.indexOf(LF, at);
    at += 2;
  }
}

function decode(record: Buffer, line: number): string {
  if (isUtf8(record)) return record.toString('utf8');
  throw lineProblem('not valid UTF-8; save the file as UTF-8', line);
}

function unquote(text: string, line: number): string {
  let close = text.indexOf('"', 1);
  while (text[close + 1] === '"') close = text.indexOf('"', close + 2);
  const after = text.slice(close + 1);
  if (after === '' || after === '\r') return text.slice(1, close).replaceAll('""', '"');
  if (after.startsWith(',')) throw tooManyColumns(line);
  throw lineProblem('text after the closing quote (a quote inside a quoted ID is written twice)', line);
}

function checkUnquoted(text: string, line: number): string {
  if (text.includes(',')) throw tooManyColumns(line);
  if (text.includes('"'))
    throw lineProblem('a quote inside an ID: put the ID in quotes and write the quote twice', line);
  if (text.includes('\r')) throw lineProblem('a carriage return inside an ID: put the ID in quotes', line);
  return text;
}

function countLineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

function checkHeader(field: string, line: number): void {
  if (field.trim().toLowerCase() !== MEMBERS_CSV_HEADER) throw missingHeader(line);
}

function checkId(id: string, line: number): string {
  const length = codePointLength(id);
  if (length < 1 || length > MAX_ID_LENGTH) {
    throw lineProblem(`an ID of ${length} characters; 1 to ${MAX_ID_LENGTH} are allowed`, line);
  }
  if (!isStorableText(id)) throw lineProblem('the ID holds a NUL character', line);
  return id;
}

function lineProblem(message: string, line: number): DomainError {
  return invalid(`line ${line}: ${message}`, { line: String(line) });
}

function missingHeader(line: number): DomainError {
  return lineProblem(`expected the header ${MEMBERS_CSV_HEADER}, alone on its line`, line);
}

function tooManyColumns(line: number): DomainError {
  return lineProblem('more than one column; only IDs are expected (quote those that hold commas)', line);
}

function tooLong(record: Buffer, line: number): DomainError {
  const problem = record[0] === QUOTE ? 'the quote that is opened here is not closed in time' : 'too long for an ID';
  return lineProblem(`${problem} (more than ${MAX_RECORD_BYTES / 1024} KiB)`, line);
}

/** One CSV line for an ID, quoted where it must be. */
export function memberCsvLine(integrationId: string): string {
  const quoted = /[",\r\n]/.test(integrationId) || integrationId.trim() !== integrationId;
  return quoted ? `"${integrationId.replaceAll('"', '""')}"\n` : `${integrationId}\n`;
}
