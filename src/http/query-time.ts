/** Times in query strings: RFC 3339, and the forms written by the published SDKs and common languages. */

import { parseRfc3339 } from '../domain/definitions/attribute-values.ts';

/** What is expected, for error messages. */
export const QUERY_TIME_FORM = 'an RFC 3339 time such as 2027-06-30T12:00:00Z, or a date such as 2027-06-30';

// Date, time of day with up to nine fractional digits, sign, hours and minutes of the offset.
const QUERY_TIME = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(?:[Zz]|([+\- ])(\d{2}):?(\d{2}))?)?$/;

/**
 * Parses a time in a query string. Beyond RFC 3339 it accepts an offset without a colon (`+0000`, as Python's `%z`
 * writes it), no offset, which means UTC, and a date, which means its start in UTC. A blank before the offset is a `+`
 * that the sender did not escape.
 * @returns ms since the epoch; NaN for any other text
 */
export function parseQueryTime(text: string): number {
  const match = QUERY_TIME.exec(text);
  if (match === null) return Number.NaN;
  const [, date = '', timeOfDay = '00:00:00', sign, hours = '', minutes = ''] = match;
  const offset = sign === undefined ? 'Z' : `${sign === '-' ? '-' : '+'}${hours}:${minutes}`;
  return parseRfc3339(`${date}T${timeOfDay}${offset}`);
}
