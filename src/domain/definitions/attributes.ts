/** Attribute definitions: their parts, how they are created, and what may change about them. */

import { DomainError, invalid } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';

/** The entities attributes are defined for. Only those of customer profiles matter to the writes served here. */
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

/** A checked value that an attribute can have. */
export type AttributeValue = Exclude<JsonValue, null>;

/** Parts that only attributes of some entities have; stored as sent, and not used here. */
export interface AttributeDetails {
  /** For entity Event. */
  readonly eventType?: string;
  /** For entity CartItem: catalogs it is limited to. */
  readonly catalogIds?: readonly number[];
  /** For entity CartItem. */
  readonly allowedSubscriptions?: readonly ('application' | 'catalog')[];
}

export interface Attribute {
  readonly id: number;
  readonly entity: AttributeEntity;
  /** API name; immutable, and unique per entity. */
  readonly name: string;
  /** Display name; unique per entity. */
  readonly title: string;
  readonly type: AttributeType;
  readonly description: string;
  readonly suggestions: readonly string[];
  /** True when values outside `suggestions` and the imported list are refused. */
  readonly restrictedBySuggestions: boolean;
  /** True when its values come from an imported list. */
  readonly hasAllowedList: boolean;
  /** ID of the imported list; undefined before the first import. */
  readonly allowedList: number | undefined;
  readonly editable: boolean;
  /** Applications the attribute is limited to; empty means all. */
  readonly applicationIds: readonly number[];
  readonly details: AttributeDetails;
  /** ms since the epoch */
  readonly created: number;
}

export type NewAttribute = Omit<Attribute, 'id' | 'created' | 'allowedList'>;

/** An entry of an imported list of allowed values, by its `canonicalText`. */
export interface AllowedEntry {
  readonly list: number;
  readonly value: string;
}

/** What may change about an attribute; stored values were checked by the rest. */
export type AttributeChange = Pick<
  Attribute,
  'description' | 'suggestions' | 'restrictedBySuggestions' | 'hasAllowedList' | 'applicationIds' | 'details'
>;

// Management API: patterns of NewAttribute.name and NewAttribute.title.
export const ATTRIBUTE_NAME = /^[A-Za-z]\w*$/;

/** In characters; a title is no longer either. */
export const MAX_ATTRIBUTE_NAME = 255;

/** True when profiles updated through this Application may have the attribute. */
export function appliesTo(attribute: Attribute, applicationId: number | undefined): boolean {
  if (attribute.applicationIds.length === 0) return true;
  return applicationId !== undefined && attribute.applicationIds.includes(applicationId);
}

export function attributeNotFound(id: number): DomainError {
  return new DomainError('not_found', `Attribute ${id} not found`);
}

export function notEditable(attribute: Attribute): DomainError {
  return invalid(`Attribute '${attribute.name}' was created as not editable`);
}

/** The cause of refusals that defining the attribute would fix. */
export function undefinedAttributeCause(name: string): string {
  return `attribute \`${name}\` is not defined`;
}
