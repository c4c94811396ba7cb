/** Member lists as CSV: one column, `profileintegrationid`. */

import { codePointLength, isStorableText, MAX_ID_LENGTH } from '../domain/environment.ts';
import { readCsvColumn } from './csv-column.ts';

export const MEMBERS_CSV_HEADER = 'profileintegrationid';

/** The column of a member list. */
export const MEMBERS_COLUMN = { header: MEMBERS_CSV_HEADER, entry: 'an ID', check: checkId };

/** Reads member IDs in chunks, in the order of the file. @throws DomainError `invalid` naming the first bad line */
export function readMembersCsv(bytes: AsyncIterable<Uint8Array>, chunkSize: number): AsyncGenerator<string[]> {
  return readCsvColumn(bytes, MEMBERS_COLUMN, chunkSize);
}

function checkId(id: string): string | undefined {
  const length = codePointLength(id);
  if (length < 1 || length > MAX_ID_LENGTH) {
    return `an ID of ${length} characters; 1 to ${MAX_ID_LENGTH} are allowed`;
  }
  return isStorableText(id) ? undefined : 'the ID holds a NUL character';
}

/** One CSV line for an ID, quoted where it must be. */
export function memberCsvLine(integrationId: string): string {
  const quoted = /[",\r\n]/.test(integrationId) || integrationId.trim() !== integrationId;
  return quoted ? `"${integrationId.replaceAll('"', '""')}"\n` : `${integrationId}\n`;
}
