/** Attribute definitions: what there is to know of one, how it is made, and what of it may change. */

import { DomainError, invalid } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';

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

/** True when profiles updated through this Application may carry the attribute. */
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

/** The cause of refusals that defining the attribute mends. */
export function undefinedAttributeCause(name: string): string {
  return `attribute \`${name}\` is not defined`;
}
