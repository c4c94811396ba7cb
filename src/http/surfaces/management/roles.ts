/** The account, and the two roles of its users. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { accountCreated, findAccount } from '../../../domain/access/account.ts';
import { findRole, ROLES, roleOf } from '../../../domain/access/roles.ts';
import { setRoleMembers } from '../../../domain/access/user-administration.ts';
import { listUsers } from '../../../domain/access/user-lookups.ts';
import type { Core } from '../../../domain/core.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { DomainError, invalid } from '../../../domain/errors.ts';
import { actingCore, principalOf } from '../../back-office-auth.ts';
import { pageQuery, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id, timestamp } from '../../wire.ts';
import { answers, conflict, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';
import {
  type Account,
  AccountSchema,
  RoleSchema,
  type RoleUpdate,
  RoleUpdateSchema,
  type Role as WireRole,
} from './users-schemas.ts';

const tags = ['Management API: users'];
const listQuery = Type.Object(pageQuery(['id', 'name']));
const params = Type.Object({ roleId: Id() });
const unknown = notFound('Role 7 not found');

/** The roles with their members: admins see all of them, others see only themselves. */
export async function listWireRoles(core: Core, request: FastifyRequest): Promise<WireRole[]> {
  const [began, users] = await Promise.all([accountCreated(core), listUsers(core, principalOf(request).user)]);
  const created = timestamp(began);
  return ROLES.map((role) => ({
    ...role,
    created,
    modified: created,
    accountId: ACCOUNT_ID,
    members: users.filter((each) => roleOf(each) === role).map(({ id }) => id),
  }));
}

/** The role that the path names. @throws DomainError `not_found` */
export async function findWireRole(core: Core, request: FastifyRequest): Promise<WireRole> {
  const { id } = findRole(readPathNumber(request, 'roleId'));
  const role = (await listWireRoles(core, request)).find((each) => each.id === id);
  if (role === undefined) throw new Error(`Role ${id} is not among the roles`);
  return role;
}

export async function roleRoutes(app: FastifyInstance, { core, server }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof listQuery>>(
    '/v2/roles',
    {
      schema: {
        operationId: 'listAllRolesV2',
        summary: 'List the two roles',
        description: 'Both are built in. Users who are not admins see only themselves among the members.',
        tags,
        security,
        querystring: listQuery,
        response: answers(200, 'Roles', TotalPage(RoleSchema)),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const page = request.query;
      const roles = await listWireRoles(core, request);
      const sorted = sortForPage(roles, page, (role, field) => (field === 'name' ? role.name : role.id));
      const { data, totalResultSize } = slicePage(sorted, page);
      return { totalResultSize, data };
    },
  );

  app.get(
    '/v2/roles/:roleId',
    {
      schema: {
        operationId: 'getRoleV2',
        summary: 'Get a role',
        description: 'Users who are no admins see only themselves among the members.',
        tags,
        security,
        params,
        response: answers(200, 'The role', RoleSchema, [unknown]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => findWireRole(core, request),
  );

  app.put<{ Body: RoleUpdate }>(
    '/v2/roles/:roleId',
    {
      schema: {
        operationId: 'updateRoleV2',
        summary: 'Set the members of a role',
        description: 'The two roles are built in: only their members can be changed.',
        tags,
        security,
        params,
        body: RoleUpdateSchema,
        response: answers(200, 'The role', RoleSchema, [
          unknown,
          conflict('No active admin would be left', 'This is the last active admin; make another user an admin first'),
        ]),
      },
      config: { backOfficeAccess: 'admin' },
    },
    async (request) => {
      const role = findRole(readPathNumber(request, 'roleId'));
      const { members, ...given } = request.body;
      for (const field of ['name', 'description', 'isAdmin'] as const) {
        if (given[field] !== undefined && given[field] !== role[field]) {
          throw invalid(`${field}: the two roles are built in; only members can be changed`, { pointer: `/${field}` });
        }
      }
      if (members !== undefined) await setRoleMembers(actingCore(core, request), role, members);
      return findWireRole(core, request);
    },
  );

  app.get(
    '/v1/accounts/:accountId',
    {
      schema: {
        operationId: 'getAccount',
        summary: 'Get the account',
        description: 'There is exactly one account per server.',
        tags,
        security,
        params: Type.Object({ accountId: Id() }),
        response: answers(200, 'The account', AccountSchema, [notFound('Account 7 not found')]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request): Promise<Account> => {
      const id = readPathNumber(request, 'accountId');
      if (id !== ACCOUNT_ID) throw new DomainError('not_found', `Account ${id} not found`);
      const { applicationCount, userCount, ...account } = await findAccount(core);
      const created = timestamp(account.created);
      return {
        id: ACCOUNT_ID,
        created,
        modified: created,
        companyName: 'Rollcall',
        domainName: server.publicUrl === undefined ? request.hostname : new URL(server.publicUrl).hostname,
        state: 'active',
        billingEmail: 'nobody@example.com',
        applicationCount,
        userCount,
        campaignsActiveCount: 0,
        campaignsInactiveCount: 0,
      };
    },
  );
}
