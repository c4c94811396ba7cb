/** An audience on the wire, as the Management API and the Integration API return it. */

import { type Static, Type } from 'typebox';
import type { AudienceWithSize } from '../domain/definitions/audiences.ts';
import { ACCOUNT_ID } from '../domain/environment.ts';
import { extended } from './extended.ts';
import { Id, Timestamp, timestamp } from './wire.ts';

const published = {
  id: Id({ description: 'Internal ID; never reused after deletion' }),
  created: Timestamp('Time of creation'),
  accountId: Id(),
  name: Type.String(),
  sandbox: Type.Boolean({ description: 'True in the sandbox environment' }),
  description: Type.String({ description: 'Empty when there is none' }),
  subscribedApplicationsIds: Type.Array(Id(), { description: 'Applications it is connected to' }),
  integration: Type.Optional(Type.String({ description: 'The platform it came from; absent if created by hand' })),
  integrationId: Type.Optional(
    Type.String({ description: "The platform's own ID, unique per platform and environment" }),
  ),
  createdIn3rdParty: Type.Boolean({ description: 'True when a platform created it' }),
  lastUpdate: Timestamp('Time of the last change to it or to its members'),
};

/** An audience. */
export const AudienceSchema = Type.Object(
  {
    ...published,
    ...extended({ membersCount: Type.Integer({ minimum: 0, description: 'Exact current number of members' }) }),
  },
  { title: 'Audience' },
);
export type Audience = Static<typeof AudienceSchema>;

export function toWireAudience(audience: AudienceWithSize): Audience {
  return {
    id: audience.id,
    created: timestamp(audience.created),
    accountId: ACCOUNT_ID,
    name: audience.name,
    sandbox: audience.environment === 'sandbox',
    description: audience.description,
    subscribedApplicationsIds: [...audience.applicationIds],
    ...(audience.integration === undefined ? {} : { integration: audience.integration }),
    ...(audience.integrationId === undefined ? {} : { integrationId: audience.integrationId }),
    createdIn3rdParty: audience.createdInThirdParty,
    lastUpdate: timestamp(audience.lastUpdate),
    membersCount: audience.members,
  };
}
