/** Users: who there is, what admins do to them, and what each may do to their own record. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type TSchema, Type } from 'typebox';
import {
  changePassword,
  createUser,
  deleteUser,
  findUser,
  findUserByEmail,
  inviteUser,
  provePassword,
  resetPassword,
  updateUser,
} from '../../../domain/access/user-administration.ts';
import type { UserChange } from '../../../domain/access/users.ts';
import { generatePassword, type User } from '../../../domain/access/users.ts';
import type { Core } from '../../../domain/core.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { DomainError, invalid } from '../../../domain/errors.ts';
import { actingCore, principalOf } from '../../back-office-auth.ts';
import { pageQuery, readPage, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import { Id, timestamp } from '../../wire.ts';
import { answers, conflict, emptyAnswers, notFound, security, sessionSecurity } from './responses.ts';
import { ADMIN_ROLE, roleOf } from './roles.ts';
import type { ManagementSurface } from './surface-parts.ts';
import {
  CreatedUserSchema,
  InvitationSchema,
  NewPasswordSchema,
  type NewUser,
  NewUserSchema,
  type PasswordChange,
  PasswordChangeSchema,
  UserByEmailSchema,
  UserSchema,
  type UserUpdate,
  UserUpdateSchema,
  type User as WireUser,
} from './users-schemas.ts';

const tags = ['Management API: users'];
/** What the list may be sorted by; the first is the default. */
const SORTABLE = ['id', 'email', 'name', 'created'];
const params = Type.Object({ userId: Id() });
const unknown = notFound('User 7 not found');
const taken = conflict('The e-mail is taken', 'A user with the e-mail ada@example.com already exists');
const lastAdmin = conflict(
  'It is the last active admin',
  'This is the last active admin; make another user an admin first',
);

function toWireUser(user: User): WireUser {
  return {
    id: user.id,
    created: timestamp(user.created),
    modified: timestamp(user.modified),
    email: user.email,
    accountId: ACCOUNT_ID,
    inviteToken: user.state === 'invited' ? 'pending' : '',
    state: user.state,
    name: user.name,
    policy: {},
    isAdmin: user.isAdmin,
    roles: [roleOf(user)],
    authMethod: 'basic_auth',
    ...(user.lastSignedIn === undefined ? {} : { lastSignedIn: timestamp(user.lastSignedIn) }),
    ...(user.lastAccessed === undefined ? {} : { lastAccessed: timestamp(user.lastAccessed) }),
    mustChangePassword: user.mustChangePassword,
  };
}

function sortValue(user: User, field: string): string | number {
  if (field === 'email') return user.email;
  if (field === 'name') return user.name;
  return field === 'created' ? user.created : user.id;
}

/** @throws DomainError `forbidden` for somebody else's record, unless an admin asks */
function assertOwnOrAdmin(request: FastifyRequest, userId: number): void {
  const { user } = principalOf(request);
  if (user.isAdmin || user.id === userId) return;
  throw new DomainError('forbidden', 'This needs an admin; your role is read-only, and this is not your own record');
}

/** What a body asks to be changed. @throws DomainError `invalid`; `forbidden` for what only admins change */
function changeOf(request: FastifyRequest, { name, state, isAdmin, roles, policy }: UserUpdate): UserChange {
  if (policy !== undefined && policy.trim() !== '' && policy.trim() !== '{}') {
    throw invalid('policy: policies are not served; use isAdmin', { pointer: '/policy' });
  }
  const byRole = roles === undefined ? undefined : roles.includes(ADMIN_ROLE);
  if (roles !== undefined && (roles.length !== 1 || (roles[0] ?? 0) > 2)) {
    throw invalid('roles: exactly one, 1 (admin) or 2 (read-only)', { pointer: '/roles' });
  }
  if (isAdmin !== undefined && byRole !== undefined && isAdmin !== byRole) {
    throw invalid('roles: does not agree with isAdmin', { pointer: '/roles' });
  }
  const admin = isAdmin ?? byRole;
  if ((state !== undefined || admin !== undefined) && !principalOf(request).user.isAdmin) {
    throw new DomainError('forbidden', 'State and role are changed by admins; your role is read-only');
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(state === undefined ? {} : { state }),
    ...(admin === undefined ? {} : { isAdmin: admin }),
  };
}

export async function userRoutes(app: FastifyInstance, surface: ManagementSurface): Promise<void> {
  const { core } = surface;

  app.get(
    '/v1/users',
    {
      schema: {
        operationId: 'getUsers',
        summary: 'List users',
        description: 'All of them for admins; for others only their own record.',
        tags,
        security,
        querystring: Type.Object(pageQuery(SORTABLE)),
        response: answers(200, 'Users', TotalPage(UserSchema)),
      },
      config: { operation: 'getUsers', backOfficeAccess: 'read' },
    },
    async (request) => {
      const page = readPage(request, SORTABLE);
      const { user } = principalOf(request);
      const all = (await core.storage.accounts.listUsers()).filter(({ id }) => user.isAdmin || id === user.id);
      const { data, totalResultSize } = slicePage(sortForPage(all, page, sortValue), page);
      return { totalResultSize, data: data.map(toWireUser) };
    },
  );

  app.get(
    '/v1/users/:userId',
    {
      schema: {
        operationId: 'getUser',
        summary: 'Get a user',
        description: 'Any for admins; for others only their own record.',
        tags,
        security,
        params,
        response: answers(200, 'The user', UserSchema, [unknown]),
      },
      config: { operation: 'getUser', backOfficeAccess: 'read' },
    },
    async (request) => {
      const userId = readPathNumber(request, 'userId');
      assertOwnOrAdmin(request, userId);
      return toWireUser(await findUser(core, userId));
    },
  );

  app.put<{ Body: UserUpdate }>(
    '/v1/users/:userId',
    {
      schema: {
        operationId: 'updateUser',
        summary: 'Change a user',
        description: 'What is absent stays as it is. Users who are no admins may change their own name.',
        tags,
        security,
        params,
        body: UserUpdateSchema,
        response: answers(200, 'The user', UserSchema, [unknown, lastAdmin]),
      },
      config: { operation: 'updateUser', backOfficeAccess: 'read' },
    },
    async (request) => {
      const userId = readPathNumber(request, 'userId');
      assertOwnOrAdmin(request, userId);
      return toWireUser(await updateUser(actingCore(core, request), userId, changeOf(request, request.body)));
    },
  );

  app.delete(
    '/v1/users/:userId',
    {
      schema: {
        operationId: 'deleteUser',
        summary: 'Delete a user',
        description: 'API keys the user created go on working; management keys of the user do not.',
        tags,
        security,
        params,
        response: emptyAnswers('The user is deleted', [unknown, lastAdmin]),
      },
      config: { operation: 'deleteUser', backOfficeAccess: 'admin' },
    },
    async (request, reply) => {
      await deleteUser(actingCore(core, request), readPathNumber(request, 'userId'));
      return reply.code(204).send();
    },
  );

  app.post<{ Body: NewUser }>(
    '/v1/users',
    {
      schema: {
        operationId: 'createUser',
        summary: 'Create a user with a password',
        description: 'The answer holds the password, this once; the user changes it at the first sign-in.',
        tags,
        security: sessionSecurity,
        body: NewUserSchema,
        response: answers(201, 'The user and the password', CreatedUserSchema, [taken]),
      },
      config: { operation: 'createUser', extension: true, backOfficeAccess: 'admin-session' },
    },
    async (request, reply) => {
      const { email, name, isAdmin = false } = request.body;
      const password = generatePassword();
      const input = { email, name, isAdmin, password, mustChangePassword: true };
      const user = await createUser(actingCore(core, request), input);
      return reply.code(201).send({ ...toWireUser(user), password });
    },
  );

  passwordRoutes(app, surface);
  byEmailRoutes(app, core);
}

function passwordRoutes(app: FastifyInstance, { core, signIns }: ManagementSurface): void {
  app.post<{ Body: PasswordChange }>(
    '/v1/users/:userId/password',
    {
      schema: {
        operationId: 'changePassword',
        summary: 'Change your own password',
        description: 'Ends all your other sessions.',
        tags,
        security: sessionSecurity,
        params,
        body: PasswordChangeSchema,
        response: emptyAnswers('It is changed', [
          unknown,
          conflict('It was changed meanwhile', 'The password was changed meanwhile; nothing was done'),
        ]),
      },
      config: { operation: 'changePassword', extension: true, backOfficeAccess: 'session', duringPasswordChange: true },
    },
    async (request, reply) => {
      const { user, session } = principalOf(request);
      if (readPathNumber(request, 'userId') !== user.id) {
        throw new DomainError('forbidden', 'A password is changed by its user; admins reset it instead');
      }
      const { currentPassword, newPassword } = request.body;
      const proof = await signIns.confirm(user.id, async () => provePassword(core, user, currentPassword));
      await changePassword(actingCore(core, request), proof, newPassword, session?.id);
      return reply.code(204).send();
    },
  );

  app.post(
    '/v1/users/:userId/reset_password',
    {
      schema: {
        operationId: 'resetPassword',
        summary: 'Give a user another password',
        description:
          'The answer holds the password, this once; the user changes it at the next sign-in. Ends all sessions of the user. This is also how an invited user gets in.',
        tags,
        security: sessionSecurity,
        params,
        response: answers(200, 'The password', NewPasswordSchema, [unknown]),
      },
      config: { operation: 'resetPassword', extension: true, backOfficeAccess: 'admin-session' },
    },
    async (request) => ({
      password: await resetPassword(actingCore(core, request), readPathNumber(request, 'userId')),
    }),
  );
}

function byEmailRoutes(app: FastifyInstance, core: Core): void {
  /** A published operation that names a user, or someone who is to become one, by e-mail and answers 204. */
  function post<Body extends { email: string }>(
    name: 'invite' | 'delete' | 'activate' | 'deactivate',
    operationId: string,
    { summary, description }: { summary: string; description: string },
    body: TSchema,
    errors: Parameters<typeof emptyAnswers>[1],
    work: (acting: Core, body: Body) => Promise<unknown>,
  ): void {
    app.post<{ Body: Body }>(
      `/v1/users/${name}`,
      {
        schema: {
          operationId,
          summary,
          description,
          tags,
          security,
          body,
          response: emptyAnswers('It is done', errors),
        },
        config: { operation: operationId, backOfficeAccess: 'admin' },
      },
      async (request, reply) => {
        await work(actingCore(core, request), request.body as Body);
        return reply.code(204).send();
      },
    );
  }

  const none = notFound("User 'ada@example.com' not found");
  post<{ email: string; name?: string }>(
    'invite',
    'inviteUserExternal',
    {
      summary: 'Invite a user, read-only and without a password: no mail is sent',
      description:
        'An admin gives the user a password (`resetPassword`); with the first sign-in the user becomes active.',
    },
    InvitationSchema,
    [taken],
    async (acting, body) => inviteUser(acting, body),
  );
  post(
    'delete',
    'deleteUserByEmail',
    {
      summary: 'Delete a user by e-mail',
      description:
        'Compared without case. API keys the user created go on working; management keys of the user do not.',
    },
    UserByEmailSchema,
    [none, lastAdmin],
    async (acting, { email }) => deleteUser(acting, (await findUserByEmail(acting, email)).id),
  );
  post(
    'activate',
    'activateUserByEmail',
    {
      summary: 'Let a deactivated user in again',
      description: 'Compared without case. Management keys of the user work again too.',
    },
    UserByEmailSchema,
    [none],
    async (acting, { email }) => updateUser(acting, (await findUserByEmail(acting, email)).id, { state: 'active' }),
  );
  post(
    'deactivate',
    'deactivateUserByEmail',
    {
      summary: 'Lock a user out and end the sessions of the user',
      description:
        'Compared without case. Management keys of the user are refused meanwhile; API keys the user created go on working.',
    },
    UserByEmailSchema,
    [none, lastAdmin],
    async (acting, { email }) =>
      updateUser(acting, (await findUserByEmail(acting, email)).id, { state: 'deactivated' }),
  );
}
