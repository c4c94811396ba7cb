/** An attribute definition on the wire, as the Management API and partners' APIs return it. */

import { type Static, Type } from 'typebox';
import {
  ATTRIBUTE_ENTITIES,
  ATTRIBUTE_TYPES,
  type Attribute as DefinedAttribute,
} from '../domain/definitions/attributes.ts';
import { ACCOUNT_ID } from '../domain/environment.ts';
import { Id, Timestamp, timestamp } from './wire.ts';

export const SUBSCRIPTIONS = ['application', 'catalog'] as const;

export const Ids = (description: string) => Type.Array(Id(), { description });

/** The fields that every attribute definition has. */
export const attributeFields = {
  entity: Type.Enum(ATTRIBUTE_ENTITIES, {
    description: 'The entity that has the attribute; `/cdp` uses only those of CustomerProfile',
  }),
  name: Type.String({ description: 'API name; immutable, and unique per entity' }),
  title: Type.String({ description: 'Display name; unique per entity' }),
  type: Type.Enum(ATTRIBUTE_TYPES, { description: 'Immutable' }),
  description: Type.String(),
  suggestions: Type.Array(Type.String(), { description: 'Values to choose from' }),
  editable: Type.Boolean(),
};

/** An attribute definition. */
export const AttributeSchema = Type.Object(
  {
    id: Id(),
    created: Timestamp('Time of creation'),
    accountId: Id(),
    ...attributeFields,
    eventType: Type.Optional(Type.String({ description: 'For entity Event: the event type that has it' })),
    hasAllowedList: Type.Boolean({ description: 'Whether its values come from an imported list' }),
    restrictedBySuggestions: Type.Boolean({
      description: 'Whether values outside the suggestions and the imported list are refused',
    }),
    subscribedApplicationsIds: Ids('Applications it is limited to; empty means all'),
    subscribedCatalogsIds: Type.Optional(Ids('For entity CartItem: catalogs it is limited to')),
    allowedSubscriptions: Type.Optional(Type.Array(Type.Enum(SUBSCRIPTIONS), { description: 'For entity CartItem' })),
  },
  { title: 'Attribute' },
);
export type Attribute = Static<typeof AttributeSchema>;

export function toWireAttribute(attribute: DefinedAttribute): Attribute {
  const { eventType, catalogIds, allowedSubscriptions } = attribute.details;
  return {
    id: attribute.id,
    created: timestamp(attribute.created),
    accountId: ACCOUNT_ID,
    entity: attribute.entity,
    name: attribute.name,
    title: attribute.title,
    type: attribute.type,
    description: attribute.description,
    suggestions: [...attribute.suggestions],
    editable: attribute.editable,
    ...(eventType === undefined ? {} : { eventType }),
    hasAllowedList: attribute.hasAllowedList,
    restrictedBySuggestions: attribute.restrictedBySuggestions,
    subscribedApplicationsIds: [...attribute.applicationIds],
    ...(catalogIds === undefined ? {} : { subscribedCatalogsIds: [...catalogIds] }),
    ...(allowedSubscriptions === undefined ? {} : { allowedSubscriptions: [...allowedSubscriptions] }),
  };
}
