/** Attribute definitions: what there is to know of one, how it is made, and what of it may change. */

import type { Core } from '../core.ts';
import { codePointLength, isStorableText, MAX_ID_LENGTH, MAX_ITEMS_PER_REQUEST } from '../environment.ts';
import { DomainError, invalid } from '../errors.ts';

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

/** What only attributes of some entities carry; kept as it was sent, nothing here goes by it. */
export interface AttributeDetails {
  /** Of entity Event. */
  readonly eventType?: string;
  /** Of entity CartItem: catalogs it is limited to. */
  readonly catalogIds?: readonly number[];
  /** Of entity CartItem. */
  readonly allowedSubscriptions?: readonly ('application' | 'catalog')[];
}

export interface Attribute {
  readonly id: number;
  readonly entity: AttributeEntity;
  /** API name; immutable and unique per entity. */
  readonly name: string;
  /** Name shown to people; unique per entity. */
  readonly title: string;
  readonly type: AttributeType;
  readonly description: string;
  readonly suggestions: readonly string[];
  /** True when values outside `suggestions` and the imported list are refused. */
  readonly restrictedBySuggestions: boolean;
  /** True when its values come from an imported list. */
  readonly hasAllowedList: boolean;
  /** Number of the imported list; undefined before the first import. */
  readonly allowedList: number | undefined;
  readonly editable: boolean;
  /** Applications the attribute is limited to; empty means all. */
  readonly applicationIds: readonly number[];
  readonly details: AttributeDetails;
  /** ms since the epoch */
  readonly created: number;
}

export type NewAttribute = Omit<Attribute, 'id' | 'created' | 'allowedList'>;

/** A value in an imported list of allowed ones, by its `canonicalText`. */
export interface AllowedEntry {
  readonly list: number;
  readonly value: string;
}

/** What may change of an attribute; the rest of it is what values were checked and stored by. */
export type AttributeChange = Pick<
  Attribute,
  'description' | 'suggestions' | 'restrictedBySuggestions' | 'hasAllowedList' | 'applicationIds' | 'details'
>;

// Management API: patterns of NewAttribute.name and NewAttribute.title.
export const ATTRIBUTE_NAME = /^[A-Za-z]\w*$/;
const TITLE_PATTERN = /^[A-Za-z][A-Za-z0-9_.!~*'() -]*$/;
const MAX_SUGGESTIONS = 50;
const MAX_DESCRIPTION = 10_000;

/** True when profiles updated through this Application may carry the attribute. */
export function appliesTo(attribute: Attribute, applicationId: number | undefined): boolean {
  if (attribute.applicationIds.length === 0) return true;
  return applicationId !== undefined && attribute.applicationIds.includes(applicationId);
}

/** What an attribute is defined by; what is absent takes the default in parentheses. */
export interface AttributeInput {
  /** (CustomerProfile) */
  readonly entity?: AttributeEntity | undefined;
  readonly name: string;
  readonly type: string;
  /** (the name) */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly suggestions?: readonly string[] | undefined;
  readonly restrictedBySuggestions?: boolean | undefined;
  readonly hasAllowedList?: boolean | undefined;
  /** (true) */
  readonly editable?: boolean | undefined;
  readonly applicationIds?: readonly number[] | undefined;
  readonly details?: AttributeDetails | undefined;
}

/**
 * Defines an attribute.
 * @throws DomainError `invalid` for a bad name, title or type, `not_found` for an unknown Application, `conflict` when the
 * name or title is taken for the entity
 */
export async function createAttribute(core: Core, input: AttributeInput): Promise<Attribute> {
  const { name, type, title = name } = input;
  if (!ATTRIBUTE_NAME.test(name) || name.length > 255) {
    throw invalid(`name: '${name}' must be a letter followed by letters, digits or underscores, at most 255 in all`, {
      pointer: '/name',
    });
  }
  if (!TITLE_PATTERN.test(title) || title.length > 255) {
    throw invalid(
      "title: must start with a letter and hold only letters, digits, spaces and _.!~*'()-, at most 255 in all",
      { pointer: '/title' },
    );
  }
  if (!(ATTRIBUTE_TYPES as readonly string[]).includes(type)) {
    throw invalid(`type: '${type}' is not one of ${ATTRIBUTE_TYPES.join(', ')}`, { pointer: '/type' });
  }
  const changeable = {
    description: input.description ?? '',
    suggestions: [...new Set(input.suggestions ?? [])],
    restrictedBySuggestions: input.restrictedBySuggestions ?? false,
    hasAllowedList: input.hasAllowedList ?? false,
    applicationIds: [...new Set(input.applicationIds ?? [])],
    details: input.details ?? {},
  };
  await checkChangeable(core, changeable);
  return core.storage.createAttribute(core.actor, {
    entity: input.entity ?? 'CustomerProfile',
    name,
    title,
    type: type as AttributeType,
    editable: input.editable ?? true,
    ...changeable,
  });
}

/** What is asked of an update: the whole attribute as it shall be. Absent optional parts stay as they are. */
export type AttributeUpdate = AttributeInput & { readonly entity: AttributeEntity; readonly title: string };

/**
 * Changes what may be changed of an attribute. Values that profiles have already are not looked at again.
 * @throws DomainError `not_found`; `invalid` when something else would change, or the attribute is not editable
 */
export async function updateAttribute(core: Core, id: number, input: AttributeUpdate): Promise<Attribute> {
  const attribute = await findAttribute(core, id);
  for (const field of ['entity', 'name', 'type', 'title', 'editable'] as const) {
    const wanted = input[field];
    if (wanted === undefined || wanted === attribute[field]) continue;
    throw invalid(`${field}: is '${attribute[field]}' and cannot be changed`, { pointer: `/${field}` });
  }
  const change = {
    description: input.description ?? attribute.description,
    suggestions: [...new Set(input.suggestions ?? attribute.suggestions)],
    restrictedBySuggestions: input.restrictedBySuggestions ?? attribute.restrictedBySuggestions,
    hasAllowedList: input.hasAllowedList ?? attribute.hasAllowedList,
    applicationIds: [...new Set(input.applicationIds ?? attribute.applicationIds)],
    details: { ...attribute.details, ...input.details },
  };
  if (!attribute.editable) throw notEditable(attribute);
  await checkChangeable(core, change);
  const changed = await core.storage.updateAttribute(core.actor, id, change);
  if (changed === undefined) throw attributeNotFound(id);
  return changed;
}

/** The attribute of that number, whatever its entity. @throws DomainError `not_found` */
export async function findAttribute(core: Core, id: number): Promise<Attribute> {
  const attribute = (await core.storage.catalog()).attribute(id);
  if (attribute === undefined) throw attributeNotFound(id);
  return attribute;
}

export function attributeNotFound(id: number): DomainError {
  return new DomainError('not_found', `Attribute ${id} not found`);
}

export function notEditable(attribute: Attribute): DomainError {
  return invalid(`Attribute '${attribute.name}' was created as not editable`);
}

async function checkChangeable(core: Core, change: AttributeChange): Promise<void> {
  const { suggestions, restrictedBySuggestions, hasAllowedList, applicationIds, description, details } = change;
  if (!isStorableText(description) || codePointLength(description) > MAX_DESCRIPTION) {
    throw invalid(`description: at most ${MAX_DESCRIPTION} characters, without NUL characters`, {
      pointer: '/description',
    });
  }
  const isSuggestion = (text: string): boolean =>
    text !== '' && codePointLength(text) <= MAX_ID_LENGTH && isStorableText(text);
  if (suggestions.length > MAX_SUGGESTIONS || !suggestions.every(isSuggestion)) {
    throw invalid(`suggestions: at most ${MAX_SUGGESTIONS}, each of 1 to ${MAX_ID_LENGTH} characters`, {
      pointer: '/suggestions',
    });
  }
  if ((details.catalogIds?.length ?? 0) > MAX_ITEMS_PER_REQUEST) {
    throw invalid(`subscribedCatalogsIds: at most ${MAX_ITEMS_PER_REQUEST}`, { pointer: '/subscribedCatalogsIds' });
  }
  if (restrictedBySuggestions && !hasAllowedList && suggestions.length === 0) {
    throw invalid('restrictedBySuggestions: needs at least one suggestion, or no value could ever be set', {
      pointer: '/restrictedBySuggestions',
    });
  }
  const known = await core.storage.catalog();
  for (const id of applicationIds) {
    if (!known.applications.has(id)) throw new DomainError('not_found', `Application ${id} not found`);
  }
}
