/** Values of attributes: whether one fits its definition, and when two are equal. */

import { isStorableText } from '../environment.ts';
import type { Problem } from '../errors.ts';
import { isInexactInteger } from '../exact-integers.ts';
import type { JsonValue } from '../json-value.ts';
import type { Attribute, AttributeType, AttributeValue } from './attributes.ts';

// RFC 3339 date-time; 60 is a legal second (leap seconds are announced, not computable).
const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-](\d{2}):(\d{2}))$/;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Reports whether a text is an RFC 3339 date-time on a day that exists. */
export function isRfc3339(text: string): boolean {
  const match = RFC_3339.exec(text);
  if (match === null) return false;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (day < 1 || day > (DAYS_IN_MONTH[month - 1] ?? 0)) return false;
  if (month === 2 && day === 29 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))) return false;
  return hour < 24 && minute < 60 && second <= 60 && Number(match[9] ?? 0) < 24 && Number(match[10] ?? 0) < 60;
}

/** An RFC 3339 time in ms since the epoch; NaN for any other text. A leap second counts as the second after it. */
export function parseRfc3339(text: string): number {
  if (!isRfc3339(text)) return Number.NaN;
  const leap = text.slice(17, 19) === '60';
  const normal = `${text.slice(0, 10)}T${text.slice(11, 17)}${leap ? '59' : text.slice(17, 19)}${text.slice(19)}`;
  return Date.parse(normal.toUpperCase()) + (leap ? 1000 : 0);
}

/** `JSON.stringify` drops the sign of -0, so the stored value would differ from the returned one. */
function withoutSign(number: number): number {
  return number === 0 ? 0 : number;
}

interface LocationValue {
  readonly latitude: number;
  readonly longitude: number;
}

function asLocation(value: JsonValue): LocationValue | undefined {
  const { latitude, longitude } = (value ?? {}) as { latitude?: JsonValue; longitude?: JsonValue };
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  return { latitude: withoutSign(latitude), longitude: withoutSign(longitude) };
}

type Scalar = 'string' | 'number' | 'boolean' | 'time' | 'location';

function isList(type: AttributeType): boolean {
  return type.startsWith('(list ');
}

/** The type itself, or the type of a list's items. */
function scalarOf(type: AttributeType): Scalar {
  return (isList(type) ? type.slice(6, -1) : type) as Scalar;
}

const EXPECTED: Record<Scalar, string> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  time: 'an RFC 3339 time such as 2026-01-31T09:30:00Z',
  location: 'a location {"latitude": -90..90, "longitude": -180..180}',
};

function checkScalar(type: Scalar, value: JsonValue): AttributeValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' && isStorableText(value) ? value : undefined;
    case 'number':
      return Number.isFinite(value) ? withoutSign(value as number) : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'time':
      return typeof value === 'string' && isRfc3339(value) ? value : undefined;
    case 'location':
      return asLocation(value) as AttributeValue | undefined;
  }
}

/** Reports whether an imported list of allowed values contains a value, given its `canonicalText`. */
export type IsAllowed = (list: number, value: string) => boolean;

/** For checks of values whose attributes have no imported list. */
export const NO_LISTS: IsAllowed = () => false;

/** The first value that a restricted attribute does not allow. */
function outsideAllowed(attribute: Attribute, value: AttributeValue, isAllowed: IsAllowed): AttributeValue | undefined {
  if (!attribute.restrictedBySuggestions) return undefined;
  const { suggestions, allowedList } = attribute;
  const inList = (each: AttributeValue): boolean =>
    allowedList !== undefined && isAllowed(allowedList, canonicalText(attribute.type, each));
  const values = (Array.isArray(value) ? value : [value]) as AttributeValue[];
  return values.find(
    (each) => !suggestions.includes(typeof each === 'string' ? each : JSON.stringify(each)) && !inList(each),
  );
}

function outsideProblem(attribute: Attribute, outside: AttributeValue): Problem {
  const { name, suggestions, allowedList } = attribute;
  const shown = suggestions.slice(0, 10).map((each) => `'${each}'`);
  if (suggestions.length > shown.length) shown.push('…');
  if (allowedList !== undefined) shown.push('the values of its imported list');
  return {
    title: 'enum',
    message: `Attribute '${name}' does not allow ${quote(outside)}; allowed: ${shown.length === 0 ? 'nothing until its list is imported' : shown.join(', ')}`,
    source: { pointer: attributePointer(name) },
    cause: `attribute \`${name}\` does not allow the value`,
  };
}

function quote(value: AttributeValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `'${text.slice(0, 60)}…'` : `'${text}'`;
}

/** JSON Pointer of an attribute in a profile update. */
export function attributePointer(name: string): string {
  return `/attributes/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * Checks a value against its definition and returns it in its stored form. Never coerces. Only the two published
 * members of a location are kept.
 * @returns the value, or the problem that makes it unacceptable
 */
export function checkAttributeValue(
  attribute: Attribute,
  value: JsonValue,
  isAllowed: IsAllowed,
): { value: AttributeValue } | Problem {
  const list = isList(attribute.type);
  const scalar = scalarOf(attribute.type);
  const source = { pointer: attributePointer(attribute.name) };
  const wrongType = (message: string): Problem => {
    const cause = `attribute \`${attribute.name}\` is of type ${attribute.type}; the value is not`;
    return { title: 'Invalid type', message, source, cause };
  };
  let checked: AttributeValue;
  if (list) {
    if (!Array.isArray(value))
      return wrongType(`Attribute '${attribute.name}' expects a list, each ${EXPECTED[scalar]}`);
    const items: AttributeValue[] = [];
    for (const [index, item] of (value as JsonValue[]).entries()) {
      const result = checkScalar(scalar, item);
      if (result === undefined) {
        return wrongType(
          `Attribute '${attribute.name}' expects a list, each ${EXPECTED[scalar]}; entry ${index} is not`,
        );
      }
      items.push(result);
    }
    checked = items;
  } else {
    const result = checkScalar(scalar, value);
    if (result === undefined) {
      const unstorable = scalar === 'string' && typeof value === 'string';
      return wrongType(
        `Attribute '${attribute.name}' ${unstorable ? 'contains a NUL character or a lone surrogate' : `expects ${EXPECTED[scalar]}`}`,
      );
    }
    checked = result;
  }
  const outside = outsideAllowed(attribute, checked, isAllowed);
  return outside === undefined ? { value: checked } : outsideProblem(attribute, outside);
}

/**
 * Numbers in a request that a double cannot represent, by the name of their attribute: the digits as they were sent.
 */
export type InexactNumbers = Readonly<Record<string, string>>;

/**
 * The problem of a value with an integer whose digits a double would change; undefined if there is none. A type that is
 * not numeric is left to `checkAttributeValue`.
 */
export function checkNumbers(attribute: Attribute, inexact: InexactNumbers | undefined): Problem | undefined {
  const { name, type } = attribute;
  if (inexact === undefined || !Object.hasOwn(inexact, name)) return undefined;
  if (scalarOf(type) !== 'number' && scalarOf(type) !== 'location') return undefined;
  const digits = inexact[name] ?? '';
  const shown = digits.length > 40 ? `${digits.slice(0, 40)}…` : digits;
  return {
    title: 'Invalid value',
    message: `Attribute '${name}' cannot hold ${shown}: as a number it would be changed to ${Number(digits)} (define it as a string attribute and send it in quotes)`,
    source: { pointer: attributePointer(name) },
    cause: `attribute \`${name}\` got an integer that a number cannot represent`,
  };
}

// ---- when two values are equal

/**
 * A text that is the same for equal values of one scalar type, or of a list's items: times are compared as instants,
 * numbers by value, texts exactly. The value must have been checked.
 */
export function canonicalText(type: AttributeType, item: JsonValue): string {
  if (typeof item !== 'string') return JSON.stringify(item);
  return scalarOf(type) === 'time' ? instant(item) : item;
}

/** Seconds since the epoch, with the fraction exactly as given. */
function instant(text: string): string {
  const [, year, month, day, hour, minute, second, fraction, zone, zoneHour, zoneMinute] = RFC_3339.exec(text) ?? [];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const offset = (Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)) * (zone?.startsWith('-') === true ? -60 : 60);
  const seconds = date.getTime() / 1000 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset;
  return `${seconds}${(fraction ?? '').replace(/\.?0+$/, '')}`;
}

/** Reports whether two checked values of one type are equal; lists are compared as sequences. */
export function sameValue(type: AttributeType, a: JsonValue, b: JsonValue): boolean {
  return a === b || wholeText(type, a) === wholeText(type, b);
}

function wholeText(type: AttributeType, value: JsonValue): string {
  if (!isList(type)) return canonicalText(type, value);
  return JSON.stringify((value as readonly JsonValue[]).map((each) => canonicalText(type, each)));
}

/**
 * The key of a value in the index of values: equal for equal values of one type, and rarely for others. It is stored,
 * so it must never change. @returns a whole number of 47 bits, the most that SQLite stores in six bytes
 */
export function valueKey(type: AttributeType, value: JsonValue): number {
  const text = wholeText(type, value);
  // Two lanes of multiplicative hashing (cyrb53). Searches check for collisions.
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 2654435761);
    high = Math.imul(high ^ unit, 1597334677);
  }
  const mixedLow = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  const mixedHigh = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(mixedLow ^ (mixedLow >>> 13), 3266489909);
  return (mixedHigh & 0x7fff) * 2 ** 32 + (mixedLow >>> 0);
}

// ---- values of uploaded lists

/**
 * One cell of an uploaded list of allowed values: a string as it is, everything else as written in JSON.
 * @returns the value's `canonicalText`, or a description of what was expected
 */
export function readAllowedValue(type: AttributeType, cell: string): { value: string } | { expected: string } {
  const scalar = scalarOf(type);
  if (scalar === 'number' && isInexactInteger(cell)) {
    return { expected: `a number that a double can represent, not one that it would change to ${Number(cell)}` };
  }
  const checked = checkScalar(scalar, scalar === 'string' || scalar === 'time' ? cell : parseOrNull(cell));
  return checked === undefined ? { expected: EXPECTED[scalar] } : { value: canonicalText(type, checked) };
}

/** Null, which fits no type, for text that is not JSON. */
function parseOrNull(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}
