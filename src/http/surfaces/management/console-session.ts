/** The session of the console, in a cookie: signing in, who is signed in, and signing out. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { forgetDevice, rememberDevice } from '../../../domain/access/known-devices.ts';
import type { SessionWithUser } from '../../../domain/access/sessions.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { principalOf } from '../../back-office-auth.ts';
import { signInFrom } from '../../sign-in.ts';
import { timestamp } from '../../wire.ts';
import { answers, emptyAnswers, sessionSecurity } from './responses.ts';
import { endSession } from './sessions.ts';
import { ConsoleCredentials, ConsoleSession } from './sessions-schemas.ts';
import type { ManagementSurface, ServerFacts } from './surface-parts.ts';

const tags = ['Management API: sessions'];

function toWireSession(
  request: FastifyRequest,
  { session, user }: SessionWithUser,
  server: ServerFacts,
): ConsoleSession {
  return {
    sessionId: session.id,
    userId: user.id,
    email: user.email,
    name: user.name,
    isAdmin: user.isAdmin,
    mustChangePassword: user.mustChangePassword,
    created: timestamp(session.created),
    expires: timestamp(session.expires),
    server: {
      version: server.version,
      url: server.publicUrl ?? `${request.protocol}://${request.host}`,
      strict: server.strict,
      docs: server.docs,
      licence: 'Apache-2.0',
      accountId: ACCOUNT_ID,
    },
  };
}

export async function consoleSessionRoutes(app: FastifyInstance, surface: ManagementSurface): Promise<void> {
  const { core, auth, cookies, server } = surface;

  app.post<{ Body: { email: string; password: string; device?: string } }>(
    '/v1/console/session',
    {
      schema: {
        operationId: 'createConsoleSession',
        summary: 'Sign in with a cookie',
        description:
          'For the console. The session is in a cookie that scripts cannot read, and the request must come from a page of this server. A second cookie makes the browser known, so that it is let in even while somebody else guesses passwords.',
        tags,
        security: [],
        body: ConsoleCredentials,
        response: answers(201, 'The session; its token is in the cookie', ConsoleSession),
      },
      config: { extension: true, backOfficeAccess: 'public' },
    },
    async (request, reply) => {
      // Another site must not be able to sign somebody in as a user of its choice.
      auth.assertNoForeignOrigin(request);
      const { device: link } = request.body;
      const cookie = cookies.device(request);
      const presented = [link, cookie].filter((each) => each !== undefined);
      const { token, ...found } = await signInFrom(request, request.body, 'console', surface, presented);
      cookies.setSession(request, reply, { token, expires: found.session.expires });
      cookies.setDevice(request, reply, await rememberDevice(core, found.user.id, cookie));
      if (link !== undefined) await forgetDevice(core, link);
      return reply.code(201).send(toWireSession(request, found, server));
    },
  );

  app.get(
    '/v1/console/session',
    {
      schema: {
        operationId: 'getConsoleSession',
        summary: 'Get the current session',
        description: 'Returns the user of the cookie or token, and what the console shows about the server.',
        tags,
        security: sessionSecurity,
        response: answers(200, 'The session', ConsoleSession),
      },
      config: {
        extension: true,
        backOfficeAccess: 'session',
        duringPasswordChange: true,
      },
    },
    async (request) => {
      const { session, user } = principalOf(request);
      if (session === undefined) throw new Error('A route for sessions was opened by a key');
      return toWireSession(request, { session, user }, server);
    },
  );

  app.delete(
    '/v1/console/session',
    {
      schema: {
        operationId: 'destroyConsoleSession',
        summary: 'Sign out of the console',
        description: 'Ends the session and removes its cookie.',
        tags,
        security: sessionSecurity,
        response: emptyAnswers('Signed out'),
      },
      config: {
        extension: true,
        backOfficeAccess: 'session',
        duringPasswordChange: true,
      },
    },
    async (request, reply) => endSession(request, reply, surface),
  );
}
