/** The refused rows of a kept request, stored among its headers under a name that no client can send. */

import type { ReplayHeaders } from '../access-log/access-log.ts';
import type { RowVerdict } from '../domain/memberships/commands.ts';

const NAME = ':rows';

/** The header that stores the rows to replay. */
export function notedRows(verdicts: readonly RowVerdict[]): ReplayHeaders {
  const refused = verdicts.filter(({ verdict }) => verdict === 'refused');
  return { [NAME]: refused.map(({ place }) => place).join(',') };
}

/** The rows to replay, or undefined for all, and the headers without this one. */
export function rowsOfHeaders({ [NAME]: noted, ...headers }: ReplayHeaders): {
  readonly rows: ReadonlySet<number> | undefined;
  readonly headers: ReplayHeaders;
} {
  return { rows: noted === undefined ? undefined : new Set(noted.split(',').map(Number)), headers };
}
