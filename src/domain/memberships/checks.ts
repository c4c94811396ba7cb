/**
 * What must hold before a write is applied: attribute values fit their definitions, audiences exist, external IDs are
 * free. Asked twice of the same functions: early, to answer a bad request without the writer, and again inside the
 * transaction, against what is true then.
 */

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
import type { Audience } from '../definitions/audiences.ts';
import type { Catalog } from '../definitions/catalog.ts';
import { DomainError, MAX_PROBLEMS, type Problem } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';
import type {
  AudienceRef,
  AudienceTarget,
  Caller,
  CreateAudience,
  MembershipChange,
  UpdateProfile,
  WriteCommand,
} from './commands.ts';

/** Attribute changes ready to be merged; null removes. */
export type CheckedAttributes = ReadonlyMap<string, AttributeValue | null>;

/** What values are checked against beside their definitions. */
export interface ValueRules {
  readonly isAllowed: IsAllowed;
  readonly limits: AttributeLimits;
}

/** Attributes of a profile by name, as they are stored. */
export type StoredAttributes = Readonly<Record<string, JsonValue>>;

/**
 * Checks a profile update's attributes: an undefined name is refused even when its value is null, unless skipped; a
 * wrong type, a value outside a closed list, or one that is too large is refused always.
 * @param stored what the profile has now: a large value may stay and shrink
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

/** True for a write with a value that only a profile which has a large one already may carry. */
export function needsStored(command: WriteCommand, limits: AttributeLimits): command is UpdateProfile {
  if (command.kind !== 'updateProfile' || command.attributes === undefined) return false;
  return Object.values(command.attributes).some((value) => isLargeValue(value, limits));
}

/** What a write needs looked up in imported lists of allowed values: nothing, for most. */
export function listedValues(catalog: Catalog, command: WriteCommand): AllowedEntry[] {
  if (command.kind !== 'updateProfile' || command.attributes === undefined || !catalog.hasClosedLists) return [];
  const entries: AllowedEntry[] = [];
  for (const [name, value] of Object.entries(command.attributes)) {
    const attribute = catalog.attributeFor(name, command.caller.applicationId);
    if (attribute?.allowedList === undefined || !attribute.restrictedBySuggestions || value === null) continue;
    // Of a wrong type no value is in any list, so its text does not matter.
    const items = (Array.isArray(value) ? value : [value]) as JsonValue[];
    for (const item of items) entries.push({ list: attribute.allowedList, value: canonicalText(attribute.type, item) });
  }
  return entries;
}

function undefinedAttribute(catalog: Catalog, caller: Caller, name: string): Problem {
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  const lower = name.toLowerCase();
  // Only what the caller's environment uses: the other one must not show.
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
  // What can be no attribute's name may be anything, an e-mail address too.
  if (!ATTRIBUTE_NAME.test(name) || name.length > 100) {
    return { ...problem, cause: 'an attribute is not defined, and its name is none that can be' };
  }
  if (similar === name) return { ...problem, cause: `attribute \`${name}\` is limited to other Applications` };
  if (similar !== undefined) {
    return { ...problem, cause: `attribute \`${name}\` is not defined, but \`${similar}\` is` };
  }
  return { ...problem, cause: undefinedAttributeCause(name), mend: { kind: 'createAttribute', name } };
}

/** Finds audiences for one command, remembering each answer: bulk calls repeat the same few IDs a thousand times. */
export class AudienceResolver {
  readonly #catalog: Catalog;
  readonly #caller: Caller;
  readonly #integration: string;
  readonly #known = new Map<AudienceRef, Audience>();
  readonly #missing = new Set<AudienceRef>();

  constructor(catalog: Catalog, caller: Caller, integration: string) {
    this.#catalog = catalog;
    this.#caller = caller;
    this.#integration = integration;
  }

  /** The audience meant, or undefined; what is missing is remembered for `assertAllFound`. */
  find(ref: AudienceRef): Audience | undefined {
    const known = this.#known.get(ref);
    if (known !== undefined) return known;
    const { environment } = this.#caller;
    const found =
      typeof ref === 'number'
        ? this.#catalog.audienceIn(environment, ref)
        : this.#catalog.audienceByIntegrationId(environment, this.#integration, ref);
    if (found === undefined) this.#missing.add(ref);
    else this.#known.set(ref, found);
    return found;
  }

  /** @throws DomainError `not_found` naming up to ten of the references that `find` could not resolve */
  assertAllFound(): void {
    if (this.#missing.size === 0) return;
    const refs = [...this.#missing].slice(0, MAX_PROBLEMS);
    throw new DomainError(
      'not_found',
      refs.map((ref) => audienceNotFound(this.#catalog, this.#caller, this.#integration, ref)),
    );
  }
}

/** The problem "no such audience", with the remedy where the mistake can be seen. Says nothing of the other environment. */
function audienceNotFound(catalog: Catalog, caller: Caller, integration: string, ref: AudienceRef): Problem {
  const title = 'not found';
  const kind = typeof ref === 'number' ? 'of that number' : 'of that audienceId under this platform name';
  const cause = `there is no audience ${kind}`;
  if (typeof ref === 'number') {
    const external = catalog.audienceByIntegrationId(caller.environment, integration, String(ref));
    const remedy =
      external === undefined
        ? ''
        : ` ('${ref}' is the audienceId of audience ${external.id}; send ${external.id} here)`;
    return { title, message: `Audience ${ref} not found${remedy}`, cause };
  }
  const shown = ref.length > 100 ? `${ref.slice(0, 100)}…` : ref;
  let remedy = '';
  const others = catalog.otherPlatformsUsing(caller.environment, ref);
  const internal = /^[1-9]\d{0,15}$/.test(ref) ? catalog.audienceIn(caller.environment, Number(ref)) : undefined;
  if (others.length > 0) {
    const list = others.slice(0, 3).map((each) => `'${each}'`);
    remedy = ` ('${shown}' exists under ${list.join(', ')}; check customer-data-platform-name)`;
  } else if (internal !== undefined) {
    const name = internal.integrationId === undefined ? internal.name : internal.integrationId;
    remedy =
      internal.integrationId === undefined
        ? ` (${shown} is the internal number of '${name}', which has no external ID; use an operation that takes numbers)`
        : ` (${shown} is the internal number of '${name}'; this operation takes audienceId)`;
  }
  return { title, message: `Audience '${shown}' not found for '${integration}'${remedy}`, cause };
}

/** Looks up every audience the items name. @throws DomainError `not_found` */
export function resolveAudiences(
  catalog: Catalog,
  command: { caller: Caller; integration: string },
  items: readonly MembershipChange[],
): AudienceResolver {
  const resolver = new AudienceResolver(catalog, command.caller, command.integration);
  for (const item of items) {
    for (const ref of item.adds) resolver.find(ref);
    for (const ref of item.deletes) resolver.find(ref);
  }
  resolver.assertAllFound();
  return resolver;
}

/** The one audience meant. @throws DomainError `not_found` */
export function requireAudience(
  catalog: Catalog,
  { caller, target }: { caller: Caller; target: AudienceTarget },
): Audience {
  const [integration, ref] =
    'audienceId' in target ? ['', target.audienceId] : [target.integration, target.integrationId];
  const resolver = new AudienceResolver(catalog, caller, integration);
  const audience = resolver.find(ref);
  if (audience === undefined) {
    resolver.assertAllFound();
    throw new DomainError('not_found', 'Audience not found');
  }
  return audience;
}

/** @throws DomainError `not_found` unless each is an Application of the environment */
export function requireApplications(catalog: Catalog, caller: Caller, ids: readonly number[] | undefined): void {
  for (const [index, id] of (ids ?? []).entries()) {
    if (catalog.applications.get(id)?.environment === caller.environment) continue;
    const source = { pointer: `/subscribedApplicationsIds/${index}` };
    const message = `Application ${id} not found in the ${caller.environment} environment`;
    throw new DomainError('not_found', [{ title: 'not found', message, source }]);
  }
}

/** @throws DomainError `conflict` when the external ID is taken in this namespace and environment */
export function requireFreeIntegrationId(catalog: Catalog, command: CreateAudience): void {
  const { caller, target } = command;
  if (target === undefined) return;
  const { integration, integrationId } = target;
  const taken = catalog.audienceByIntegrationId(caller.environment, integration, integrationId);
  if (taken !== undefined) {
    throw new DomainError('conflict', [
      {
        title: 'conflict',
        message: `Audience '${integrationId}' already exists`,
        cause: 'the audienceId is taken under this platform name',
      },
    ]);
  }
}

/** Runs the checks of any write against the catalog as it is now, in the published order. @throws DomainError */
export function checkCommand(
  catalog: Catalog,
  command: WriteCommand,
  rules: ValueRules,
  stored?: StoredAttributes,
): void {
  switch (command.kind) {
    case 'updateProfile':
      checkAttributes(catalog, command, rules, stored);
      resolveAudiences(catalog, command, [command]);
      return;
    case 'updateMemberships':
      resolveAudiences(catalog, command, command.items);
      return;
    case 'eraseProfile':
      // Whether the profile exists is known inside the transaction only.
      return;
    case 'createAudience':
      requireFreeIntegrationId(catalog, command);
      requireApplications(catalog, command.caller, command.byHand?.applicationIds);
      return;
    case 'updateAudience':
      requireAudience(catalog, command);
      requireApplications(catalog, command.caller, command.change.applicationIds);
      return;
    case 'deleteAudience':
      requireAudience(catalog, command);
      return;
  }
}
