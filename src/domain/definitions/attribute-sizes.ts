/**
 * How large attribute values and profiles may grow: what is stored is part of every response that shows the profile.
 */

import { DomainError, type Problem } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';
import { attributePointer } from './attribute-values.ts';

/** Upper bounds, in bytes of the UTF-8 JSON that is stored. */
export interface AttributeLimits {
  /** Of one value. */
  readonly valueBytes: number;
  /** Of all attributes of one profile, including their names. */
  readonly profileBytes: number;
}

export const DEFAULT_ATTRIBUTE_LIMITS: AttributeLimits = { valueBytes: 64 * 1024, profileBytes: 1024 * 1024 };

// JSON escapes one UTF-16 unit with at most six characters, and UTF-8 needs at most three bytes for one.
const MAX_BYTES_PER_UNIT = 6;
// No number, boolean or location is longer.
const MAX_SCALAR_BYTES = 128;

/** The size of a value as JSON, in bytes. */
function jsonBytes(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** An upper bound of `jsonBytes` that costs next to nothing, for the many values far below any limit. */
function mostBytes(value: JsonValue): number {
  if (typeof value === 'string') return value.length * MAX_BYTES_PER_UNIT + 2;
  if (!Array.isArray(value)) return MAX_SCALAR_BYTES;
  let sum = 2;
  for (const item of value as readonly JsonValue[]) sum += mostBytes(item) + 1;
  return sum;
}

/** True for a checked value beyond the limit. */
export function isLargeValue(value: JsonValue, { valueBytes }: AttributeLimits): boolean {
  return mostBytes(value) > valueBytes && jsonBytes(value) > valueBytes;
}

/**
 * The problem of a checked value above the limit; undefined if there is none. A value stored before the limit was
 * lowered may stay or shrink.
 * @param stored the profile's current value
 */
export function valueSizeProblem(
  name: string,
  value: JsonValue,
  stored: JsonValue | undefined,
  limits: AttributeLimits,
): Problem | undefined {
  if (!isLargeValue(value, limits)) return undefined;
  const bytes = jsonBytes(value);
  if (stored !== undefined && bytes <= jsonBytes(stored)) return undefined;
  return {
    title: 'limit',
    message: `Attribute '${name}' has ${bytes} bytes; at most ${limits.valueBytes} per value (ROLLCALL_MAX_ATTRIBUTE_BYTES)`,
    source: { pointer: attributePointer(name) },
    cause: `attribute \`${name}\` exceeds the size limit of a value`,
  };
}

/** Reports whether attributes, as JSON text, exceed the limit of a profile and are larger than before. */
export function outgrowsProfile(before: string, after: string, { profileBytes }: AttributeLimits): boolean {
  if (after.length * MAX_BYTES_PER_UNIT <= profileBytes) return false;
  const bytes = Buffer.byteLength(after);
  return bytes > profileBytes && bytes > Buffer.byteLength(before);
}

/**
 * Refuses attributes that grow a profile beyond its limit; a profile that already exceeds it may change or shrink.
 * @param before and after: all attributes as JSON
 * @param names the attributes that change
 * @throws DomainError `invalid`
 */
export function requireProfileSize(
  before: string,
  after: string,
  names: Iterable<string>,
  limits: AttributeLimits,
): void {
  if (!outgrowsProfile(before, after, limits)) return;
  const { profileBytes } = limits;
  const bytes = Buffer.byteLength(after);
  const values = JSON.parse(after) as Record<string, JsonValue>;
  let largest = { name: '', bytes: 0 };
  for (const name of names) {
    const value = values[name];
    if (value === undefined) continue;
    const size = jsonBytes(value);
    if (size > largest.bytes) largest = { name, bytes: size };
  }
  const message = `Attribute '${largest.name}' (${largest.bytes} bytes) would make the profile's attributes ${bytes} bytes; at most ${profileBytes} per profile (ROLLCALL_MAX_PROFILE_BYTES)`;
  const source = { pointer: attributePointer(largest.name) };
  const cause = 'the attributes exceed the size limit of a profile';
  throw new DomainError('invalid', [{ title: 'limit', message, source, cause }]);
}
