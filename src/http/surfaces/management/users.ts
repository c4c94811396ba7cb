/** Users: listed, read, created, changed and deleted, each by ID. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ADMIN_ROLE, ROLES } from '../../../domain/access/roles.ts';
import {
  checkMayChange,
  checkOwnOrAdmin,
  createUserWithPassword,
  deleteUser,
  updateUser,
} from '../../../domain/access/user-administration.ts';
import { findUser, listUsers } from '../../../domain/access/user-lookups.ts';
import type { User, UserChange } from '../../../domain/access/users.ts';
import { invalid } from '../../../domain/errors.ts';
import { actingCore, principalOf } from '../../back-office-auth.ts';
import { pageQuery, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id } from '../../wire.ts';
import { answers, emptyAnswers, security, sessionSecurity } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';
import {
  CreatedUserSchema,
  type NewUser,
  NewUserSchema,
  UserSchema,
  type UserUpdate,
  UserUpdateSchema,
} from './users-schemas.ts';
import { emailIsTaken, lastAdmin, toWireUser, unknownUser } from './users-wire.ts';

const tags = ['Management API: users'];
const listQuery = Type.Object(pageQuery(['id', 'email', 'name', 'created']));
const params = Type.Object({ userId: Id() });

function sortValue(user: User, field: string): string | number {
  if (field === 'email') return user.email;
  if (field === 'name') return user.name;
  return field === 'created' ? user.created : user.id;
}

/** The requested changes. @throws DomainError `invalid` */
function changeOf({ name, state, isAdmin, roles, policy }: UserUpdate): UserChange {
  if (policy !== undefined && policy.trim() !== '' && policy.trim() !== '{}') {
    throw invalid('policy: policies are not served; use isAdmin', { pointer: '/policy' });
  }
  const byRole = roles === undefined ? undefined : roles.includes(ADMIN_ROLE.id);
  if (roles !== undefined && (roles.length !== 1 || (roles[0] ?? 0) > ROLES.length)) {
    throw invalid('roles: exactly one, 1 (admin) or 2 (read-only)', { pointer: '/roles' });
  }
  if (isAdmin !== undefined && byRole !== undefined && isAdmin !== byRole) {
    throw invalid('roles: does not agree with isAdmin', { pointer: '/roles' });
  }
  const admin = isAdmin ?? byRole;
  return {
    ...(name === undefined ? {} : { name }),
    ...(state === undefined ? {} : { state }),
    ...(admin === undefined ? {} : { isAdmin: admin }),
  };
}

export async function userRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof listQuery>>(
    '/v1/users',
    {
      schema: {
        operationId: 'getUsers',
        summary: 'List users',
        description: 'Admins see all users; others see only their own record.',
        tags,
        security,
        querystring: listQuery,
        response: answers(200, 'Users', TotalPage(UserSchema)),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const page = request.query;
      const all = await listUsers(core, principalOf(request).user);
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
        description: 'Admins see any user; others see only their own record.',
        tags,
        security,
        params,
        response: answers(200, 'The user', UserSchema, [unknownUser]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const userId = readPathNumber(request, 'userId');
      checkOwnOrAdmin(principalOf(request).user, userId);
      return toWireUser(await findUser(core, userId));
    },
  );

  app.put<{ Body: UserUpdate }>(
    '/v1/users/:userId',
    {
      schema: {
        operationId: 'updateUser',
        summary: 'Change a user',
        description: 'Absent fields stay unchanged. Users who are not admins may change their own name.',
        tags,
        security,
        params,
        body: UserUpdateSchema,
        response: answers(200, 'The user', UserSchema, [unknownUser, lastAdmin]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const userId = readPathNumber(request, 'userId');
      const { user } = principalOf(request);
      checkOwnOrAdmin(user, userId);
      const change = changeOf(request.body);
      checkMayChange(user, userId, change);
      return toWireUser(await updateUser(actingCore(core, request), userId, change));
    },
  );

  app.delete(
    '/v1/users/:userId',
    {
      schema: {
        operationId: 'deleteUser',
        summary: 'Delete a user',
        description: 'API keys the user created keep working; management keys of the user do not.',
        tags,
        security,
        params,
        response: emptyAnswers('Deleted', [unknownUser, lastAdmin]),
      },
      config: { backOfficeAccess: 'admin' },
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
        description:
          'The response contains the password, which is shown only once; the user must change it at the first sign-in.',
        tags,
        security: sessionSecurity,
        body: NewUserSchema,
        response: answers(201, 'The user and the password', CreatedUserSchema, [emailIsTaken]),
      },
      config: { extension: true, backOfficeAccess: 'admin-session' },
    },
    async (request, reply) => {
      const { user, password } = await createUserWithPassword(actingCore(core, request), request.body);
      return reply.code(201).send({ ...toWireUser(user), password });
    },
  );
}
