/** Creates and changes attributes. */

import { codePointLength, isStorableText, MAX_ID_LENGTH, MAX_ITEMS_PER_REQUEST } from '../environment.ts';
import { DomainError, invalid } from '../errors.ts';
import type { Operation } from '../operation.ts';
import {
  ATTRIBUTE_NAME,
  ATTRIBUTE_TYPES,
  type Attribute,
  type AttributeChange,
  type AttributeDetails,
  type AttributeEntity,
  type AttributeType,
  attributeNotFound,
  MAX_ATTRIBUTE_NAME,
  notEditable,
} from './attributes.ts';
import { findAttribute } from './lookups.ts';
import type { DefinitionStorage } from './storage.ts';

/** The definition of an attribute; absent parts take the default in parentheses. */
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
export async function createAttribute(core: Operation<DefinitionStorage>, input: AttributeInput): Promise<Attribute> {
  const { name, type, title = name } = input;
  if (!ATTRIBUTE_NAME.test(name) || name.length > MAX_ATTRIBUTE_NAME) {
    throw invalid(
      `name: '${name}' must be a letter followed by letters, digits or underscores, at most ${MAX_ATTRIBUTE_NAME} characters`,
      {
        pointer: '/name',
      },
    );
  }
  if (!TITLE_PATTERN.test(title) || title.length > MAX_ATTRIBUTE_NAME) {
    throw invalid(
      "title: must start with a letter and contain only letters, digits, spaces and _.!~*'()-, at most 255 characters",
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

/** The complete attribute as it is to be after the update. Absent optional parts stay unchanged. */
export type AttributeUpdate = AttributeInput & { readonly entity: AttributeEntity; readonly title: string };

/**
 * Changes the changeable parts of an attribute. Existing values of profiles are not checked again.
 * @throws DomainError `not_found`; `invalid` when anything else would change, or the attribute is not editable
 */
export async function updateAttribute(
  core: Operation<DefinitionStorage>,
  id: number,
  input: AttributeUpdate,
): Promise<Attribute> {
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

async function checkChangeable(core: Operation<DefinitionStorage>, change: AttributeChange): Promise<void> {
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
    throw invalid('restrictedBySuggestions: requires at least one suggestion, or no value could ever be set', {
      pointer: '/restrictedBySuggestions',
    });
  }
  const known = await core.storage.catalog();
  for (const id of applicationIds) {
    if (!known.applications.has(id)) throw new DomainError('not_found', `Application ${id} not found`);
  }
}
export const TITLE_PATTERN = /^[A-Za-z][A-Za-z0-9_.!~*'() -]*$/;
export const MAX_SUGGESTIONS = 50;
export const MAX_DESCRIPTION = 10_000;
