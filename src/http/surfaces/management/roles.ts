/** The account, and the two roles its users have. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { setAdmins } from '../../../domain/access/user-administration.ts';
import type { User } from '../../../domain/access/users.ts';
import type { Core } from '../../../domain/core.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { DomainError, invalid } from '../../../domain/errors.ts';
import { actingCore, principalOf } from '../../back-office-auth.ts';
import { pageQuery, readPage, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import { Id, timestamp } from '../../wire.ts';
import { answers, conflict, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';
import {
  type Account,
  AccountSchema,
  type Role,
  RoleSchema,
  type RoleUpdate,
  RoleUpdateSchema,
} from './users-schemas.ts';

const tags = ['Management API: users'];
/** What the list may be sorted by; the first is the default. */
const SORTABLE = ['id', 'name'];
const params = Type.Object({ roleId: Id() });
const unknown = notFound('Role 7 not found');

export const ADMIN_ROLE = 1;
const READ_ONLY_ROLE = 2;

const ROLES = [
  { id: ADMIN_ROLE, name: 'Admin', description: 'Sees and changes everything', isAdmin: true },
  {
    id: READ_ONLY_ROLE,
    name: 'Read-only',
    description: 'Sees everything but payloads; exports and changes nothing',
    isAdmin: false,
  },
] as const;

/** The role of a user. */
export function roleOf({ isAdmin }: Pick<User, 'isAdmin'>): number {
  return isAdmin ? ADMIN_ROLE : READ_ONLY_ROLE;
}

/** When the account began: with its first Application. In ms since the epoch. */
async function accountCreated(core: Core): Promise<number> {
  const times = [...(await core.storage.catalog()).applications.values()].map(({ created }) => created);
  return times.length === 0 ? 0 : Math.min(...times);
}

/** The roles; members are for admins to see, others find themselves only. */
async function listRoles(core: Core, request: FastifyRequest): Promise<Role[]> {
  const { user } = principalOf(request);
  const created = timestamp(await accountCreated(core));
  const users = (await core.storage.accounts.listUsers()).filter(({ id }) => user.isAdmin || id === user.id);
  return ROLES.map((role) => ({
    ...role,
    created,
    modified: created,
    accountId: ACCOUNT_ID,
    members: users.filter((each) => roleOf(each) === role.id).map(({ id }) => id),
  }));
}

async function findRole(core: Core, request: FastifyRequest): Promise<Role> {
  const id = readPathNumber(request, 'roleId');
  const role = (await listRoles(core, request)).find((each) => each.id === id);
  if (role === undefined) throw new DomainError('not_found', `Role ${id} not found`);
  return role;
}

/** Which users are admins when a role has exactly these members. @throws DomainError `invalid` */
function adminsAfter(role: Role, members: readonly number[], users: readonly User[]): number[] {
  if (role.id === ADMIN_ROLE) return [...members];
  const left = role.members.find((id) => !members.includes(id));
  if (left !== undefined) {
    throw invalid(`members: user ${left} is missing; who is not to be read-only is made an admin (role 1)`, {
      pointer: '/members',
    });
  }
  const known = users.map(({ id }) => id);
  const unknownMember = members.find((id) => !known.includes(id));
  if (unknownMember !== undefined) throw new DomainError('not_found', `User ${unknownMember} not found`);
  return users.filter(({ id, isAdmin }) => isAdmin && !members.includes(id)).map(({ id }) => id);
}

export async function roleRoutes(app: FastifyInstance, { core, server }: ManagementSurface): Promise<void> {
  app.get(
    '/v2/roles',
    {
      schema: {
        operationId: 'listAllRolesV2',
        summary: 'List the two roles',
        description: 'Both are built in. Users who are no admins see only themselves among the members.',
        tags,
        security,
        querystring: Type.Object(pageQuery(SORTABLE)),
        response: answers(200, 'Roles', TotalPage(RoleSchema)),
      },
      config: { operation: 'listAllRolesV2', backOfficeAccess: 'read' },
    },
    async (request) => {
      const page = readPage(request, SORTABLE);
      const roles = await listRoles(core, request);
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
      config: { operation: 'getRoleV2', backOfficeAccess: 'read' },
    },
    async (request) => findRole(core, request),
  );

  app.put<{ Body: RoleUpdate }>(
    '/v2/roles/:roleId',
    {
      schema: {
        operationId: 'updateRoleV2',
        summary: 'Say who has a role',
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
      config: { operation: 'updateRoleV2', backOfficeAccess: 'admin' },
    },
    async (request) => {
      const role = await findRole(core, request);
      const { members, ...given } = request.body;
      for (const field of ['name', 'description', 'isAdmin'] as const) {
        if (given[field] !== undefined && given[field] !== role[field]) {
          throw invalid(`${field}: the two roles are built in; only members can be changed`, { pointer: `/${field}` });
        }
      }
      if (members !== undefined) {
        const users = await core.storage.accounts.listUsers();
        await setAdmins(actingCore(core, request), adminsAfter(role, members, users));
      }
      return findRole(core, request);
    },
  );

  app.get(
    '/v1/accounts/:accountId',
    {
      schema: {
        operationId: 'getAccount',
        summary: 'Get the account',
        description: 'There is one: a server is one account.',
        tags,
        security,
        params: Type.Object({ accountId: Id() }),
        response: answers(200, 'The account', AccountSchema, [notFound('Account 7 not found')]),
      },
      config: { operation: 'getAccount', backOfficeAccess: 'read' },
    },
    async (request): Promise<Account> => {
      const id = readPathNumber(request, 'accountId');
      if (id !== ACCOUNT_ID) throw new DomainError('not_found', `Account ${id} not found`);
      const created = timestamp(await accountCreated(core));
      return {
        id: ACCOUNT_ID,
        created,
        modified: created,
        companyName: 'Rollcall',
        domainName: server.publicUrl === undefined ? request.hostname : new URL(server.publicUrl).hostname,
        state: 'active',
        billingEmail: 'nobody@example.com',
        applicationCount: (await core.storage.catalog()).applications.size,
        userCount: (await core.storage.accounts.listUsers()).length,
        campaignsActiveCount: 0,
        campaignsInactiveCount: 0,
      };
    },
  );
}
