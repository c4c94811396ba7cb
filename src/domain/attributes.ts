/** Attribute definitions, and the one function that checks a value against its definition. */

import type { Core } from './core.ts';
import { isStorableText } from './environment.ts';
import { DomainError, invalid, type Problem } from './errors.ts';

/** What attributes are defined for. Only those of customer profiles matter to the writes served here. */
export const ATTRIBUTE_ENTITIES = [
  'Application',
  'Campaign',
  'CustomerProfile',
  'CustomerSession',
  'CartItem',
  'Coupon',
  'Event',
  'Giveaway',
  'LoyaltyCard',
  'Referral',
  'Store',
] as const;

export type AttributeEntity = (typeof ATTRIBUTE_ENTITIES)[number];

export const ATTRIBUTE_TYPES = [
  'string',
  'number',
  'boolean',
  'time',
  'location',
  '(list string)',
  '(list number)',
  '(list time)',
  '(list location)',
] as const;

export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A value an attribute can hold once it was checked. */
export type AttributeValue = Exclude<JsonValue, null>;

export interface Attribute {
  readonly id: number;
  readonly entity: 'CustomerProfile';
  /** API name; immutable and unique per entity. */
  readonly name: string;
  /** Name shown to people; unique per entity. */
  readonly title: string;
  readonly type: AttributeType;
  readonly description: string;
  readonly suggestions: readonly string[];
  /** True when values outside `suggestions` are refused. */
  readonly restrictedBySuggestions: boolean;
  readonly editable: boolean;
  /** Applications the attribute is limited to; empty means all. */
  readonly applicationIds: readonly number[];
  /** ms since the epoch */
  readonly created: number;
}

export type NewAttribute = Omit<Attribute, 'id' | 'created'>;

// Management API: patterns of NewAttribute.name and NewAttribute.title.
export const ATTRIBUTE_NAME = /^[A-Za-z]\w*$/;
const TITLE_PATTERN = /^[A-Za-z][A-Za-z0-9_.!~*'() -]*$/;
const MAX_SUGGESTIONS = 50;

// RFC 3339 date-time; 60 is a legal second (leap seconds are announced, not computable).
const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-](\d{2}):(\d{2}))$/;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** True for an RFC 3339 date-time that names a real calendar day. */
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
  if (month < 1 || month > 12 || day < 1 || day > (DAYS_IN_MONTH[month - 1] ?? 0)) return false;
  if (month === 2 && day === 29 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))) return false;
  return hour < 24 && minute < 60 && second <= 60 && Number(match[9] ?? 0) < 24 && Number(match[10] ?? 0) < 60;
}

/** `JSON.stringify` drops the sign of -0: what is stored would not equal what was answered. */
function withoutSign(number: number): number {
  return number === 0 ? 0 : number;
}

interface LocationValue {
  readonly latitude: number;
  readonly longitude: number;
}

function asLocation(value: JsonValue): LocationValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { latitude, longitude } = value as { latitude?: JsonValue; longitude?: JsonValue };
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  return { latitude: withoutSign(latitude), longitude: withoutSign(longitude) };
}

type Scalar = 'string' | 'number' | 'boolean' | 'time' | 'location';

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
      return typeof value === 'number' && Number.isFinite(value) ? withoutSign(value) : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'time':
      return typeof value === 'string' && isRfc3339(value) ? value : undefined;
    case 'location':
      return asLocation(value) as AttributeValue | undefined;
  }
}

function outsideSuggestions(attribute: Attribute, value: AttributeValue): AttributeValue | undefined {
  if (!attribute.restrictedBySuggestions) return undefined;
  const values = (Array.isArray(value) ? value : [value]) as AttributeValue[];
  return values.find((each) => !attribute.suggestions.includes(typeof each === 'string' ? each : JSON.stringify(each)));
}

function quote(value: AttributeValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `'${text.slice(0, 60)}…'` : `'${text}'`;
}

/** JSON Pointer of an attribute inside a profile update. */
export function attributePointer(name: string): string {
  return `/attributes/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * Checks one value against its definition and returns what is to be stored. Never coerces. A location keeps its two
 * published members only.
 * @returns the value, or the problem that makes it unacceptable
 */
export function checkAttributeValue(attribute: Attribute, value: JsonValue): { value: AttributeValue } | Problem {
  const list = attribute.type.startsWith('(list ');
  const scalar = (list ? attribute.type.slice(6, -1) : attribute.type) as Scalar;
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
        `Attribute '${attribute.name}' ${unstorable ? 'holds a NUL character or a lone surrogate' : `expects ${EXPECTED[scalar]}`}`,
      );
    }
    checked = result;
  }
  const outside = outsideSuggestions(attribute, checked);
  if (outside !== undefined) {
    const shown = attribute.suggestions.slice(0, 10).map((each) => `'${each}'`);
    return {
      title: 'enum',
      message: `Attribute '${attribute.name}' does not allow ${quote(outside)}; allowed: ${shown.join(', ')}${attribute.suggestions.length > 10 ? ', …' : ''}`,
      source,
      cause: `attribute \`${attribute.name}\` does not allow the value`,
    };
  }
  return { value: checked };
}

/** True when profiles updated through this Application may carry the attribute. */
export function appliesTo(attribute: Attribute, applicationId: number | undefined): boolean {
  if (attribute.applicationIds.length === 0) return true;
  return applicationId !== undefined && attribute.applicationIds.includes(applicationId);
}

/**
 * Defines an attribute of customer profiles.
 * @throws DomainError `invalid` for a bad name, title or type; `conflict` when the name or title is taken
 */
export async function createAttribute(
  core: Core,
  input: {
    name: string;
    type: string;
    title?: string | undefined;
    description?: string | undefined;
    suggestions?: readonly string[] | undefined;
    restrictedBySuggestions?: boolean | undefined;
    applicationIds?: readonly number[] | undefined;
  },
): Promise<Attribute> {
  const { name, type, title = name, suggestions = [], restrictedBySuggestions = false } = input;
  if (!ATTRIBUTE_NAME.test(name) || name.length > 255) {
    throw invalid(`name: '${name}' must be a letter followed by letters, digits or underscores, at most 255 in all`);
  }
  if (!TITLE_PATTERN.test(title) || title.length > 255) {
    throw invalid(
      "title: must start with a letter and hold only letters, digits, spaces and _.!~*'()-, at most 255 in all",
    );
  }
  if (!(ATTRIBUTE_TYPES as readonly string[]).includes(type)) {
    throw invalid(`type: '${type}' is not one of ${ATTRIBUTE_TYPES.join(', ')}`);
  }
  if (suggestions.length > MAX_SUGGESTIONS || suggestions.some((each) => each === '' || !isStorableText(each))) {
    throw invalid(`suggestions: at most ${MAX_SUGGESTIONS}, none of them empty`);
  }
  if (restrictedBySuggestions && suggestions.length === 0) {
    throw invalid('restrictedBySuggestions: needs at least one suggestion, or no value could ever be set');
  }
  const known = await core.storage.catalog();
  for (const id of input.applicationIds ?? []) {
    if (!known.applications.has(id)) throw new DomainError('not_found', `Application ${id} not found`);
  }
  return core.storage.createAttribute(core.actor, {
    entity: 'CustomerProfile',
    name,
    title,
    type: type as AttributeType,
    description: input.description ?? '',
    suggestions: [...new Set(suggestions)],
    restrictedBySuggestions,
    editable: true,
    applicationIds: [...new Set(input.applicationIds ?? [])],
  });
}
