/** Wire shapes of management keys. */

import { type Static, Type } from 'typebox';
import { Id, Nullable, Timestamp } from '../../wire.ts';

/** One operation that a key may call. */
export const EndpointSchema = Type.Object(
  {
    method: Type.String({ minLength: 1, maxLength: 10, description: 'Upper case', examples: ['GET'] }),
    path: Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'As in this document, for example `/v1/audiences/{audienceId}/memberships`',
      examples: ['/v1/audiences'],
    }),
  },
  { title: 'Endpoint' },
);
export type Endpoint = Static<typeof EndpointSchema>;

export const GrantableEndpointSchema = Type.Object(
  {
    ...EndpointSchema.properties,
    summary: Type.String({ description: 'Summary of the operation', examples: ['List audiences'] }),
  },
  { title: 'GrantableEndpoint' },
);
export type GrantableEndpoint = Static<typeof GrantableEndpointSchema>;

export const ManagementKeySchema = Type.Object(
  {
    id: Id(),
    name: Type.String({ examples: ['Tealium'] }),
    createdBy: Id({ description: 'User whose rights the key has' }),
    createdByEmail: Nullable(Type.String({ examples: ['ada@example.com'] }), {
      description: 'Null once that user has been deleted',
    }),
    accountID: Id(),
    created: Timestamp('Time of creation'),
    expiryDate: Timestamp('Valid until this time'),
    endpoints: Type.Array(EndpointSchema),
    allowedApplicationIds: Type.Array(Id(), { description: 'Empty means all' }),
    disabled: Type.Boolean(),
    lastUsed: Nullable(Timestamp('Last use'), {
      description: 'Updated at most once a minute; null before the first use',
    }),
    state: Type.Union(
      [Type.Literal('Valid'), Type.Literal('Expires Soon'), Type.Literal('Expired'), Type.Literal('Invalid')],
      { description: '`Invalid` if it is disabled, or its creator is deactivated or deleted' },
    ),
    maskedKey: Type.String({ description: 'First and last four characters', examples: ['rcm_…k2Zt'] }),
  },
  { title: 'ManagementKey' },
);
export type ManagementKey = Static<typeof ManagementKeySchema>;

export const NewManagementKeySchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255, examples: ['Tealium'] }),
    expiryDate: Type.String({
      minLength: 1,
      maxLength: 50,
      description: 'A date (the end of that day in UTC) or an RFC 3339 time',
      examples: ['2027-06-30'],
    }),
    endpoints: Type.Array(EndpointSchema, { maxItems: 200, description: 'At least one; `GET` also allows `HEAD`' }),
    allowedApplicationIds: Type.Optional(
      Type.Array(Id(), { maxItems: 1000, description: 'Empty or absent means all' }),
    ),
  },
  { title: 'NewManagementKey' },
);
export type NewManagementKey = Static<typeof NewManagementKeySchema>;

/** A key's record, and the key itself. */
export const CreatedManagementKeySchema = Type.Object(
  {
    ...ManagementKeySchema.properties,
    key: Type.String({
      description: 'For the header `Authorization: ManagementKey-v1 <key>`; shown only once',
      examples: ['rcm_…'],
    }),
  },
  { title: 'CreatedManagementKey' },
);
export type CreatedManagementKey = Static<typeof CreatedManagementKeySchema>;

export const ManagementKeyUpdateSchema = Type.Object({ disabled: Type.Boolean() }, { title: 'ManagementKeyUpdate' });
