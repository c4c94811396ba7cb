/** Sessions: tokens for scripts, and the sessions of a user, which can be ended one by one. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Session } from '../../../domain/access/sessions.ts';
import { listLiveSessions, revokeSession, signOut } from '../../../domain/access/signing-in.ts';
import { actingCore, principalOf } from '../../back-office-auth.ts';
import { pageQuery, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { WithQuery } from '../../query-strings.ts';
import { signInFrom } from '../../sign-in.ts';
import { Id, timestamp } from '../../wire.ts';
import { answers, emptyAnswers, notFound, sessionSecurity } from './responses.ts';
import { Credentials, SessionSchema, SessionToken, type Session as WireSession } from './sessions-schemas.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: sessions'];
const listQuery = Type.Object({
  ...pageQuery(['-id', 'created', 'lastSeen', 'expires']),
  userId: Type.Optional(Id({ minimum: 0, description: 'Sessions of this user; only for admins' })),
});

function toWireSession(session: Session, current: number | undefined): WireSession {
  return {
    id: session.id,
    userId: session.userId,
    kind: session.kind,
    created: timestamp(session.created),
    lastSeen: timestamp(session.lastSeen),
    expires: timestamp(session.expires),
    userAgent: session.userAgent,
    address: session.address,
    current: session.id === current,
  };
}

/** Ends the current session, and removes its cookie, if any. */
export async function endSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { core, cookies }: ManagementSurface,
): Promise<FastifyReply> {
  const { session } = principalOf(request);
  if (session !== undefined) await signOut(core, session);
  if (session?.kind === 'console') cookies.clearSession(request, reply);
  return reply.code(204).send();
}

export async function sessionRoutes(app: FastifyInstance, surface: ManagementSurface): Promise<void> {
  const { core } = surface;

  app.post<{ Body: { email: string; password: string } }>(
    '/v1/sessions',
    {
      schema: {
        operationId: 'createSession',
        summary: 'Sign in with a token',
        description:
          'Returns a token for scripts; people sign in to the console. Send the token as `Authorization: Bearer <token>`.',
        tags,
        security: [],
        body: Credentials,
        response: answers(201, 'The session', SessionToken),
      },
      config: { backOfficeAccess: 'public' },
    },
    async (request, reply) => {
      const { token, session, user } = await signInFrom(request, request.body, 'api', surface);
      return reply.code(201).send({ userId: user.id, token, created: timestamp(session.created) });
    },
  );

  app.delete(
    '/v1/sessions',
    {
      schema: {
        operationId: 'destroySession',
        summary: 'End the session of the presented token',
        description: 'The token is refused from then on.',
        tags,
        security: sessionSecurity,
        response: emptyAnswers('The session has ended'),
      },
      config: { backOfficeAccess: 'session', duringPasswordChange: true },
    },
    async (request, reply) => endSession(request, reply, surface),
  );

  app.get<WithQuery<typeof listQuery>>(
    '/v1/sessions',
    {
      schema: {
        operationId: 'getSessions',
        summary: 'List your sessions',
        description: 'Newest first unless `sort` says otherwise. Admins may list those of another user.',
        tags,
        security: sessionSecurity,
        querystring: listQuery,
        response: answers(200, 'Sessions', TotalPage(SessionSchema)),
      },
      config: { extension: true, backOfficeAccess: 'session' },
    },
    async (request) => {
      const { user, session: current } = principalOf(request);
      const page = request.query;
      const { userId = user.id } = page;
      const all = await listLiveSessions(core, userId, user);
      const sorted = sortForPage(all, page, (each, field) => each[field]);
      const { data, totalResultSize } = slicePage(sorted, page);
      return { totalResultSize, data: data.map((each) => toWireSession(each, current?.id)) };
    },
  );

  app.delete(
    '/v1/sessions/:sessionId',
    {
      schema: {
        operationId: 'revokeSession',
        summary: 'End one of your sessions',
        description: 'Admins may end any.',
        tags,
        security: sessionSecurity,
        params: Type.Object({ sessionId: Id() }),
        response: emptyAnswers('The session has ended', [notFound('Session 7 not found')]),
      },
      config: { extension: true, backOfficeAccess: 'session' },
    },
    async (request, reply) => {
      const { user } = principalOf(request);
      await revokeSession(actingCore(core, request), readPathNumber(request, 'sessionId'), user);
      return reply.code(204).send();
    },
  );
}
