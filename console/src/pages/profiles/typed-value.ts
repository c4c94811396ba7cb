/** Parses typed text into the value of an attribute, as the search expects it. */

import type { Attribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import type { ProfilesSearch } from './search.ts';

export type TypedValue = { readonly value: unknown } | { readonly problem: string };

type Single = (text: string) => TypedValue;

const SINGLE: Readonly<Record<'string' | 'number' | 'time', Single>> = {
  string: (text) => ({ value: text }),
  number,
  time: (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d/i.test(text) && !Number.isNaN(Date.parse(text))
      ? { value: text }
      : { problem: 'A time with a zone, such as 2027-06-30T12:00:00Z' },
};

/** Digits as JSON has them: nobody means the other forms that JavaScript takes for numbers, such as `0x10`. */
function number(text: string): TypedValue {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) return { problem: 'A number, such as -12.5' };
  // The server stores no integer that a double would change, so nothing can equal it.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && /^[+-]?\d+$/.test(text)) {
    return { problem: 'At most 9007199254740991: use a text attribute for larger integers' };
  }
  // There is only one zero.
  return { value: value === 0 ? 0 : value };
}

export function typedValue(type: Attribute['type'], text: string): TypedValue {
  const typed = text.trim();
  switch (type) {
    case 'string':
    case 'number':
    case 'time':
      return SINGLE[type](typed);
    case 'boolean':
      return typed === 'true' || typed === 'false' ? { value: typed === 'true' } : { problem: 'true or false' };
    case 'location':
      return location(typed);
    case '(list string)':
      return list(typed.split(','), SINGLE.string);
    case '(list number)':
      return list(typed.split(','), SINGLE.number);
    case '(list time)':
      return list(typed.split(','), SINGLE.time);
    case '(list location)':
      return list(typed.split(';'), location);
  }
}

/**
 * The value the server compares. A value that does not fit its type is sent unchanged, and the server says why it does
 * not fit.
 */
export function criterion(
  { attribute, value }: ProfilesSearch,
  known: readonly Attribute[],
): Record<string, unknown> | undefined {
  if (attribute === undefined || value === undefined) return undefined;
  const type = known.find(({ name }) => name === attribute)?.type;
  const typed = type === undefined ? { value } : typedValue(type, value);
  return { [attribute]: 'value' in typed ? typed.value : value };
}

/** What to type for a type that needs an explanation. */
export function valueHint(type: Attribute['type']): string | undefined {
  switch (type) {
    case 'time':
      return 'For example, 2027-06-30T12:00:00Z; also matches the same instant in another zone';
    case 'boolean':
      return 'true or false';
    case 'location':
      return 'Latitude, longitude';
    case '(list location)':
      return 'Latitude, longitude; separated by semicolons';
    case '(list string)':
    case '(list number)':
    case '(list time)':
      return 'The complete list in order, separated by commas';
    case 'string':
    case 'number':
      return undefined;
  }
}

function location(text: string): TypedValue {
  const [latitude, longitude, ...more] = text.split(',').map((part) => number(part.trim()));
  const isPlace = latitude !== undefined && longitude !== undefined && more.length === 0;
  return isPlace && 'value' in latitude && 'value' in longitude
    ? { value: { latitude: latitude.value, longitude: longitude.value } }
    : { problem: 'Latitude and longitude, such as 52.52, -13.40' };
}

function list(parts: readonly string[], single: Single): TypedValue {
  const values: unknown[] = [];
  for (const part of parts) {
    const typed = single(part.trim());
    if ('problem' in typed) return typed;
    values.push(typed.value);
  }
  return { value: values };
}
