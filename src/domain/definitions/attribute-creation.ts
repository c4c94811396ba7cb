/** Attributes that a platform's write creates by using them: their type, name and title, and how many there may be. */

import type { Problem } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';
import { attributePointer, isRfc3339 } from './attribute-values.ts';
import { ATTRIBUTE_NAME, type Attribute, type AttributeType, MAX_ATTRIBUTE_NAME } from './attributes.ts';
import type { Catalog } from './catalog.ts';

/** The largest number of attributes that one request may create. */
export const MAX_CREATED_PER_REQUEST = 100;

/** Once this many attributes of customer profiles are defined, platforms cannot create any more; users still can. */
export const MAX_DEFINED_BY_PLATFORMS = 1000;

/** The type inferred from a value; undefined for null, an object, and an empty or mixed list. */
export function inferType(value: JsonValue): AttributeType | undefined {
  if (!Array.isArray(value)) return inferScalar(value);
  const types = new Set((value as readonly JsonValue[]).map(inferScalar));
  if (types.size === 2 && types.has('string') && types.has('time')) return '(list string)';
  const [type, ...others] = types;
  if (others.length > 0) return undefined;
  if (type === 'string') return '(list string)';
  if (type === 'number') return '(list number)';
  return type === 'time' ? '(list time)' : undefined;
}

function inferScalar(value: JsonValue): 'boolean' | 'number' | 'string' | 'time' | undefined {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return 'number';
  if (typeof value !== 'string') return undefined;
  return isRfc3339(value) ? 'time' : 'string';
}

/**
 * Converts a single value to or from a string if its sender declares another type for it: `false` as a string is
 * `"false"`.
 * @param digits the digits of the number as sent, if a double would change them
 */
export function asDeclared(type: AttributeType, value: JsonValue, digits: string | undefined): JsonValue {
  if (type === 'string' && (typeof value === 'boolean' || typeof value === 'number')) return digits ?? String(value);
  if (typeof value !== 'string') return value;
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if (type === 'number' && /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(value)) return Number(value);
  return value;
}

/** An undefined attribute, and its first value. */
export interface MissingAttribute {
  readonly name: string;
  readonly value: JsonValue;
  /** The type that the sender declares. */
  readonly declared: AttributeType | undefined;
}

/**
 * Plans the definitions of missing attributes. @returns for each its definition, without ID and time, or the problem
 * with it
 * @param description the description of all of them
 */
export function planAttributes(
  catalog: Catalog,
  missing: readonly MissingAttribute[],
  description: string,
): ReadonlyMap<string, Attribute | Problem> {
  const planned = new Map<string, Attribute | Problem>();
  if (missing.length === 0) return planned;
  const titles = new Set<string>();
  for (const { entity, title } of catalog.allAttributes()) if (entity === 'CustomerProfile') titles.add(title);
  for (const { name, value, declared } of missing) {
    const problem = nameProblem(name) ?? countProblem(catalog, planned.size, name);
    if (problem !== undefined) {
      planned.set(name, problem);
      continue;
    }
    const type = Array.isArray(value) || declared === undefined ? inferType(value) : declared;
    if (type === undefined || (Array.isArray(value) && declared !== undefined)) {
      planned.set(name, typeProblem(name, value, declared));
      continue;
    }
    const title = freeTitle(name, titles);
    titles.add(title);
    planned.set(name, definition(name, title, type, description));
  }
  return planned;
}

function definition(name: string, title: string, type: AttributeType, description: string): Attribute {
  return {
    id: 0,
    entity: 'CustomerProfile',
    name,
    title,
    type,
    description,
    suggestions: [],
    restrictedBySuggestions: false,
    hasAllowedList: false,
    allowedList: undefined,
    editable: true,
    applicationIds: [],
    details: {},
    created: 0,
  };
}

/** The name itself, unless another attribute has it as its title. */
function freeTitle(name: string, taken: ReadonlySet<string>): string {
  let title = name;
  for (let number = 2; taken.has(title); number += 1) title = `${name.slice(0, MAX_ATTRIBUTE_NAME - 10)} (${number})`;
  return title;
}

function nameProblem(name: string): Problem | undefined {
  if (ATTRIBUTE_NAME.test(name) && name.length <= MAX_ATTRIBUTE_NAME) return undefined;
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  return {
    title: 'Unknown',
    message: `Attribute '${shown}' cannot be created: a name is a letter followed by letters, digits or underscores, at most ${MAX_ATTRIBUTE_NAME} characters`,
    source: { pointer: attributePointer(name) },
    // Such a name may be personal data, such as an e-mail address.
    cause: 'an attribute is not defined, and its name is not a valid one',
  };
}

/** @param planned the number of attributes that the same request creates before */
function countProblem({ attributes }: Catalog, planned: number, name: string): Problem | undefined {
  const source = { pointer: attributePointer(name) };
  if (planned >= MAX_CREATED_PER_REQUEST) {
    return {
      title: 'limit',
      message: `Attribute '${name}' cannot be created: one request creates at most ${MAX_CREATED_PER_REQUEST}; split it`,
      source,
      cause: `a request creates more than ${MAX_CREATED_PER_REQUEST} attributes`,
    };
  }
  if (attributes.size + planned < MAX_DEFINED_BY_PLATFORMS) return undefined;
  return {
    title: 'limit',
    message: `Attribute '${name}' cannot be created: ${MAX_DEFINED_BY_PLATFORMS} attributes are defined, the most that platforms may create (define it in the console, under Attributes)`,
    source,
    cause: `${MAX_DEFINED_BY_PLATFORMS} attributes are defined, the most that platforms may create`,
  };
}

function typeProblem(name: string, value: JsonValue, declared: AttributeType | undefined): Problem {
  const source = { pointer: attributePointer(name) };
  const cause = `attribute \`${name}\` is not defined, and its type cannot be inferred`;
  if (Array.isArray(value) && declared !== undefined) {
    const message = `Attribute '${name}' is a list, which attributesInfo cannot make a ${declared} (leave it out there)`;
    return { title: 'Invalid type', message, source, cause };
  }
  const kind = value === null ? 'null' : Array.isArray(value) ? 'an empty or mixed list' : 'an object';
  const message = `Attribute '${name}' is not defined, and its type cannot be inferred from ${kind} (define it first, under Attributes in the console)`;
  return { title: 'Invalid type', message, source, cause };
}
