/** How large attribute values and profiles may grow: what is kept comes back with every answer that shows the profile. */

import { DomainError, type Problem } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';
import { attributePointer } from './attribute-values.ts';

/** Upper bounds, in bytes of the UTF-8 JSON that is stored. */
export interface AttributeLimits {
  /** Of one value. */
  readonly valueBytes: number;
  /** Of all attributes of one profile, names included. */
  readonly profileBytes: number;
}

export const DEFAULT_ATTRIBUTE_LIMITS: AttributeLimits = { valueBytes: 64 * 1024, profileBytes: 1024 * 1024 };

// JSON escapes one UTF-16 unit with six characters at most, and UTF-8 takes three bytes for one.
const MAX_BYTES_PER_UNIT = 6;
// No number, boolean or location is longer.
const MAX_SCALAR_BYTES = 128;

/** Bytes of a value as JSON. */
function jsonBytes(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** A bound of `jsonBytes` that costs next to nothing, for the many values that are far from any limit. */
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
 * The problem of a checked value that is beyond the limit; undefined when there is none. A value that was stored before the
 * limit was lowered may stay and shrink.
 * @param stored the value the profile has now
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
    message: `Attribute '${name}' holds ${bytes} bytes; at most ${limits.valueBytes} per value (ROLLCALL_MAX_ATTRIBUTE_BYTES)`,
    source: { pointer: attributePointer(name) },
    cause: `attribute \`${name}\` is larger than a value may be`,
  };
}

/**
 * Refuses attributes that grow a profile beyond its limit; one that is beyond it already may still change and shrink.
 * @param before and after: all attributes as JSON
 * @param names the attributes that change
 * @throws DomainError `invalid`
 */
export function requireProfileSize(
  before: string,
  after: string,
  names: Iterable<string>,
  { profileBytes }: AttributeLimits,
): void {
  if (after.length * MAX_BYTES_PER_UNIT <= profileBytes) return;
  const bytes = Buffer.byteLength(after);
  if (bytes <= profileBytes || bytes <= Buffer.byteLength(before)) return;
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
  const cause = 'the attributes are larger than those of a profile may be';
  throw new DomainError('invalid', [{ title: 'limit', message, source, cause }]);
}
