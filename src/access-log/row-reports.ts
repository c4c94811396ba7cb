/**
 * Reports on the outcome of each row of a request. They follow the payload setting of its Application, contain no
 * secrets, and have a limited size.
 */

import type { PayloadLogging } from '../domain/definitions/applications.ts';
import type { Environment } from '../domain/environment.ts';
import { withoutParticulars } from './causes.ts';
import { withoutSecrets } from './payload-masking.ts';
import type { ProfileTraces } from './profile-traces.ts';

/** The outcome of a row. */
type Verdict = 'applied' | 'unchanged' | 'refused';

/** One row of a report. */
export interface ReportedRow {
  /** Position in the request, counted from 0. */
  readonly row: number;
  /** Absent if it was not sent, is not kept, or belongs to an erased person. */
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
  /** Refused rows first, then the others in the order of the request. */
  readonly rows: readonly ReportedRow[];
  /** Whether rows at the end are missing, because there was no room for them. */
  readonly isCut: boolean;
}

/** The largest size of the rows of one report, in bytes. */
const MAX_REPORT_BYTES = 512 * 1024;
/** The longest reason that is kept, in characters. */
const MAX_MESSAGE = 500;

/** Creates the report of a request. @param sent its rows with the answer to each */
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

/** The part of a row that may be kept: `masked` keeps IDs but no values quoted in reasons, and `off` keeps neither. */
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

/** The rows without the data of these people; undefined if they contain none. */
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
