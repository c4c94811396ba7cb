/** API keys: their form, when they expire, and what a date means in a time zone. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateKey, hashKey, keyState, looksMistyped, parseExpiry } from '../../../src/domain/access/api-keys.ts';
import { DomainError } from '../../../src/domain/errors.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const DAY_MS = 24 * 60 * 60 * 1000;

function expiry(text: string, timezone = 'UTC'): string {
  return new Date(parseExpiry(text, timezone, NOW)).toISOString();
}

describe('generated keys', () => {
  it('are recognisable, of one length, and never the same', () => {
    const keys = Array.from({ length: 500 }, generateKey);
    for (const key of keys) expect(key).toMatch(/^rck_[0-9A-Za-z]{38}$/);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('have a checksum that detects any single mistyped character', () => {
    const key = generateKey();
    expect(looksMistyped(key)).toBe(false);
    for (let index = 4; index < key.length; index += 1) {
      const other = key[index] === 'a' ? 'b' : 'a';
      expect(looksMistyped(`${key.slice(0, index)}${other}${key.slice(index + 1)}`)).toBe(true);
    }
  });

  it('are distinguished from foreign keys, which are never called mistyped', () => {
    for (const key of ['', 'rck', '0123456789abcdef0123456789abcdef01234567']) expect(looksMistyped(key)).toBe(false);
  });

  it('are stored as SHA-256 only', () => {
    expect(hashKey('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('state of a key', () => {
  const states: [string, number, string][] = [
    ['a millisecond before it expires', NOW + 1, 'Expires Soon'],
    ['at the instant it expires', NOW, 'Expired'],
    ['after it expired', NOW - 1, 'Expired'],
    ['exactly seven days before', NOW + 7 * DAY_MS, 'Expires Soon'],
    ['a millisecond more than seven days before', NOW + 7 * DAY_MS + 1, 'Valid'],
  ];

  it.each(states)('%s', (_, expires, state) => {
    expect(keyState({ expires }, NOW)).toBe(state);
  });
});

describe('expiry given as a date ends that day in the Application’s zone', () => {
  const days: [zone: string, date: string, end: string, why: string][] = [
    ['UTC', '2027-06-30', '2027-07-01T00:00:00.000Z', 'no offset'],
    ['UTC', '2028-02-29', '2028-03-01T00:00:00.000Z', 'leap day'],
    ['Europe/Berlin', '2026-12-31', '2026-12-31T23:00:00.000Z', 'year end'],
    ['Asia/Kathmandu', '2027-06-30', '2027-06-30T18:15:00.000Z', 'three quarters of an hour'],
    ['Pacific/Kiritimati', '2027-06-30', '2027-06-30T10:00:00.000Z', 'the first zone'],
    ['Etc/GMT+12', '2027-06-30', '2027-07-01T12:00:00.000Z', 'the last zone'],
    ['Pacific/Auckland', '2027-01-15', '2027-01-15T11:00:00.000Z', 'summer time'],
    ['Pacific/Auckland', '2027-07-15', '2027-07-15T12:00:00.000Z', 'standard time'],
    ['Pacific/Auckland', '2027-04-03', '2027-04-03T11:00:00.000Z', 'the day before summer time ends'],
    ['Pacific/Auckland', '2027-04-04', '2027-04-04T12:00:00.000Z', 'the day it ends, of 25 hours'],
    ['Pacific/Auckland', '2027-09-25', '2027-09-25T12:00:00.000Z', 'the day before it starts'],
    ['Pacific/Auckland', '2027-09-26', '2027-09-26T11:00:00.000Z', 'the day it starts, of 23 hours'],
    ['America/New_York', '2027-03-13', '2027-03-14T05:00:00.000Z', 'the day before summer time starts'],
    ['America/New_York', '2027-03-14', '2027-03-15T04:00:00.000Z', 'the day it starts'],
    ['America/New_York', '2027-11-06', '2027-11-07T04:00:00.000Z', 'the day before it ends'],
    ['America/New_York', '2027-11-07', '2027-11-08T05:00:00.000Z', 'the day it ends'],
    [
      'Atlantic/Azores',
      '2027-03-27',
      '2027-03-28T01:00:00.000Z',
      'clocks go forward at its last midnight, west of UTC',
    ],
    ['Atlantic/Azores', '2027-10-31', '2027-11-01T01:00:00.000Z', 'clocks go back in its first hour'],
    ['America/Havana', '2027-03-13', '2027-03-14T05:00:00.000Z', 'clocks go forward at its last midnight'],
    ['Africa/Cairo', '2027-04-29', '2027-04-29T22:00:00.000Z', 'clocks go forward at its last midnight, east of UTC'],
    ['Africa/Cairo', '2027-10-28', '2027-10-28T22:00:00.000Z', 'its last hour comes twice'],
    ['UTC', '9999-12-31', '9999-12-31T23:59:59.999Z', 'no later instant has a year of four digits'],
  ];

  it.each(days)('%s %s is %s: %s', (zone, date, end) => {
    expect(expiry(date, zone)).toBe(end);
  });

  it('in every zone: the instant before is that day, the instant itself is not', () => {
    const zones = Intl.supportedValuesOf('timeZone');
    const dates = fc.date({ min: new Date(NOW + DAY_MS), max: new Date(NOW + 3000 * DAY_MS), noInvalidDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...zones), dates, (zone, day) => {
        const date = day.toISOString().slice(0, 10);
        const local = (time: number) =>
          new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(time);
        const end = parseExpiry(date, zone, NOW - 2 * DAY_MS);
        expect(local(end - 1)).toBe(date);
        expect(local(end) > date).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('expiry given as a time', () => {
  const times: [string, string][] = [
    ['2027-06-30T12:00:00Z', '2027-06-30T12:00:00.000Z'],
    ['2027-06-30t12:00:00z', '2027-06-30T12:00:00.000Z'],
    ['2027-06-30 12:00:00Z', '2027-06-30T12:00:00.000Z'],
    ['2027-06-30T12:00:00.123456789+02:00', '2027-06-30T10:00:00.123Z'],
    ['2027-06-30T00:30:00-11:30', '2027-06-30T12:00:00.000Z'],
    ['2026-12-31T23:59:60Z', '2027-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59-12:00', '9999-12-31T23:59:59.999Z'],
  ];

  it.each(times)('%s', (text, expected) => {
    // The time zone does not matter here.
    expect(expiry(text, 'Pacific/Auckland')).toBe(expected);
  });
});

describe('expiry is refused', () => {
  const refused: [string, RegExp][] = [
    ['', /neither a date/],
    ['tomorrow', /neither a date/],
    ['2027-6-30', /neither a date/],
    ['2027-02-29', /neither a date/],
    ['2027-13-01', /neither a date/],
    ['2027-00-10', /neither a date/],
    ['2027-02-30T00:00:00Z', /neither a date/],
    ['2027-06-30T12:00:00', /neither a date/],
    ['2027-06-30T12:00Z', /neither a date/],
    ['2027-06-30T25:00:00Z', /neither a date/],
    ['2027-06-30Tnonsense+02:00', /neither a date/],
    ['12027-06-30', /neither a date/],
    ['2026-11-22', /not in the future/],
    ['2026-11-23T12:00:00Z', /not in the future/],
    ['0001-01-01T00:00:00Z', /not in the future/],
  ];

  it.each(refused)('%s', (text, message) => {
    expect(() => expiry(text)).toThrow(message);
    expect(() => expiry(text)).toThrow(DomainError);
  });

  it('accepts today, since it ends later today', () => {
    expect(expiry('2026-11-23')).toBe('2026-11-24T00:00:00.000Z');
    // It is already the 24th there.
    expect(() => expiry('2026-11-23', 'Pacific/Auckland')).toThrow(/not in the future/);
  });
});
