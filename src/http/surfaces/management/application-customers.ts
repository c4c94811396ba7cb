/** Customer profiles that one Application has seen: by an update, not by a membership alone. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { findApplication } from '../../../domain/definitions/lookups.ts';
import { countProfiles, findProfileOf, listProfiles, searchFilter } from '../../../domain/memberships/search.ts';
import type { ProfileFilter } from '../../../domain/memberships/storage.ts';
import { FlaggedPage, numberCursorQuery, pageQuery, totalQuery } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { QueryOf, WithQuery } from '../../query-strings.ts';
import { Id } from '../../wire.ts';
import {
  ApplicationCustomerSchema,
  CustomerAnalyticsSchema,
  type CustomerSearch,
  CustomerSearchSchema,
} from './customers-schemas.ts';
import { cursorOf, toCustomerProfile, toProfilePageRequest, toSearch } from './profile-pages.ts';
import { answers, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: customers'];
const applicationParams = Type.Object({ applicationId: Id() });
const params = Type.Object({ applicationId: Id(), customerId: Id({ description: 'Internal ID' }) });
const searchQuery = Type.Object({ ...pageQuery(), ...totalQuery, ...numberCursorQuery });
const listQuery = Type.Object({
  ...searchQuery.properties,
  integrationId: Type.Optional(Type.String({ description: 'The profile with exactly this ID' })),
});
const unknownApplication = notFound('Application 7 not found');
const unknown = notFound('Customer 7 not found');

export async function applicationCustomerRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  const applicationOf = async (request: FastifyRequest) =>
    findApplication(core, readPathNumber(request, 'applicationId'));

  /** Returns the total or whether there is more, depending on `withTotalResultSize`. */
  async function flaggedPage(query: QueryOf<typeof searchQuery>, filter: ProfileFilter): Promise<object> {
    const { profiles, next } = await listProfiles(core, filter, toProfilePageRequest(query));
    const size = query.withTotalResultSize
      ? { totalResultSize: await countProfiles(core, filter) }
      : { hasMore: next !== undefined };
    return { ...size, ...cursorOf(next), data: profiles.map(toCustomerProfile) };
  }

  app.get<WithQuery<typeof listQuery>>(
    '/v1/applications/:applicationId/customers',
    {
      schema: {
        operationId: 'getApplicationCustomers',
        summary: 'List customer profiles an Application has seen',
        description: 'Profiles with an update from this Application; a membership alone does not count.',
        tags,
        security,
        params: applicationParams,
        querystring: listQuery,
        response: answers(200, 'Customer profiles, by internal ID', FlaggedPage(ApplicationCustomerSchema), [
          unknownApplication,
        ]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const { id: applicationId, environment } = await applicationOf(request);
      const { integrationId } = request.query;
      const integrationIds = integrationId === undefined ? undefined : [integrationId];
      return flaggedPage(request.query, { environment, applicationId, integrationIds });
    },
  );

  app.post<{ Body: CustomerSearch } & WithQuery<typeof searchQuery>>(
    '/v1/applications/:applicationId/customer_search',
    {
      schema: {
        operationId: 'getApplicationCustomersByAttributes',
        summary: 'Search customer profiles an Application has seen',
        description: 'Like `getCustomersByAttributes`, among profiles with an update from this Application.',
        tags,
        security,
        params: applicationParams,
        querystring: searchQuery,
        body: CustomerSearchSchema,
        response: answers(200, 'Profiles that match all criteria', FlaggedPage(ApplicationCustomerSchema), [
          unknownApplication,
        ]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const application = await applicationOf(request);
      return flaggedPage(request.query, await searchFilter(core, application, toSearch(request)));
    },
  );

  app.get(
    '/v1/applications/:applicationId/customers/:customerId',
    {
      schema: {
        operationId: 'getApplicationCustomer',
        summary: 'Get a customer profile an Application has seen',
        description: 'Answers 404 for a profile that never had an update from this Application.',
        tags,
        security,
        params,
        response: answers(200, 'The customer profile', ApplicationCustomerSchema, [unknownApplication, unknown]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const application = await applicationOf(request);
      return toCustomerProfile(await findProfileOf(core, application, readPathNumber(request, 'customerId')));
    },
  );

  app.get(
    '/v1/applications/:applicationId/customers/:customerId/analytics',
    {
      schema: {
        operationId: 'getCustomerAnalytics',
        summary: 'Get the figures of a customer profile, which are all 0 here',
        description: 'Orders, coupons and effects are not served; the figures exist for clients that ask for them.',
        tags,
        security,
        params,
        response: answers(200, 'No orders, coupons or effects are served', CustomerAnalyticsSchema, [
          unknownApplication,
          unknown,
        ]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      await findProfileOf(core, await applicationOf(request), readPathNumber(request, 'customerId'));
      return {
        acceptedCoupons: 0,
        createdCoupons: 0,
        freeItems: 0,
        totalOrders: 0,
        totalDiscountedOrders: 0,
        totalRevenue: 0,
        totalDiscounts: 0,
      };
    },
  );
}
