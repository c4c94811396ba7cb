/** Customer profiles of the account: lists, searches, one profile and its history. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Environment } from '../../../domain/environment.ts';
import { findProfileById, listProfiles, membershipHistory, searchFilter } from '../../../domain/memberships/search.ts';
import type { HistoryPosition } from '../../../domain/memberships/storage.ts';
import { eraseProfileById } from '../../../domain/privacy/erasure.ts';
import { backOfficeCaller } from '../../back-office-auth.ts';
import { cursorQuery, MorePage, numberCursorQuery, pageQuery, pageSizeQuery, writeCursor } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import { Flag } from '../../query-parameters.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id } from '../../wire.ts';
import {
  type CustomerProfileById,
  CustomerProfileByIdSchema,
  CustomerProfileSchema,
  type CustomerSearch,
  CustomerSearchSchema,
} from './customers-schemas.ts';
import { toMembershipChange } from './membership-changes.ts';
import { MembershipChangeSchema } from './memberships-schemas.ts';
import { toCustomerProfile, toProfilePage, toProfilePageRequest, toSearch } from './profile-pages.ts';
import { answers, emptyAnswers, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: customers'];
const params = Type.Object({ customerId: Id({ description: 'Internal ID, not the integration ID' }) });
const unknown = notFound('Customer 7 not found');

const environmentQuery = { sandbox: Flag('True selects the sandbox environment') };
const searchQuery = Type.Object({ ...environmentQuery, ...pageQuery(), ...numberCursorQuery });
const listQuery = Type.Object({
  ...searchQuery.properties,
  integrationId: Type.Optional(Type.String({ description: 'Rollcall extension: the profile with exactly this ID' })),
});
const historyQuery = Type.Object({
  ...pageSizeQuery(),
  ...cursorQuery(([before, own]): HistoryPosition | undefined =>
    typeof before === 'number' && typeof own === 'number' ? { before, own } : undefined,
  ),
});

function environmentOf(sandbox: boolean): Environment {
  return sandbox ? 'sandbox' : 'live';
}

export async function customerRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof listQuery>>(
    '/v1/customers/no_total',
    {
      schema: {
        operationId: 'getCustomerProfiles',
        summary: 'List customer profiles of an environment',
        description: 'Lists all profiles of the environment, including those known only by a membership.',
        tags,
        security,
        querystring: listQuery,
        response: answers(200, 'Customer profiles, by internal ID', MorePage(CustomerProfileSchema)),
      },
      config: { backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const { sandbox, integrationId } = request.query;
      const integrationIds = integrationId === undefined ? undefined : [integrationId];
      const filter = { environment: environmentOf(sandbox), integrationIds };
      return toProfilePage(await listProfiles(core, filter, toProfilePageRequest(request.query)));
    },
  );

  app.post<{ Body: CustomerSearch } & WithQuery<typeof searchQuery>>(
    '/v1/customer_search/no_total',
    {
      schema: {
        operationId: 'getCustomersByAttributes',
        summary: 'Search customer profiles of an environment',
        description: 'All given criteria must match; without any, every profile matches. Values are compared exactly.',
        tags,
        security,
        querystring: searchQuery,
        body: CustomerSearchSchema,
        response: answers(200, 'Customer profiles that match all criteria', MorePage(CustomerProfileSchema)),
      },
      config: { backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const filter = await searchFilter(core, environmentOf(request.query.sandbox), toSearch(request));
      return toProfilePage(await listProfiles(core, filter, toProfilePageRequest(request.query)));
    },
  );

  app.get(
    '/v1/customers/:customerId',
    {
      schema: {
        operationId: 'getCustomerProfile',
        summary: 'Get a customer profile',
        description: 'Returns a profile of either environment, by its internal ID, including an erased one.',
        tags,
        security,
        params,
        response: answers(200, 'The customer profile', CustomerProfileByIdSchema, [unknown]),
      },
      config: { backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request): Promise<CustomerProfileById> => {
      const profile = await findProfileById(core, readPathNumber(request, 'customerId'));
      return { ...toCustomerProfile(profile), erased: profile.isErased === true };
    },
  );

  app.get<WithQuery<typeof historyQuery>>(
    '/v1/customers/:customerId/changes',
    {
      schema: {
        operationId: 'getCustomerChanges',
        summary: 'List the membership changes of a customer profile',
        description:
          'Newest first. A replacement of all members appears as joined or left; the deletion or emptying of an audience appears if the profile was a member.',
        tags,
        security,
        params,
        querystring: historyQuery,
        response: answers(
          200,
          'Membership changes, as far back as the ledger reaches',
          MorePage(MembershipChangeSchema),
          [unknown],
        ),
      },
      config: { extension: true, backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const { pageSize, cursor } = request.query;
      const { changes, next } = await membershipHistory(core, readPathNumber(request, 'customerId'), cursor, pageSize);
      return {
        hasMore: next !== undefined,
        ...(next === undefined ? {} : { nextCursor: writeCursor([next.before, next.own]) }),
        data: changes.map(toMembershipChange),
      };
    },
  );

  app.delete(
    '/v1/customers/:customerId/data',
    {
      schema: {
        operationId: 'eraseCustomerData',
        summary: 'Erase the personal data of a customer profile',
        description:
          'Removes its attributes and memberships, the access log payloads and paths that name it, and refused writes that name it. A keyed hash replaces its integration ID: it is in no list, and the same integration ID later creates a new profile, unless the environment keeps erased people out (`ROLLCALL_STAY_ERASED`). The history of its memberships stays, under its internal ID, for as long as the ledger is kept.',
        tags,
        security,
        params,
        response: emptyAnswers('Erased', [unknown, notFound('Customer 7 has been erased')]),
      },
      config: { extension: true, backOfficeAccess: 'admin', ofAllApplications: true },
    },
    async (request, reply) => {
      const id = readPathNumber(request, 'customerId');
      await eraseProfileById(core, id, (environment) => backOfficeCaller(request, environment));
      return reply.code(204).send();
    },
  );
}
