/**
 * What refused writes hold for an undefined attribute. The type of an attribute is chosen once and cannot be changed.
 */

import { checkAttributeValue, NO_LISTS } from '../domain/definitions/attribute-values.ts';
import {
  ATTRIBUTE_TYPES,
  type Attribute,
  type AttributeType,
  undefinedAttributeCause,
} from '../domain/definitions/attributes.ts';
import type { DefinitionStorage } from '../domain/definitions/storage.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { Operation } from '../domain/operation.ts';
import type { Logged } from './access-log.ts';

/** The number of refused writes examined: enough to see whether they agree, without a long wait. */
const MAX_WRITES = 100;
const MAX_SAMPLES = 10;

export interface RefusedValues {
  /** The number of refused writes that hold a value. */
  readonly writes: number;
  /** Distinct values, latest first. */
  readonly samples: readonly JsonValue[];
  /** The type to define the attribute with; undefined if the values disagree or there are none. */
  readonly type: AttributeType | undefined;
  /** Whether the attribute as defined accepts all of them; undefined if it is not defined or there are none. */
  readonly fitsDefinition: boolean | undefined;
}

/**
 * Examines the latest refused writes that are kept and have not been replayed.
 * @param applicationId undefined for all Applications
 */
export async function findRefusedValues(
  core: Logged & Operation<DefinitionStorage>,
  name: string,
  applicationId: number | undefined,
): Promise<RefusedValues> {
  const filter = { cause: undefinedAttributeCause(name), applicationId };
  const refusals = await core.accessLog.refusals(filter, undefined, MAX_WRITES);
  const values: JsonValue[] = [];
  for (const { uuid, replayed } of refusals) {
    if (replayed !== undefined) continue;
    const refusal = await core.accessLog.readRefusal(uuid);
    const value = refusal === undefined ? undefined : valueIn(refusal.body, name);
    if (value !== undefined && value !== null) values.push(value);
  }
  const attribute = (await core.storage.catalog()).attributes.get(name);
  return {
    writes: values.length,
    samples: [...new Map(values.map((value) => [JSON.stringify(value), value])).values()].slice(0, MAX_SAMPLES),
    type: typeOf(values),
    fitsDefinition:
      attribute === undefined || values.length === 0 ? undefined : values.every((value) => fits(attribute, value)),
  };
}

/** A null removes a value and has no type. */
function valueIn(body: Buffer, name: string): JsonValue | undefined {
  try {
    const { attributes } = JSON.parse(body.toString('utf8')) as { attributes?: Record<string, JsonValue> | null };
    return attributes && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  } catch {
    // It was refused before its body was read.
    return undefined;
  }
}

/**
 * The common type of all values. A string that is a time could be either; it counts as a time if all values are times.
 * An empty list reveals nothing about the type of its entries.
 */
export function typeOf(values: readonly JsonValue[]): AttributeType | undefined {
  if (values.every((value) => Array.isArray(value) && value.length === 0)) return undefined;
  const types = ATTRIBUTE_TYPES.filter((type) => values.every((value) => fits(ofType(type), value)));
  return types.find((type) => type === 'time' || type === '(list time)') ?? types[0];
}

function fits(attribute: Attribute, value: JsonValue): boolean {
  return 'value' in checkAttributeValue({ ...attribute, restrictedBySuggestions: false }, value, NO_LISTS);
}

function ofType(type: AttributeType): Attribute {
  // Stryker disable StringLiteral,ArrayDeclaration,BooleanLiteral: only its type decides which values it accepts
  return {
    id: 0,
    entity: 'CustomerProfile',
    name: 'any',
    title: 'any',
    type,
    description: '',
    suggestions: [],
    restrictedBySuggestions: false,
    hasAllowedList: false,
    allowedList: undefined,
    editable: true,
    applicationIds: [],
    details: {},
    created: 0,
  };
  // Stryker restore all
}
