/** Times in query strings: RFC 3339, and the forms in which the published SDKs and common languages write a time. */

import { parseRfc3339 } from '../domain/definitions/attribute-values.ts';

/** What is expected, for error messages. */
export const QUERY_TIME_FORM = 'an RFC 3339 time such as 2027-06-30T12:00:00Z, or a date such as 2027-06-30';

// date, time of day with up to nine digits of a fraction, sign, hours and minutes of the offset.
const QUERY_TIME = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(?:[Zz]|([+\- ])(\d{2}):?(\d{2}))?)?$/;

/**
 * Reads a time of a query string. Beyond RFC 3339 it takes an offset without a colon (`+0000`, as Python's `%z` writes it), no
 * offset at all, which means UTC, and a date alone, which is its start in UTC. A blank before the offset is a `+` that the
 * sender did not escape.
 * @returns ms since the epoch; NaN for any other text
 */
export function parseQueryTime(text: string): number {
  const match = QUERY_TIME.exec(text);
  if (match === null) return Number.NaN;
  const [, date = '', timeOfDay = '00:00:00', sign, hours = '', minutes = ''] = match;
  const offset = sign === undefined ? 'Z' : `${sign === '-' ? '-' : '+'}${hours}:${minutes}`;
  return parseRfc3339(`${date}T${timeOfDay}${offset}`);
}
