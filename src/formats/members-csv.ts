/** Member lists as CSV: one column, `profileintegrationid`. Read and written as streams, in flat memory. */

import { Readable } from 'node:stream';
import { TextDecoderStream } from 'node:stream/web';
import { CsvError, parse } from 'csv-parse';
import { codePointLength, isStorableText, MAX_ID_LENGTH } from '../domain/environment.ts';
import { invalid } from '../domain/errors.ts';

export const MEMBERS_CSV_HEADER = 'profileintegrationid';

interface ParsedRow {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads member IDs in chunks, in the order of the file. UTF-8 with an optional byte order mark, LF or CRLF, quoting as in
 * RFC 4180; blank lines are skipped.
 * @throws DomainError `invalid` naming the line
 */
export async function* readMembersCsv(bytes: Readable, chunkSize: number): AsyncGenerator<string[]> {
  const text = Readable.toWeb(bytes).pipeThrough(new TextDecoderStream('utf-8', { fatal: true }));
  const parser = Readable.fromWeb(text as Parameters<typeof Readable.fromWeb>[0]).pipe(
    parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 64 * 1024 }),
  );
  let line = 1;
  let header = false;
  let chunk: string[] = [];
  try {
    for await (const { record, info } of parser as AsyncIterable<ParsedRow>) {
      line = info.lines;
      if (!header) {
        checkHeader(record, line);
        header = true;
        continue;
      }
      chunk.push(checkRow(record, line));
      if (chunk.length === chunkSize) {
        yield chunk;
        chunk = [];
      }
    }
  } catch (error) {
    if (error instanceof CsvError) throw lineProblem(error.message, line);
    if (error instanceof TypeError) throw lineProblem('not valid UTF-8', line);
    throw error;
  }
  if (!header) throw lineProblem(`expected the header ${MEMBERS_CSV_HEADER}`, 1);
  if (chunk.length > 0) yield chunk;
}

function lineProblem(message: string, line: number) {
  return invalid(`line ${line}: ${message}`, { line: String(line) });
}

function checkHeader(record: readonly string[], line: number): void {
  if (record.length !== 1 || record[0]?.trim().toLowerCase() !== MEMBERS_CSV_HEADER) {
    throw lineProblem(`expected exactly one column, ${MEMBERS_CSV_HEADER}`, line);
  }
}

function checkRow(record: readonly string[], line: number): string {
  const id = record[0] ?? '';
  if (record.length !== 1)
    throw lineProblem(`${record.length} columns; expected one (quote IDs that hold commas)`, line);
  const length = codePointLength(id);
  if (length < 1 || length > MAX_ID_LENGTH) throw lineProblem(`ID length must be 1 to ${MAX_ID_LENGTH}`, line);
  if (!isStorableText(id)) throw lineProblem('the ID holds a NUL character', line);
  return id;
}

/** One CSV line for an ID, quoted where it must be. */
export function memberCsvLine(integrationId: string): string {
  const quoted = /[",\r\n]/.test(integrationId) || integrationId.trim() !== integrationId;
  return quoted ? `"${integrationId.replaceAll('"', '""')}"\n` : `${integrationId}\n`;
}
