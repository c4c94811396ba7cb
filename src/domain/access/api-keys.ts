/** API keys: how they are generated, what they may call, and when they expire. Only a hash of each is ever stored. */

import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Application } from '../definitions/applications.ts';
import { parseRfc3339 } from '../definitions/attribute-values.ts';
import { DomainError, invalid } from '../errors.ts';

/** Platforms this server serves; `none` is for generic keys of the Integration API. */
export const PLATFORMS = ['none', 'customer_data', 'segment', 'mparticle', 'emarsys'] as const;
export type Platform = (typeof PLATFORMS)[number];

export interface ApiKey {
  readonly id: number;
  readonly applicationId: number;
  /** Display name; need not be unique. */
  readonly title: string;
  readonly platform: Platform;
  /** `staging` is a Test key. */
  readonly type: '' | 'staging';
  readonly readOnly: boolean;
  /** Requests per second this key may make; undefined for the server's own limit. */
  readonly rateLimit: number | undefined;
  /** Whether its multi-profile requests are applied without their refused rows, unless a request says otherwise. */
  readonly lenientRows: boolean;
  /** Whether each of its multi-profile requests keeps a report of its rows. */
  readonly rowReports: boolean;
  /** Whether its requests skip undefined attributes instead of being refused. */
  readonly skipUndefinedAttributes: boolean;
  /** Nanoseconds by which rules see the time shifted; kept for callers, since there are no rules here. */
  readonly timeOffset: number | undefined;
  /** First and last four characters, by which people recognise a key. */
  readonly prefix: string;
  readonly suffix: string;
  /** ms since the epoch, each */
  readonly expires: number;
  readonly created: number;
  readonly createdBy: number | undefined;
  readonly lastUsedAt: number | undefined;
  readonly deletedAt: number | undefined;
}

/** The options of a key for callers that cannot send headers, which can be changed later. */
export type KeySwitches = Pick<ApiKey, 'lenientRows' | 'rowReports' | 'skipUndefinedAttributes'>;

/** Some of them, with their new values. */
export type KeySwitchChange = { readonly [Name in keyof KeySwitches]?: boolean | undefined };

export type NewApiKey = Omit<ApiKey, 'id' | 'created' | 'lastUsedAt' | 'deletedAt'> & { readonly hash: Buffer };

export type KeyState = 'Valid' | 'Expires Soon' | 'Expired';

/** A key found by its secret, with the Application it acts on. */
export interface KeyWithApplication {
  readonly key: ApiKey;
  readonly application: Application;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX = 'rck_';
const RANDOM_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
const EXPIRES_SOON_MS = 7 * 24 * 60 * 60 * 1000;

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let index = 0; index < CHECKSUM_LENGTH; index += 1) {
    digits = (ALPHABET[rest % ALPHABET.length] ?? '') + digits;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return digits;
}

/**
 * Generates a secret: its kind, 32 random base62 characters and a checksum that distinguishes a typo from a revoked
 * key.
 */
export function generateKey(kind: 'rck_' | 'rcm_' = PREFIX): string {
  let key: string = kind;
  for (let index = 0; index < RANDOM_LENGTH; index += 1) key += ALPHABET[randomInt(ALPHABET.length)] ?? '';
  return key + checksum(key);
}

/** Reports whether a refused key looks mistyped; decides only the logged reason, never the response. */
export function looksMistyped(key: string): boolean {
  const body = key.slice(0, -CHECKSUM_LENGTH);
  return key.startsWith(PREFIX) && checksum(body) !== key.slice(-CHECKSUM_LENGTH);
}

/** The stored form of a key, by which it is looked up. */
export function hashKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** The state at `now` (ms since the epoch): usable while `now < expires`, with a warning during the last seven days. */
export function keyState(key: { readonly expires: number }, now: number): KeyState {
  if (now >= key.expires) return 'Expired';
  return key.expires - now <= EXPIRES_SOON_MS ? 'Expires Soon' : 'Valid';
}

/** Why a key that was sent cannot be used. */
export type KeyRefusal = 'unknown' | 'unknown, looks mistyped' | 'deleted' | 'expired';

/** Why a stored key cannot be used at `now` (ms since the epoch); undefined for one that can. */
export function keyRefusal(key: Pick<ApiKey, 'deletedAt' | 'expires'>, now: number): KeyRefusal | undefined {
  if (key.deletedAt !== undefined) return 'deleted';
  return now >= key.expires ? 'expired' : undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;
// The last instant RFC 3339 can express: years have four digits.
const LATEST = Date.UTC(10_000, 0, 1) - 1;

/** The instant a calendar date ends in a time zone, in ms since the epoch; NaN for a day that does not exist. */
function endOfDay(date: string, timezone: string): number {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const startUtc = Date.UTC(year, month - 1, day);
  if (new Date(startUtc).toISOString().slice(0, 10) !== date) return Number.NaN;
  const format = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  /** The date in the zone at an instant, as the time that date starts in UTC. */
  const localDate = (instant: number): number => {
    const part = new Map(format.formatToParts(instant).map((each) => [each.type, Number(each.value)]));
    return Date.UTC(part.get('year') ?? 0, (part.get('month') ?? 0) - 1, part.get('day'));
  };
  // Clocks may change at midnight itself, so no offset can be relied on: the search is for the first instant of a later
  // date. Zones are at most 14 hours from UTC, so the interval always contains that instant.
  let before = startUtc;
  let after = startUtc + 2 * DAY_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localDate(middle) > startUtc) after = middle;
    else before = middle;
  }
  return after;
}

/**
 * Parses an expiry: a date (the end of that day in the Application's zone) or an RFC 3339 time.
 * @param field the caller's name for it
 * @returns ms since the epoch
 * @throws DomainError `invalid` when it cannot be parsed or is not in the future
 */
export function parseExpiry(text: string, timezone: string, now: number, field = 'expires'): number {
  const source = { pointer: `/${field}` };
  const expires = /^\d{4}-\d{2}-\d{2}$/.test(text) ? endOfDay(text, timezone) : parseRfc3339(text);
  if (Number.isNaN(expires)) {
    throw invalid(
      `${field}: '${text}' is neither a date such as 2027-06-30 nor an RFC 3339 time such as 2027-06-30T12:00:00Z`,
      source,
    );
  }
  if (expires <= now) throw invalid(`${field}: '${text}' is not in the future`, source);
  return Math.min(expires, LATEST);
}

export function apiKeyNotFound(id: number): DomainError {
  return new DomainError('not_found', `API key ${id} not found`);
}
