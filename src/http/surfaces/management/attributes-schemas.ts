/** Wire shapes of attribute definitions. */

import { type Static, Type } from 'typebox';
import { attributeFields, Ids, SUBSCRIPTIONS } from '../../attribute-wire.ts';
import { IdText, Nullable } from '../../wire.ts';

export type { Attribute } from '../../attribute-wire.ts';

const optionalFields = {
  eventType: Type.Optional(Nullable(IdText({ description: 'For entity Event' }))),
  hasAllowedList: Type.Optional(Nullable(Type.Boolean({ default: false }))),
  restrictedBySuggestions: Type.Optional(Nullable(Type.Boolean({ default: false }))),
  subscribedApplicationsIds: Type.Optional(Nullable(Ids('Applications it is limited to; empty means all'))),
  subscribedCatalogsIds: Type.Optional(Nullable(Ids('For entity CartItem'))),
  allowedSubscriptions: Type.Optional(Nullable(Type.Array(Type.Enum(SUBSCRIPTIONS), { maxItems: 2 }))),
};

/** The definition of an attribute. */
export const NewAttributeSchema = Type.Object({ ...attributeFields, ...optionalFields }, { title: 'NewAttribute' });
export type NewAttribute = Static<typeof NewAttributeSchema>;

/** An update has the same body; what cannot be changed must be repeated unchanged. */
export const AttributeUpdateSchema = Type.Object(
  { ...attributeFields, ...optionalFields },
  {
    title: 'AttributeUpdate',
    description:
      'Description, suggestions, restriction and Applications can change; entity, name, title, type and editable must be unchanged',
  },
);
export type AttributeUpdate = Static<typeof AttributeUpdateSchema>;
