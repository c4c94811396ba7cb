/** Wire shapes of attribute definitions. */

import { type Static, Type } from 'typebox';
import { ATTRIBUTE_ENTITIES, ATTRIBUTE_TYPES } from '../../../domain/definitions/attributes.ts';
import { Id, IdText, Nullable, Timestamp } from '../../wire.ts';

const SUBSCRIPTIONS = ['application', 'catalog'] as const;

const Ids = (description: string) => Type.Array(Id(), { description });

const fields = {
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
    ...fields,
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

const optionalFields = {
  eventType: Type.Optional(Nullable(IdText({ description: 'For entity Event' }))),
  hasAllowedList: Type.Optional(Nullable(Type.Boolean({ default: false }))),
  restrictedBySuggestions: Type.Optional(Nullable(Type.Boolean({ default: false }))),
  subscribedApplicationsIds: Type.Optional(Nullable(Ids('Applications it is limited to; empty means all'))),
  subscribedCatalogsIds: Type.Optional(Nullable(Ids('For entity CartItem'))),
  allowedSubscriptions: Type.Optional(Nullable(Type.Array(Type.Enum(SUBSCRIPTIONS), { maxItems: 2 }))),
};

/** The definition of an attribute. */
export const NewAttributeSchema = Type.Object({ ...fields, ...optionalFields }, { title: 'NewAttribute' });
export type NewAttribute = Static<typeof NewAttributeSchema>;

/** An update has the same body; what cannot be changed must be repeated unchanged. */
export const AttributeUpdateSchema = Type.Object(
  { ...fields, ...optionalFields },
  {
    title: 'AttributeUpdate',
    description:
      'Description, suggestions, restriction and Applications can change; entity, name, title, type and editable must be unchanged',
  },
);
export type AttributeUpdate = Static<typeof AttributeUpdateSchema>;
