/** Operations that the product replaced and that official SDKs still call: served by what serves their successors, or refused by name. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { countProfiles, listProfiles, searchFilter } from '../../../domain/memberships/search.ts';
import { pageQuery, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id } from '../../wire.ts';
import { refuseByName } from '../unserved-operations.ts';
import { ApplicationCustomerSchema, type CustomerSearch, CustomerSearchSchema } from './customers-schemas.ts';
import { toCustomerProfile, toSearch } from './profile-pages.ts';
import { answers, notFound, security } from './responses.ts';
import { findWireRole, listWireRoles } from './roles.ts';
import type { ManagementSurface } from './surface-parts.ts';
import { RoleSchema, type Role as WireRole } from './users-schemas.ts';

const MAX_FOUND = 1000;
const REPORTS =
  'it reports on orders and coupons of a promotion engine; audiences are counted by GET /v1/audiences/analytics';

/** A role as `/v1/roles` shows it: with a list of permissions, which is empty since the two roles are built in. */
const OldRoleSchema = Type.Object(
  {
    ...Type.Omit(RoleSchema, ['isAdmin']).properties,
    acl: Type.Object({}, { description: 'Always empty: what the two roles may do is fixed' }),
  },
  { title: 'RoleWithAcl' },
);

/** The same as in other lists; a page that always has the total is another schema. */
const FoundCustomerSchema = Type.Object(ApplicationCustomerSchema.properties, { title: 'FoundApplicationCustomer' });

const rolesQuery = Type.Object(pageQuery(['id', 'name']));

function toOldRole({ id, created, modified, accountId, name, description, members }: WireRole) {
  return { id, created, modified, accountId, name, description, members, acl: {} };
}

export async function supersededRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof rolesQuery>>(
    '/v1/roles',
    {
      schema: {
        operationId: 'getAllRoles',
        summary: 'List the two roles in the form before version 2',
        description: 'For older clients; `GET /v2/roles` replaced it.',
        tags: ['Management API: users'],
        security,
        querystring: rolesQuery,
        response: answers(200, 'Roles', TotalPage(OldRoleSchema)),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const roles = sortForPage(await listWireRoles(core, request), request.query, (role, field) => role[field]);
      const { data, totalResultSize } = slicePage(roles, request.query);
      return { totalResultSize, data: data.map(toOldRole) };
    },
  );

  app.get(
    '/v1/roles/:roleId',
    {
      schema: {
        operationId: 'getRole',
        summary: 'Get a role in the form before version 2',
        description: 'For older clients; `GET /v2/roles/{roleId}` replaced it.',
        tags: ['Management API: users'],
        security,
        params: Type.Object({ roleId: Id() }),
        response: answers(200, 'The role', OldRoleSchema, [notFound('Role 7 not found')]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => toOldRole(await findWireRole(core, request)),
  );

  app.post<{ Body: CustomerSearch }>(
    '/v1/application_customer_search',
    {
      schema: {
        operationId: 'searchApplicationCustomers',
        summary: 'Search customer profiles without naming an Application',
        description:
          'For older clients; `POST /v1/applications/{applicationId}/customer_search` replaced it. Searches the live environment and returns at most 1000 profiles, with the total number.',
        tags: ['Management API: customers'],
        security,
        body: CustomerSearchSchema,
        response: answers(200, 'Customer profiles that match all criteria', TotalPage(FoundCustomerSchema)),
      },
      config: { backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const filter = await searchFilter(core, 'live', toSearch(request));
      const first = { descending: false, after: undefined, skip: 0, limit: MAX_FOUND };
      const { profiles, next } = await listProfiles(core, filter, first);
      const totalResultSize = next === undefined ? profiles.length : await countProfiles(core, filter);
      return { totalResultSize, data: profiles.map(toCustomerProfile) };
    },
  );

  refuseByName(
    app,
    [
      {
        method: 'GET',
        url: '/v1/applications/:applicationId/customer_activity_reports',
        operation: 'getCustomerActivityReports',
        reason: REPORTS,
      },
      {
        method: 'GET',
        url: '/v1/applications/:applicationId/customer_activity_reports/no_total',
        operation: 'getCustomerActivityReportsWithoutTotalCount',
        reason: REPORTS,
      },
      {
        method: 'GET',
        url: '/v1/applications/:applicationId/customer_activity_reports/:customerId',
        operation: 'getCustomerActivityReport',
        reason: REPORTS,
      },
      { method: 'GET', url: '/v1/accounts/:accountId/analytics', operation: 'getAccountAnalytics', reason: REPORTS },
    ],
    // That they are not served is no secret.
    { backOfficeAccess: 'public' },
  );
}
