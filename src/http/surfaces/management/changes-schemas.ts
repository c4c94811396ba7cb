/** Wire shapes of the audit log. */

import { type Static, Type } from 'typebox';
import { extended } from '../../extended.ts';
import { Id, Timestamp } from '../../wire.ts';

const State = (description: string, example: object) =>
  Type.Object({}, { additionalProperties: true, description, examples: [example] });

/** One change in the back office. */
export const ChangeSchema = Type.Object(
  {
    id: Id(),
    created: Timestamp('Time of the change'),
    userId: Type.Integer({ minimum: 0, examples: [1], description: '0 for the command line or the product itself' }),
    ...extended({
      userEmail: Type.Optional(
        Type.String({ description: 'Absent for the command line and deleted users', examples: ['ada@example.com'] }),
      ),
    }),
    entity: Type.String({ description: 'API path of the changed entity', examples: ['/v1/applications/1'] }),
    applicationId: Type.Optional(Id()),
    old: Type.Optional(State('State before the change; absent on creation', { id: 1, payloadLogging: 'full' })),
    new: Type.Optional(State('State after the change; absent on deletion', { id: 1, payloadLogging: 'masked' })),
    managementKeyId: Type.Optional(Id({ description: 'The management key used' })),
  },
  { title: 'Change' },
);
export type Change = Static<typeof ChangeSchema>;
