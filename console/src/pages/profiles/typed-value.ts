/** Turns what somebody typed into the value of an attribute, as the search wants it. */

import type { Attribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import type { ProfilesSearch } from './search.ts';

export type TypedValue = { readonly value: unknown } | { readonly problem: string };

type Single = (text: string) => TypedValue;

const SINGLE: Readonly<Record<'string' | 'number' | 'time', Single>> = {
  string: (text) => ({ value: text }),
  number: (text) =>
    text !== '' && Number.isFinite(Number(text)) ? { value: Number(text) } : { problem: 'A number, such as 12.5' },
  time: (text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d/i.test(text) && !Number.isNaN(Date.parse(text))
      ? { value: text }
      : { problem: 'A time with its zone, such as 2027-06-30T12:00:00Z' },
};

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

/** What the server is asked to compare; a value that does not fit its type is sent as it is, and the server says why not. */
export function criterion(
  { attribute, value }: ProfilesSearch,
  known: readonly Attribute[],
): Record<string, unknown> | undefined {
  if (attribute === undefined || value === undefined) return undefined;
  const type = known.find(({ name }) => name === attribute)?.type;
  const typed = type === undefined ? { value } : typedValue(type, value);
  return { [attribute]: 'value' in typed ? typed.value : value };
}

/** What to type for a type, where it is not plain. */
export function valueHint(type: Attribute['type']): string | undefined {
  switch (type) {
    case 'time':
      return 'Such as 2027-06-30T12:00:00Z; the same instant in another zone is found too';
    case 'boolean':
      return 'true or false';
    case 'location':
      return 'Latitude, longitude';
    case '(list location)':
      return 'Latitude, longitude; semicolons between them';
    case '(list string)':
    case '(list number)':
    case '(list time)':
      return 'The whole list in its order, with commas between';
    case 'string':
    case 'number':
      return undefined;
  }
}

function location(text: string): TypedValue {
  const [latitude = Number.NaN, longitude = Number.NaN, ...more] = text.split(',').map((part) => Number(part));
  return more.length === 0 && Number.isFinite(latitude) && Number.isFinite(longitude)
    ? { value: { latitude, longitude } }
    : { problem: 'Latitude and longitude, such as 52.52, 13.40' };
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
