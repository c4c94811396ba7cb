/** Wire shapes of sessions: signing in, the current session, and the list of sessions. */

import { type Static, Type } from 'typebox';
import { Id, Timestamp } from '../../wire.ts';

export const Credentials = Type.Object(
  {
    email: Type.String({ minLength: 1, maxLength: 254, examples: ['ada@example.com'] }),
    password: Type.String({ minLength: 1, maxLength: 1000, examples: ['correct horse battery'] }),
  },
  { title: 'LoginParams' },
);

export const ConsoleCredentials = Type.Object(
  {
    ...Credentials.properties,
    device: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Token from the link that `rollcall user unlock` prints',
      }),
    ),
  },
  { title: 'ConsoleLogin' },
);

export const SessionToken = Type.Object(
  {
    userId: Id(),
    token: Type.String({
      description:
        'For the header `Authorization: Bearer <token>`; valid for `ROLLCALL_SESSION_TOKEN_DAYS`, three months if unset',
      examples: ['rcs_…'],
    }),
    created: Timestamp('Start of the session'),
  },
  { title: 'SessionToken' },
);

/** What the console knows about its session and its server. */
export const ConsoleSession = Type.Object(
  {
    sessionId: Id(),
    userId: Id(),
    email: Type.String({ examples: ['ada@example.com'] }),
    name: Type.String({ examples: ['Ada'] }),
    isAdmin: Type.Boolean(),
    mustChangePassword: Type.Boolean({
      description: 'True until the user changes a password that somebody else has seen',
    }),
    created: Timestamp('Start of the session'),
    expires: Timestamp('Latest end of the session'),
    server: Type.Object({
      version: Type.String({ examples: ['0.1.0'] }),
      url: Type.String({ description: 'Base URL for platforms', examples: ['https://rollcall.example.com'] }),
      strict: Type.Boolean(),
      docs: Type.Boolean({ description: 'Whether `/docs` and `/openapi.json` are served' }),
      licence: Type.String({ examples: ['Apache-2.0'] }),
      accountId: Id(),
    }),
  },
  { title: 'ConsoleSession' },
);
export type ConsoleSession = Static<typeof ConsoleSession>;

/** One session, as its owner and admins see it. */
export const SessionSchema = Type.Object(
  {
    id: Id(),
    userId: Id(),
    kind: Type.Union([Type.Literal('console'), Type.Literal('api')], {
      description: 'A browser signed in to the console, or a token of `POST /v1/sessions`',
    }),
    created: Timestamp('Time of sign-in'),
    lastSeen: Timestamp('Last use; updated at most once a minute'),
    expires: Timestamp('Latest end; a console session also ends after 12 hours without use'),
    userAgent: Type.String({ description: "The client's User-Agent", examples: ['curl/8.9'] }),
    address: Type.String({ description: 'Address the user signed in from', examples: ['192.0.2.7'] }),
    current: Type.Boolean({ description: 'Whether it is the session of this request' }),
  },
  { title: 'Session' },
);
export type Session = Static<typeof SessionSchema>;
