/** Wire shapes of sessions. */

import { type Static, Type } from 'typebox';
import { Id, Timestamp } from '../../wire.ts';

export const Credentials = Type.Object({
  email: Type.String({ minLength: 1, maxLength: 254 }),
  password: Type.String({ minLength: 1, maxLength: 1000 }),
});

export const SessionToken = Type.Object({
  userId: Id(),
  token: Type.String({ description: 'For the header `Authorization: Bearer <token>`; valid three months' }),
  created: Timestamp('When the session began'),
});

/** What the console knows about itself. */
export const ConsoleSession = Type.Object({
  sessionId: Id(),
  userId: Id(),
  email: Type.String(),
  name: Type.String(),
  isAdmin: Type.Boolean(),
  mustChangePassword: Type.Boolean({ description: 'True until the password somebody else saw is changed' }),
  created: Timestamp('When the session began'),
  expires: Timestamp('When it ends at the latest'),
  server: Type.Object({
    version: Type.String(),
    url: Type.String({ description: 'Base URL for platforms' }),
    strict: Type.Boolean(),
    licence: Type.String(),
    accountId: Id(),
  }),
});
export type ConsoleSession = Static<typeof ConsoleSession>;
