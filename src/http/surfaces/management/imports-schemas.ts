/** Wire shape of a finished import of a list. */

import { type Static, Type } from 'typebox';
import { Id, Timestamp } from '../../wire.ts';

export const ImportSchema = Type.Object(
  {
    id: Id(),
    created: Timestamp('When it took effect'),
    accountId: Id(),
    userId: Type.Integer({ minimum: 0, description: 'Who imported it; 0 for the command line' }),
    entity: Type.Enum(['AudienceMembership', 'AttributeAllowedList']),
    amount: Type.Integer({ minimum: 0, description: 'Distinct entries of the list' }),
  },
  { title: 'Import' },
);
export type Import = Static<typeof ImportSchema>;
