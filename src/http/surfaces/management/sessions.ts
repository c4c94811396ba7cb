/** Signing in and out: tokens for scripts, a cookie for the console. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { type Session, type SessionWithUser, signIn } from '../../../domain/sessions.ts';
import { principalOf } from '../../back-office-auth.ts';
import { timestamp } from '../../wire.ts';
import type { ManagementSurface } from '../management.ts';
import { answers, emptyAnswers, security } from './responses.ts';
import { ConsoleSession, Credentials, SessionToken } from './sessions-schemas.ts';

const tags = ['Management API: sessions'];

export async function sessionRoutes(app: FastifyInstance, { core, auth, server }: ManagementSurface): Promise<void> {
  type SignIn = { Body: { email: string; password: string } };

  const begin = async (request: FastifyRequest<SignIn>, kind: Session['kind']) =>
    signIn(core, {
      ...request.body,
      kind,
      userAgent: request.headers['user-agent'] ?? '',
      address: request.ip,
    });

  const toConsoleSession = (request: FastifyRequest, { session, user }: SessionWithUser): ConsoleSession => ({
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
      licence: 'Apache-2.0',
      accountId: ACCOUNT_ID,
    },
  });

  async function end(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { session, user } = principalOf(request);
    if (session !== undefined) await core.storage.accounts.deleteSessions(user.id, { only: session.id });
    if (session?.kind === 'console') auth.clearCookie(request, reply);
    return reply.code(204).send();
  }

  app.post<SignIn>(
    '/v1/sessions',
    {
      schema: {
        operationId: 'createSession',
        summary: 'Sign in with a token',
        tags,
        security: [],
        body: Credentials,
        response: answers(201, 'The session', SessionToken),
      },
      config: { operation: 'createSession', backOfficeAccess: 'public' },
    },
    async (request, reply) => {
      const { token, session, user } = await begin(request, 'api');
      return reply.code(201).send({ userId: user.id, token, created: timestamp(session.created) });
    },
  );

  app.delete(
    '/v1/sessions',
    {
      schema: {
        operationId: 'destroySession',
        summary: 'End the session of the presented token',
        tags,
        security,
        response: emptyAnswers('It is over'),
      },
      config: { operation: 'destroySession', backOfficeAccess: 'session', duringPasswordChange: true },
    },
    async (request, reply) => end(request, reply),
  );

  app.post<SignIn>(
    '/v1/console/session',
    {
      schema: {
        operationId: 'createConsoleSession',
        summary: 'Sign in with a cookie (ours)',
        tags,
        security: [],
        body: Credentials,
        response: answers(201, 'The session; its token is in the cookie', ConsoleSession),
      },
      config: { operation: 'createConsoleSession', backOfficeAccess: 'public' },
    },
    async (request, reply) => {
      const { token, ...found } = await begin(request, 'console');
      auth.setCookie(request, reply, token, found.session.expires);
      return reply.code(201).send(toConsoleSession(request, found));
    },
  );

  app.get(
    '/v1/console/session',
    {
      schema: {
        operationId: 'getConsoleSession',
        summary: 'Who is signed in (ours)',
        tags,
        security,
        response: answers(200, 'The session', ConsoleSession),
      },
      config: { operation: 'getConsoleSession', backOfficeAccess: 'session', duringPasswordChange: true },
    },
    async (request) => {
      const { session, user } = principalOf(request);
      if (session === undefined) throw new Error('A route for sessions was opened by a key');
      return toConsoleSession(request, { session, user });
    },
  );

  app.delete(
    '/v1/console/session',
    {
      schema: {
        operationId: 'destroyConsoleSession',
        summary: 'Sign out of the console (ours)',
        tags,
        security,
        response: emptyAnswers('It is over'),
      },
      config: { operation: 'destroyConsoleSession', backOfficeAccess: 'session', duringPasswordChange: true },
    },
    async (request, reply) => end(request, reply),
  );
}
