/**
 * Reports of what became of the rows of a request, kept for people: within the payload setting of its Application, without secrets,
 * and no larger than a bound.
 */

import type { PayloadLogging } from '../domain/definitions/applications.ts';
import type { Environment } from '../domain/environment.ts';
import { withoutParticulars } from './causes.ts';
import { withoutSecrets } from './payload-masking.ts';
import type { ProfileTraces } from './profile-traces.ts';

/** What became of a row. */
type Verdict = 'applied' | 'unchanged' | 'refused';

/** One row of a report. */
export interface ReportedRow {
  /** Place in the request, counted from 0. */
  readonly row: number;
  /** Absent if it was not sent, is not kept, or is that of a person who was erased. */
  readonly integrationId?: string;
  readonly verdict: Verdict;
  readonly code?: string;
  /** Why it was refused. */
  readonly message?: string;
}

export interface RowReport {
  /** UUID of the request. */
  readonly uuid: string;
  /** Arrival, in ms since the epoch. */
  readonly time: number;
  readonly application: { readonly id: number; readonly environment: Environment };
  readonly applied: number;
  readonly unchanged: number;
  readonly refused: number;
  /** Those that were refused first, then in the order of the request. */
  readonly rows: readonly ReportedRow[];
  /** Whether rows at the end are left out, because there was no room for them. */
  readonly isCut: boolean;
}

/** The most bytes that the rows of one report take. */
const MAX_REPORT_BYTES = 512 * 1024;
/** The longest reason that is kept, in characters. */
const MAX_MESSAGE = 500;

/** Makes the report of a request. @param sent its rows with what was answered about them */
export function makeRowReport(
  request: Pick<RowReport, 'uuid' | 'time' | 'application'>,
  sent: readonly ReportedRow[],
  logging: PayloadLogging,
): RowReport {
  const count = (wanted: Verdict): number => sent.filter(({ verdict }) => verdict === wanted).length;
  const refused = sent.filter(({ verdict }) => verdict === 'refused');
  const others = sent.filter(({ verdict }) => verdict !== 'refused');
  const rows: ReportedRow[] = [];
  let bytes = 0;
  for (const each of [...refused, ...others]) {
    const kept = keptRow(each, logging);
    bytes += Buffer.byteLength(JSON.stringify(kept)) + 1;
    if (bytes > MAX_REPORT_BYTES) break;
    rows.push(kept);
  }
  const counts = { applied: count('applied'), unchanged: count('unchanged'), refused: refused.length };
  return { ...request, ...counts, rows, isCut: rows.length < sent.length };
}

/** A row as it may be kept: `masked` keeps IDs but no values that a reason quotes, and `off` keeps neither. */
function keptRow({ row, integrationId, verdict, code, message }: ReportedRow, logging: PayloadLogging): ReportedRow {
  const plain = code === undefined ? { row, verdict } : { row, verdict, code };
  if (logging === 'off') return plain;
  const reason = logging === 'masked' && message !== undefined ? withoutParticulars(message) : message;
  return {
    ...plain,
    ...(integrationId === undefined ? {} : { integrationId: withoutSecrets(integrationId) }),
    ...(reason === undefined ? {} : { message: withoutSecrets(reason.slice(0, MAX_MESSAGE)) }),
  };
}

/** The rows without what names one of some people; undefined if nothing does. */
export function withoutPeople(
  rows: readonly ReportedRow[],
  people: readonly ProfileTraces[],
): ReportedRow[] | undefined {
  let isFound = false;
  const rest = rows.map((row) => {
    const text = JSON.stringify(row);
    if (!people.some((traces) => traces.inPayload(text))) return row;
    isFound = true;
    const { integrationId: _erased, message: _quoting, ...plain } = row;
    return plain;
  });
  return isFound ? rest : undefined;
}
