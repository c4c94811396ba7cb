/** What must hold for the attributes of a write: they are defined, their values fit, and none is too large. */

import { asDeclared, type MissingAttribute, planAttributes } from '../definitions/attribute-creation.ts';
import {
  type AttributeLimits,
  isLargeValue,
  requireProfileSize,
  valueSizeProblem,
} from '../definitions/attribute-sizes.ts';
import {
  attributePointer,
  canonicalText,
  checkAttributeValue,
  checkNumbers,
  type IsAllowed,
} from '../definitions/attribute-values.ts';
import {
  type AllowedEntry,
  ATTRIBUTE_NAME,
  type Attribute,
  type AttributeValue,
  undefinedAttributeCause,
} from '../definitions/attributes.ts';
import type { Catalog } from '../definitions/catalog.ts';
import { DomainError, MAX_PROBLEMS, type Problem } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';
import type { AttributeCreation, AttributesChange, Caller, SetAudienceAttributes, WriteCommand } from './commands.ts';

/** Attribute changes ready to be merged; null removes a value. */
export type CheckedAttributes = ReadonlyMap<string, AttributeValue | null>;

/** What values are checked against, besides their definitions. */
export interface ValueRules {
  readonly isAllowed: IsAllowed;
  readonly limits: AttributeLimits;
}

/** Attributes to be merged into one profile. */
export interface AttributeUpdate extends Omit<AttributesChange, 'integrationId'> {
  readonly caller: Caller;
  /** Undefined if the caller's API has no such option. */
  readonly skipUndefinedAttributes: boolean | undefined;
  /** Undefined where attributes that are not defined are refused or skipped. */
  readonly creation?: AttributeCreation | undefined;
}

/** A profile's attributes by name, as stored. */
export type StoredAttributes = Readonly<Record<string, JsonValue>>;

/**
 * Checks the attributes of a profile update. An undefined name is refused even if its value is null, unless it is
 * skipped, or can be created; a value of the wrong type, outside a restricted list, or too large is always refused.
 * @param stored the profile's current values: a large value may stay or shrink
 * @throws DomainError `invalid` naming up to ten attributes
 */
export function checkAttributes(
  catalog: Catalog,
  update: AttributeUpdate,
  { isAllowed, limits }: ValueRules,
  stored: StoredAttributes = {},
): CheckedAttributes {
  const changes = new Map<string, AttributeValue | null>();
  if (update.attributes === undefined) return changes;
  const problems: Problem[] = [];
  const created = update.creation && plannedAttributes(catalog, update.creation, update.attributes);
  for (const name of Object.keys(update.attributes)) {
    const sent = update.attributes[name] ?? null;
    const attribute = catalog.attributeFor(name, update.caller.applicationId) ?? created?.get(name);
    if (attribute === undefined || 'message' in attribute) {
      if (update.skipUndefinedAttributes === true) continue;
      problems.push(attribute ?? undefinedAttribute(catalog, update, name));
      // Stryker disable next-line ConditionalExpression: the error keeps ten of any number, but each takes work.
      if (problems.length === MAX_PROBLEMS) break;
      continue;
    }
    const value = update.creation === undefined ? sent : declaredValue(update, update.creation, attribute, sent);
    if (value === null) {
      changes.set(name, null);
      continue;
    }
    const checked = checkNumbers(attribute, update.inexactNumbers) ?? checkAttributeValue(attribute, value, isAllowed);
    if ('value' in checked) {
      const tooLarge = valueSizeProblem(
        name,
        checked.value,
        Object.hasOwn(stored, name) ? stored[name] : undefined,
        limits,
      );
      if (tooLarge === undefined) changes.set(name, checked.value);
      else problems.push(tooLarge);
    } else problems.push(checked);
    // Stryker disable next-line ConditionalExpression: as above.
    if (problems.length === MAX_PROBLEMS) break;
  }
  if (problems.length > 0) throw new DomainError('invalid', problems);
  return changes;
}

/** The planned creation of each undefined attribute. */
function plannedAttributes(
  catalog: Catalog,
  { types, description }: AttributeCreation,
  attributes: NonNullable<AttributeUpdate['attributes']>,
): ReadonlyMap<string, Attribute | Problem> {
  const missing: MissingAttribute[] = [];
  for (const [name, value] of Object.entries(attributes)) {
    if (catalog.attributes.has(name)) continue;
    const declared = Object.hasOwn(types, name) ? types[name] : undefined;
    missing.push({ name, value, declared });
  }
  return planAttributes(catalog, missing, description);
}

/** The definitions, without IDs and times, of the attributes that a checked write creates. */
export function attributesToCreate(catalog: Catalog, { attributes = {}, creation }: AttributeUpdate): Attribute[] {
  if (creation === undefined) return [];
  const planned = plannedAttributes(catalog, creation, attributes).values();
  return [...planned].filter((each): each is Attribute => !('message' in each));
}

function declaredValue(
  { inexactNumbers = {} }: AttributeUpdate,
  { types }: AttributeCreation,
  { name, type }: Attribute,
  value: JsonValue,
): JsonValue {
  if (!Object.hasOwn(types, name) || types[name] !== type) return value;
  return asDeclared(type, value, Object.hasOwn(inexactNumbers, name) ? inexactNumbers[name] : undefined);
}

/**
 * Checks attributes for all members of an audience.
 * @throws DomainError `invalid` naming up to ten attributes, or saying that they exceed the limit of any profile
 */
export function checkAudienceAttributes(
  catalog: Catalog,
  { caller, attributes, inexactNumbers, skipUndefinedAttributes }: SetAudienceAttributes,
  rules: ValueRules,
): CheckedAttributes {
  const update = { caller, attributes, inexactNumbers, skipUndefinedAttributes };
  const checked = checkAttributes(catalog, update, rules);
  requireProfileSize('{}', JSON.stringify(Object.fromEntries(checked)), checked.keys(), rules.limits);
  return checked;
}

/**
 * Checks each of several items.
 * @throws DomainError `invalid` with up to ten problems from all items, with pointers that start at `/customerProfiles`
 */
export function checkEach<Item, Result>(items: readonly Item[], check: (item: Item) => Result): Result[] {
  const results: Result[] = [];
  const problems: Problem[] = [];
  for (const [index, item] of items.entries()) {
    try {
      results.push(checkItem(item, index, check));
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'invalid') throw error;
      problems.push(...error.problems);
      if (problems.length >= MAX_PROBLEMS) break;
    }
  }
  if (problems.length > 0) throw new DomainError('invalid', problems);
  return results;
}

/**
 * Checks one of several items. @throws DomainError as the check does, with pointers that start at `/customerProfiles`
 */
export function checkItem<Item, Result>(item: Item, index: number, check: (item: Item) => Result): Result {
  try {
    return check(item);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const problems = error.problems.map((problem) => inItem(problem, index));
    throw DomainError.fromRecord({ ...error.toRecord(), problems });
  }
}

function inItem(problem: Problem, index: number): Problem {
  const { source } = problem;
  const named = { ...problem, rows: [index] };
  if (source === undefined || !('pointer' in source)) return named;
  return { ...named, source: { pointer: `/customerProfiles/${index}${source.pointer}` } };
}

/** The attribute changes in a command, one per profile. */
function attributesChanges(command: WriteCommand): readonly AttributesChange[] {
  if (command.kind === 'updateProfile') return [command];
  return command.kind === 'updateProfiles' ? command.items : [];
}

/**
 * The profiles to which a write gives a value so large that only profiles with a large value may have it; empty for
 * most writes.
 */
export function profilesToLookUp(command: WriteCommand, limits: AttributeLimits): string[] {
  return attributesChanges(command)
    .filter(({ attributes = {} }) => Object.values(attributes).some((value) => isLargeValue(value, limits)))
    .map(({ integrationId }) => integrationId);
}

/** What a write must look up in imported lists of allowed values; nothing, for most writes. */
export function listedValues(catalog: Catalog, command: WriteCommand): AllowedEntry[] {
  const entries: AllowedEntry[] = [];
  // Stryker disable next-line ConditionalExpression: this only saves work, for every write without such lists.
  if (!catalog.hasClosedLists) return entries;
  const { applicationId } = command.caller;
  const changes = command.kind === 'setAudienceAttributes' ? [command] : attributesChanges(command);
  for (const { attributes = {} } of changes) {
    for (const [name, value] of Object.entries(attributes)) {
      const attribute = catalog.attributeFor(name, applicationId);
      if (attribute?.allowedList === undefined || !attribute.restrictedBySuggestions || value === null) continue;
      // A value of the wrong type is in no list, so its text does not matter.
      const items = (Array.isArray(value) ? value : [value]) as JsonValue[];
      for (const item of items) {
        entries.push({ list: attribute.allowedList, value: canonicalText(attribute.type, item) });
      }
    }
  }
  return entries;
}

function undefinedAttribute(
  catalog: Catalog,
  { caller, skipUndefinedAttributes }: AttributeUpdate,
  name: string,
): Problem {
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  const lower = name.toLowerCase();
  // Only what the caller's environment uses: the other one must stay hidden.
  const visible = [...catalog.attributes.values()].filter(
    ({ applicationIds }) =>
      applicationIds.length === 0 ||
      applicationIds.some((id) => catalog.applications.get(id)?.environment === caller.environment),
  );
  const similar = visible.find((each) => each.name.toLowerCase() === lower)?.name;
  const skip = skipUndefinedAttributes === undefined ? '' : ', or skip such names with skipNonExistingAttributes=true';
  let remedy = `create it first (Attributes in the console, or rollcall attribute create)${skip}`;
  if (similar === name) remedy = "it is limited to other Applications than this key's";
  else if (similar !== undefined) remedy = `names are case-sensitive, and '${similar}' is defined`;
  const problem: Problem = {
    title: 'Unknown',
    message: `Attribute '${shown}' is not defined for customer profiles (${remedy})`,
    source: { pointer: attributePointer(name) },
  };
  // Anything that cannot be the name of an attribute may be personal data, such as an e-mail address.
  if (!ATTRIBUTE_NAME.test(name) || name.length > 100) {
    return { ...problem, cause: 'an attribute is not defined, and its name is not a valid one' };
  }
  if (similar === name) return { ...problem, cause: `attribute \`${name}\` is limited to other Applications` };
  if (similar !== undefined) {
    return { ...problem, cause: `attribute \`${name}\` is not defined, but \`${similar}\` is` };
  }
  return { ...problem, cause: undefinedAttributeCause(name), mend: { kind: 'createAttribute', name } };
}
