/** Members of an audience: listing them, their history, and adding or removing one by hand. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { findAudience } from '../../../domain/definitions/lookups.ts';
import { invalid } from '../../../domain/errors.ts';
import {
  addMember,
  audienceHistory,
  listMembersPage,
  MAX_SEARCH_STEPS,
  removeMember,
} from '../../../domain/memberships/members.ts';
import { backOfficeCaller } from '../../back-office-auth.ts';
import { MorePage, numberCursorQuery, pageSizeQuery, skipQuery } from '../../paging.ts';
import { checkPathId, readPathNumber } from '../../path-ids.ts';
import { Flag } from '../../query-parameters.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id, IdText } from '../../wire.ts';
import { unknownAudience } from './audiences.ts';
import { CustomerProfileSchema } from './customers-schemas.ts';
import { toMembershipChange } from './membership-changes.ts';
import { MembershipChangeSchema } from './memberships-schemas.ts';
import { cursorOf, toProfilePage } from './profile-pages.ts';
import { answers, emptyAnswers, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: audiences'];
const params = Type.Object({ audienceId: Id() });
const memberParams = Type.Object({ audienceId: Id(), integrationId: IdText() });

const listQuery = Type.Object({
  ...pageSizeQuery(),
  ...skipQuery,
  sort: Type.Optional(
    Type.Enum(['id'], {
      default: 'id',
      description: 'By profile ID, ascending',
      'x-expected': 'id; members are listed by profile ID, ascending',
    }),
  ),
  ...numberCursorQuery,
  profileQuery: Type.Optional(Type.String({ description: 'Part of the integration ID; case-insensitive' })),
  partial: Flag(
    'Rollcall extension: answer a search after about 200,000 members with what was found; `nextCursor` continues. Not with `skip`',
  ),
});
const historyQuery = Type.Object({ ...pageSizeQuery(50), ...numberCursorQuery });

export async function membershipRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof listQuery>>(
    '/v1/audiences/:audienceId/memberships',
    {
      schema: {
        operationId: 'getAudienceMemberships',
        summary: 'List members of an audience',
        description: 'Lists members by profile ID.',
        tags,
        security,
        params,
        querystring: listQuery,
        response: answers(200, 'Members, by profile ID', MorePage(CustomerProfileSchema), [unknownAudience]),
      },
      config: { backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const { pageSize, skip, cursor: after = 0, profileQuery: query, partial: isPartial } = request.query;
      if (isPartial && skip > 0) {
        throw invalid('Query parameter partial: cannot be used together with skip', { parameter: 'partial' });
      }
      const audience = await findAudience(core, readPathNumber(request, 'audienceId'));
      const page = { after, skip, limit: pageSize, query };
      const maxSteps = isPartial ? MAX_SEARCH_STEPS : undefined;
      return toProfilePage(await listMembersPage(core, audience, page, () => !request.raw.destroyed, maxSteps));
    },
  );

  app.get<WithQuery<typeof historyQuery>>(
    '/v1/audiences/:audienceId/changes',
    {
      schema: {
        operationId: 'getAudienceChanges',
        summary: 'List the membership changes of an audience',
        description:
          'Newest first. A page may be short even if there is more: follow `nextCursor` while it is present.',
        tags,
        security,
        params,
        querystring: historyQuery,
        response: answers(200, 'Entries of the ledger', MorePage(MembershipChangeSchema), [unknownAudience]),
      },
      config: { extension: true, backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const { pageSize: limit, cursor: before } = request.query;
      const audience = await findAudience(core, readPathNumber(request, 'audienceId'));
      const { changes, next } = await audienceHistory(core, audience, before, limit);
      return { hasMore: next !== undefined, ...cursorOf(next), data: changes.map(toMembershipChange) };
    },
  );

  app.put<{ Params: { integrationId: string } }>(
    '/v1/audiences/:audienceId/memberships/:integrationId',
    {
      schema: {
        operationId: 'addAudienceMember',
        summary: 'Add a customer to an audience by hand',
        description: 'Creates the customer profile if it is unknown.',
        tags,
        security,
        params: memberParams,
        response: emptyAnswers('The customer is a member', [unknownAudience]),
      },
      config: { extension: true, backOfficeAccess: 'admin', ofAllApplications: true },
    },
    async (request, reply) => {
      const { integrationId } = request.params;
      checkPathId('integrationId', integrationId);
      const audience = await findAudience(core, readPathNumber(request, 'audienceId'));
      await addMember(core, backOfficeCaller(request, audience.environment), audience, integrationId);
      return reply.code(204).send();
    },
  );

  app.delete<{ Params: { integrationId: string } }>(
    '/v1/audiences/:audienceId/memberships/:integrationId',
    {
      schema: {
        operationId: 'removeAudienceMember',
        summary: 'Remove a customer from an audience by hand',
        description: 'The customer profile itself stays.',
        tags,
        security,
        params: memberParams,
        response: emptyAnswers('The customer is not a member', [
          unknownAudience,
          notFound("Customer profile 'cust-1' not found"),
        ]),
      },
      config: {
        extension: true,
        backOfficeAccess: 'admin',
        ofAllApplications: true,
      },
    },
    async (request, reply) => {
      const { integrationId } = request.params;
      checkPathId('integrationId', integrationId);
      const audience = await findAudience(core, readPathNumber(request, 'audienceId'));
      await removeMember(core, backOfficeCaller(request, audience.environment), audience, integrationId);
      return reply.code(204).send();
    },
  );
}
