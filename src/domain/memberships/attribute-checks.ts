/** What must hold for the attributes of a write: they are defined, their values fit, and none is too large. */

import { type AttributeLimits, isLargeValue, valueSizeProblem } from '../definitions/attribute-sizes.ts';
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
  type AttributeValue,
  undefinedAttributeCause,
} from '../definitions/attributes.ts';
import type { Catalog } from '../definitions/catalog.ts';
import { DomainError, MAX_PROBLEMS, type Problem } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';
import type { Caller, UpdateProfile, WriteCommand } from './commands.ts';

/** Attribute changes ready to be merged; null removes a value. */
export type CheckedAttributes = ReadonlyMap<string, AttributeValue | null>;

/** What values are checked against, besides their definitions. */
export interface ValueRules {
  readonly isAllowed: IsAllowed;
  readonly limits: AttributeLimits;
}

/** A profile's attributes by name, as stored. */
export type StoredAttributes = Readonly<Record<string, JsonValue>>;

/**
 * Checks the attributes of a profile update. An undefined name is refused even if its value is null, unless it is
 * skipped; a value of the wrong type, outside a restricted list, or too large is always refused.
 * @param stored the profile's current values: a large value may stay or shrink
 * @throws DomainError `invalid` naming up to ten attributes
 */
export function checkAttributes(
  catalog: Catalog,
  command: UpdateProfile,
  { isAllowed, limits }: ValueRules,
  stored: StoredAttributes = {},
): CheckedAttributes {
  const changes = new Map<string, AttributeValue | null>();
  if (command.attributes === undefined) return changes;
  const problems: Problem[] = [];
  for (const name of Object.keys(command.attributes)) {
    const value = command.attributes[name] ?? null;
    const attribute = catalog.attributeFor(name, command.caller.applicationId);
    if (attribute === undefined) {
      if (!command.skipUndefinedAttributes) problems.push(undefinedAttribute(catalog, command.caller, name));
      continue;
    }
    if (value === null) {
      changes.set(name, null);
      continue;
    }
    const checked = checkNumbers(attribute, command.inexactNumbers) ?? checkAttributeValue(attribute, value, isAllowed);
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
    if (problems.length === MAX_PROBLEMS) break;
  }
  if (problems.length > 0) throw new DomainError('invalid', problems);
  return changes;
}

/** True for a write with a value that only a profile with a large one already may have. */
export function needsStored(command: WriteCommand, limits: AttributeLimits): command is UpdateProfile {
  if (command.kind !== 'updateProfile' || command.attributes === undefined) return false;
  return Object.values(command.attributes).some((value) => isLargeValue(value, limits));
}

/** What a write must look up in imported lists of allowed values; nothing, for most writes. */
export function listedValues(catalog: Catalog, command: WriteCommand): AllowedEntry[] {
  if (command.kind !== 'updateProfile' || command.attributes === undefined || !catalog.hasClosedLists) return [];
  const entries: AllowedEntry[] = [];
  for (const [name, value] of Object.entries(command.attributes)) {
    const attribute = catalog.attributeFor(name, command.caller.applicationId);
    if (attribute?.allowedList === undefined || !attribute.restrictedBySuggestions || value === null) continue;
    // A value of the wrong type is in no list, so its text does not matter.
    const items = (Array.isArray(value) ? value : [value]) as JsonValue[];
    for (const item of items) entries.push({ list: attribute.allowedList, value: canonicalText(attribute.type, item) });
  }
  return entries;
}

function undefinedAttribute(catalog: Catalog, caller: Caller, name: string): Problem {
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  const lower = name.toLowerCase();
  // Only what the caller's environment uses: the other one must stay hidden.
  const visible = [...catalog.attributes.values()].filter(
    ({ applicationIds }) =>
      applicationIds.length === 0 ||
      applicationIds.some((id) => catalog.applications.get(id)?.environment === caller.environment),
  );
  const similar = visible.find((each) => each.name.toLowerCase() === lower)?.name;
  let remedy =
    'create it first (Attributes in the console, or rollcall attribute create), or skip such names with skipNonExistingAttributes=true';
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
