/** Member lists: one column, `profileintegrationid`. */

import { codePointLength, isStorableText, MAX_ID_LENGTH } from '../domain/environment.ts';
import type { ListColumn } from './list-header.ts';
import { withoutOuterBlanks } from './list-warnings.ts';

export const MEMBERS_CSV_HEADER = 'profileintegrationid';

/** The column of a member list. */
export const MEMBERS_COLUMN: ListColumn = { header: MEMBERS_CSV_HEADER, entry: 'an ID', check: checkId };

function checkId(id: string): string | undefined {
  const length = codePointLength(id);
  if (length < 1 || length > MAX_ID_LENGTH) {
    return `an ID of ${length} characters; 1 to ${MAX_ID_LENGTH} are allowed`;
  }
  return isStorableText(id) ? undefined : 'the ID contains a NUL character';
}

/** One CSV line for an ID, quoted where CSV requires it and where a spreadsheet would split it. */
export function memberCsvLine(integrationId: string): string {
  const quoted = /[",;\t\r\n\x1a]/.test(integrationId) || withoutOuterBlanks(integrationId) !== integrationId;
  return quoted ? `"${integrationId.replaceAll('"', '""')}"\n` : `${integrationId}\n`;
}
