/** Labels for the entities and types of attributes. */

import type { Attribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';

export type Entity = Attribute['entity'];
export type ValueType = Attribute['type'];

const ENTITY_LABELS: Readonly<Record<Entity, string>> = {
  CustomerProfile: 'Customer profile',
  CustomerSession: 'Customer session',
  CartItem: 'Cart item',
  Application: 'Application',
  Campaign: 'Campaign',
  Coupon: 'Coupon',
  Event: 'Event',
  Giveaway: 'Giveaway',
  LoyaltyCard: 'Loyalty card',
  Referral: 'Referral',
  Store: 'Store',
};

const TYPE_LABELS: Readonly<Record<ValueType, string>> = {
  string: 'Text',
  number: 'Number',
  boolean: 'True or false',
  time: 'Time',
  location: 'Location',
  '(list string)': 'List of texts',
  '(list number)': 'List of numbers',
  '(list time)': 'List of times',
  '(list location)': 'List of locations',
};

export const ENTITIES = Object.keys(ENTITY_LABELS) as readonly Entity[];
export const TYPES = Object.keys(TYPE_LABELS) as readonly ValueType[];

export function entityLabel(entity: Entity): string {
  return ENTITY_LABELS[entity];
}

export function typeLabel(type: ValueType): string {
  return TYPE_LABELS[type];
}

export const ENTITY_OPTIONS = ENTITIES.map((value) => ({ value, label: ENTITY_LABELS[value] }));
/** With the names that the API and the platforms use. */
export const TYPE_OPTIONS = TYPES.map((value) => ({ value, label: `${TYPE_LABELS[value]} · ${value}` }));
