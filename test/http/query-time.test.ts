/** Times in query strings: each form that a client is known to send, and the instant it means. */

import { describe, expect, test } from 'vitest';
import { parseQueryTime } from '../../src/http/query-time.ts';

const read = (text: string): string | undefined => {
  const time = parseQueryTime(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
};

describe('a time in a query', () => {
  const forms: [form: string, text: string, instant: string][] = [
    ['RFC 3339 in UTC', '2026-01-31T12:30:00Z', '2026-01-31T12:30:00.000Z'],
    ['lower case', '2026-01-31t12:30:00z', '2026-01-31T12:30:00.000Z'],
    ['an offset', '2026-01-31T12:30:00+02:00', '2026-01-31T10:30:00.000Z'],
    ['an offset without a colon', '2026-01-31T12:30:00+0000', '2026-01-31T12:30:00.000Z'],
    ['a half hour west', '2026-01-31T12:30:00-0330', '2026-01-31T16:00:00.000Z'],
    ['a half hour east', '2026-01-31T12:30:00+0530', '2026-01-31T07:00:00.000Z'],
    ['no zone', '2026-01-31T12:30:00', '2026-01-31T12:30:00.000Z'],
    ['a blank before the time of day', '2026-01-31 12:30:00', '2026-01-31T12:30:00.000Z'],
    ['a plus that was not escaped', '2026-01-31T12:30:00 02:00', '2026-01-31T10:30:00.000Z'],
    ['the same without a colon', '2026-01-31T12:30:00 0200', '2026-01-31T10:30:00.000Z'],
    ['blanks in both places', '2026-01-31 12:30:00.5 0200', '2026-01-31T10:30:00.500Z'],
    ["the Python SDK's fixed format", '2026-01-31T12:30:00.123456+0000', '2026-01-31T12:30:00.123Z'],
    ['the same of a time without a zone', '2026-01-31T12:30:00.123456', '2026-01-31T12:30:00.123Z'],
    ['a date alone', '2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['a leap day', '2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['a leap second without a zone', '2016-12-31T23:59:60.25', '2017-01-01T00:00:00.250Z'],
    ['a year before 100', '0001-01-01', '0001-01-01T00:00:00.000Z'],
  ];
  test.each(forms)('may have %s: %s', (_form, text, instant) => expect(read(text)).toBe(instant));

  test.each(['.1', '.12', '.123', '.1234', '.12345', '.123456', '.1234567', '.12345678', '.123456789'])(
    'may have the fraction %s, cut to milliseconds',
    (fraction) => {
      const milliseconds = fraction.slice(1, 4).padEnd(3, '0');
      for (const zone of ['', 'Z', '+0000', ' 00:00']) {
        expect(read(`2026-01-31T12:30:00${fraction}${zone}`)).toBe(`2026-01-31T12:30:00.${milliseconds}Z`);
      }
    },
  );

  test.each([
    'soon',
    '',
    '0',
    '1769862600',
    '2026',
    '2026-01',
    '2026-13-01',
    '2026-02-29',
    '2026-02-30T00:00:00',
    '2026-01-31T24:00:00',
    '2026-01-31T12:60:00',
    '2026-01-31T12:30:61',
    '2026-01-31T12',
    '2026-01-31T',
    '2026-01-31T12:30:00+24:00',
    '2026-01-31T12:30:00-0060',
    '2026-01-31T12:30:00+2',
    '2026-01-31T12:30:00  0200',
    '2026-01-31T12:30:00.',
    '2026-01-31T12:30:00.1234567890',
    '2026-01-31T12:30:00,5',
    '2026-01-31Z',
    '2026-01-31+02:00',
    ' 2026-01-31',
    '2026-01-31T12:30:00Z ',
    '20260131T123000Z',
    '٢٠٢٦-01-31',
    '-2026-01-31',
  ])('is refused as %j', (text) => expect(read(text)).toBeUndefined());
});
