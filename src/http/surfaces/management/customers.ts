/** Customer profiles of the account: lists, searches, one of them and its history. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { findCustomer, listProfiles, searchFilter } from '../../../domain/customers.ts';
import type { Environment } from '../../../domain/environment.ts';
import { cursorQuery, MorePage, pageQuery, readText } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import { readFlag } from '../../query.ts';
import { Id } from '../../wire.ts';
import type { ManagementSurface } from '../management.ts';
import { CustomerProfileSchema, type CustomerSearch, CustomerSearchSchema } from './customers-schemas.ts';
import { readProfilePage, toCustomerProfile, toProfilePage, toSearch } from './profile-pages.ts';
import { answers, notFound, security } from './responses.ts';

const tags = ['Management API: customers'];
const params = Type.Object({ customerId: Id({ description: 'Internal number, not the integration ID' }) });
const unknown = notFound('Customer 7 not found');

const environmentQuery = {
  sandbox: Type.Optional(Type.Boolean({ default: false, description: 'True: the sandbox environment' })),
};

function environmentOf(sandbox: boolean): Environment {
  return sandbox ? 'sandbox' : 'live';
}

export async function customerRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get(
    '/v1/customers/no_total',
    {
      schema: {
        operationId: 'getCustomerProfiles',
        summary: 'List customer profiles of an environment',
        tags,
        security,
        querystring: Type.Object({
          ...environmentQuery,
          ...pageQuery,
          ...cursorQuery,
          integrationId: Type.Optional(Type.String({ description: 'Ours: the profile of exactly this ID' })),
        }),
        response: answers(200, 'Customer profiles by their number', MorePage(CustomerProfileSchema)),
      },
      config: { operation: 'getCustomerProfiles', backOfficeAccess: 'read' },
    },
    async (request) => {
      const page = readProfilePage(request);
      const integrationId = readText(request, 'integrationId');
      const integrationIds = integrationId === undefined ? undefined : [integrationId];
      const filter = { environment: environmentOf(readFlag(request, 'sandbox')), integrationIds };
      return toProfilePage(await listProfiles(core, filter, page));
    },
  );

  app.post<{ Body: CustomerSearch }>(
    '/v1/customer_search/no_total',
    {
      schema: {
        operationId: 'getCustomersByAttributes',
        summary: 'Search customer profiles of an environment',
        tags,
        security,
        querystring: Type.Object({ ...environmentQuery, ...pageQuery, ...cursorQuery }),
        body: CustomerSearchSchema,
        response: answers(200, 'Customer profiles for which all criteria hold', MorePage(CustomerProfileSchema)),
      },
      config: { operation: 'getCustomersByAttributes', backOfficeAccess: 'read' },
    },
    async (request) => {
      const page = readProfilePage(request);
      const environment = environmentOf(readFlag(request, 'sandbox'));
      return toProfilePage(
        await listProfiles(core, await searchFilter(core, environment, toSearch(request.body)), page),
      );
    },
  );

  app.get(
    '/v1/customers/:customerId',
    {
      schema: {
        operationId: 'getCustomerProfile',
        summary: 'Get a customer profile',
        tags,
        security,
        params,
        response: answers(200, 'The customer profile', CustomerProfileSchema, [unknown]),
      },
      config: { operation: 'getCustomerProfile', backOfficeAccess: 'read' },
    },
    async (request) => toCustomerProfile(await findCustomer(core, readPathNumber(request, 'customerId'))),
  );
}
