/** Signing in and out: tokens for scripts, a cookie for the console. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { findStanding, forgetDevice, rememberDevice } from '../../../domain/access/known-devices.ts';
import type { Session, SessionWithUser } from '../../../domain/access/sessions.ts';
import { listLiveSessions, revokeSession, signIn } from '../../../domain/access/signing-in.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { DomainError } from '../../../domain/errors.ts';
import { actingCore, principalOf } from '../../back-office-auth.ts';
import { pageQuery, readInteger, readPage, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import { Id, timestamp } from '../../wire.ts';
import { answers, emptyAnswers, notFound, sessionSecurity } from './responses.ts';
import {
  ConsoleCredentials,
  ConsoleSession,
  Credentials,
  SessionSchema,
  SessionToken,
  type Session as WireSession,
} from './sessions-schemas.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: sessions'];
/** What the list may be sorted by; the first is the default. */
const SORTABLE = ['-id', 'created', 'lastSeen', 'expires'];

export async function sessionRoutes(
  app: FastifyInstance,
  { core, auth, cookies, signIns, sessionTokenDays: tokenDays, server }: ManagementSurface,
): Promise<void> {
  type SignIn = { Body: { email: string; password: string } };
  type ConsoleSignIn = { Body: SignIn['Body'] & { device?: string } };

  /** @param devices tokens of browsers that were signed in before */
  async function begin(request: FastifyRequest<SignIn>, kind: Session['kind'], devices: readonly string[] = []) {
    const { email, password } = request.body;
    const userAgent = request.headers['user-agent'] ?? '';
    const address = request.clientAddress;
    try {
      const standing = await findStanding(core, email, devices);
      return await signIns.signIn({ email, address, ...standing }, async () =>
        signIn(core, { email, password, kind, userAgent, address, tokenDays }),
      );
    } catch (error) {
      const reason = error instanceof DomainError ? error.code : 'failure';
      request.log.info({ requestId: request.id, reason, address }, 'sign-in refused');
      throw error;
    }
  }

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
      docs: server.docs,
      licence: 'Apache-2.0',
      accountId: ACCOUNT_ID,
    },
  });

  async function end(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { session, user } = principalOf(request);
    if (session !== undefined) await core.storage.accounts.deleteSessions(user.id, { only: session.id });
    if (session?.kind === 'console') cookies.clearSession(request, reply);
    return reply.code(204).send();
  }

  app.post<SignIn>(
    '/v1/sessions',
    {
      schema: {
        operationId: 'createSession',
        summary: 'Sign in with a token',
        description:
          'The token is for scripts; people sign in to the console. Send it as `Authorization: Bearer <token>`.',
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
        description: 'The token is refused from then on.',
        tags,
        security: sessionSecurity,
        response: emptyAnswers('It is over'),
      },
      config: { operation: 'destroySession', backOfficeAccess: 'session', duringPasswordChange: true },
    },
    async (request, reply) => end(request, reply),
  );

  app.post<ConsoleSignIn>(
    '/v1/console/session',
    {
      schema: {
        operationId: 'createConsoleSession',
        summary: 'Sign in with a cookie',
        description:
          'For the console: the session is in a cookie that scripts cannot read; the request must come from a page of this server. A second cookie makes the browser known: it is let in also while somebody else guesses passwords.',
        tags,
        security: [],
        body: ConsoleCredentials,
        response: answers(201, 'The session; its token is in the cookie', ConsoleSession),
      },
      config: { operation: 'createConsoleSession', extension: true, backOfficeAccess: 'public' },
    },
    async (request, reply) => {
      // Nobody is to be signed in by another site, as whoever that site chooses.
      auth.assertNoForeignOrigin(request);
      const { device: link } = request.body;
      const cookie = cookies.device(request);
      const presented = [link, cookie].filter((each) => each !== undefined);
      const { token, ...found } = await begin(request, 'console', presented);
      cookies.setSession(request, reply, { token, expires: found.session.expires });
      cookies.setDevice(request, reply, await rememberDevice(core, found.user.id, cookie));
      if (link !== undefined) await forgetDevice(core, link);
      return reply.code(201).send(toConsoleSession(request, found));
    },
  );

  app.get(
    '/v1/console/session',
    {
      schema: {
        operationId: 'getConsoleSession',
        summary: 'Who is signed in',
        description: 'The user of the cookie or token, and what the console shows of the server.',
        tags,
        security: sessionSecurity,
        response: answers(200, 'The session', ConsoleSession),
      },
      config: {
        operation: 'getConsoleSession',
        extension: true,
        backOfficeAccess: 'session',
        duringPasswordChange: true,
      },
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
        summary: 'Sign out of the console',
        description: 'Ends the session and removes its cookie.',
        tags,
        security: sessionSecurity,
        response: emptyAnswers('It is over'),
      },
      config: {
        operation: 'destroyConsoleSession',
        extension: true,
        backOfficeAccess: 'session',
        duringPasswordChange: true,
      },
    },
    async (request, reply) => end(request, reply),
  );

  const toSession = (session: Session, current: number | undefined): WireSession => ({
    id: session.id,
    userId: session.userId,
    kind: session.kind,
    created: timestamp(session.created),
    lastSeen: timestamp(session.lastSeen),
    expires: timestamp(session.expires),
    userAgent: session.userAgent,
    address: session.address,
    current: session.id === current,
  });

  app.get(
    '/v1/sessions',
    {
      schema: {
        operationId: 'getSessions',
        summary: 'List your sessions',
        description: 'Newest first unless `sort` says otherwise. Admins may ask for those of another user.',
        tags,
        security: sessionSecurity,
        querystring: Type.Object({
          ...pageQuery(SORTABLE),
          userId: Type.Optional(Id({ description: 'Of this user; admins only' })),
        }),
        response: answers(200, 'Sessions', TotalPage(SessionSchema)),
      },
      config: { operation: 'getSessions', extension: true, backOfficeAccess: 'session' },
    },
    async (request) => {
      const { user, session: current } = principalOf(request);
      const page = readPage(request, SORTABLE);
      const userId = readInteger(request, 'userId') ?? user.id;
      if (userId !== user.id && !user.isAdmin) {
        throw new DomainError('forbidden', 'Sessions of others are for admins; your role is read-only');
      }
      const all = await listLiveSessions(core, userId);
      const sorted = sortForPage(all, page, (each, field) => each[field as 'id' | 'created' | 'lastSeen' | 'expires']);
      const { data, totalResultSize } = slicePage(sorted, page);
      return { totalResultSize, data: data.map((each) => toSession(each, current?.id)) };
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
        response: emptyAnswers('It is over', [notFound('Session 7 not found')]),
      },
      config: { operation: 'revokeSession', extension: true, backOfficeAccess: 'session' },
    },
    async (request, reply) => {
      const { user } = principalOf(request);
      const whose = user.isAdmin ? undefined : user.id;
      await revokeSession(actingCore(core, request), readPathNumber(request, 'sessionId'), whose);
      return reply.code(204).send();
    },
  );
}
