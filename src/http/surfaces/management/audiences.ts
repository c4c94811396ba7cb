/** Audiences: listing them, their movement, and changes by people. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { isTimezone } from '../../../domain/definitions/applications.ts';
import { type AudienceWithSize, integrationKey, withSize } from '../../../domain/definitions/audiences.ts';
import { findAudience } from '../../../domain/definitions/lookups.ts';
import type { Environment } from '../../../domain/environment.ts';
import {
  createAudienceByHand,
  deleteAudience,
  updateAudience,
} from '../../../domain/memberships/audience-administration.ts';
import {
  findAudienceWithFeed,
  findAudienceWithSize,
  listAudiences,
} from '../../../domain/memberships/audience-lists.ts';
import { audienceTimeline, listMovers } from '../../../domain/memberships/movement.ts';
import { AudienceSchema, toWireAudience } from '../../audience-wire.ts';
import { backOfficeCaller } from '../../back-office-auth.ts';
import { FlaggedPage, MorePage, pageQuery, slicePage, sortForPage, sortQuery, totalQuery } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import { Defaulted, Numbers, Parsed, Time } from '../../query-parameters.ts';
import type { QueryOf, WithQuery } from '../../query-strings.ts';
import { Id, timestamp } from '../../wire.ts';
import {
  AudienceAnalyticsSchema,
  AudienceDetailSchema,
  AudienceMoverSchema,
  type AudienceUpdate,
  AudienceUpdateSchema,
  type LastFedBy,
  type NewAudience,
  NewAudienceSchema,
  TimelinePointSchema,
} from './audiences-schemas.ts';
import { answers, conflict, emptyAnswers, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: audiences'];
const params = Type.Object({ audienceId: Id() });
export const unknownAudience = notFound('Audience 7 not found');
const unknownApplication = notFound('Application 7 not found in the live environment');
const MAX_HOURS = 24 * 366;

const listQuery = Type.Object({
  ...pageQuery(['id', 'name', 'created', 'lastUpdate', 'membersCount']),
  ...totalQuery,
  sandbox: Type.Optional(Type.Boolean({ description: 'Rollcall extension: only this environment' })),
  integration: Type.Optional(
    Type.String({ description: 'Rollcall extension: only audiences of this platform; case-insensitive' }),
  ),
  applicationId: Type.Optional(Id({ description: 'Rollcall extension: only audiences connected to this Application' })),
  search: Type.Optional(
    Type.String({ description: 'Rollcall extension: part of the name, the description or the ID; case-insensitive' }),
  ),
});
const analyticsQuery = Type.Object({
  audienceIds: Numbers({ description: 'Up to 1000, separated by commas; unknown ones are ignored' }),
  ...sortQuery(['audienceId', 'membersCount']),
});
const moversQuery = Type.Object({
  hours: Defaulted(Type.Integer({ minimum: 1, maximum: MAX_HOURS, default: 24, description: 'How far to look back' })),
  limit: Defaulted(
    Type.Integer({ minimum: 1, maximum: 100, default: 10, description: 'The most audiences in the response' }),
  ),
  sandbox: Type.Optional(Type.Boolean({ description: 'Only this environment' })),
});
const timelineQuery = Type.Object({
  interval: Defaulted(Type.Enum(['hour', 'day'], { default: 'day', description: 'The interval of a point' })),
  rangeStart: Type.Optional(Time('48 hours or 30 days ago if absent')),
  rangeEnd: Type.Optional(Time('Now if absent')),
  timezone: Defaulted(
    Parsed(
      Type.String({
        default: 'UTC',
        description: 'IANA name of the time zone that defines the days',
        'x-expected': 'an IANA name such as Europe/Berlin',
      }),
      (text) => (isTimezone(text) ? text : undefined),
    ),
  ),
});

export async function audienceRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof listQuery>>(
    '/v1/audiences',
    {
      schema: {
        operationId: 'getAudiences',
        summary: 'List audiences',
        description:
          'Lists the audiences of both environments unless `sandbox` selects one. All given filters must match.',
        tags,
        security,
        querystring: listQuery,
        response: answers(200, 'Audiences, of both environments unless one is selected', FlaggedPage(AudienceSchema)),
      },
      config: { backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const { query } = request;
      const all = (await listAudiences(core)).filter(filterOf(query)).map(toWireAudience);
      const sorted = sortForPage(all, query, (each, field) =>
        field === 'name' ? each.name.toLowerCase() : each[field],
      );
      const { data, hasMore, totalResultSize } = slicePage(sorted, query);
      return query.withTotalResultSize ? { totalResultSize, data } : { hasMore, data };
    },
  );

  app.get<WithQuery<typeof analyticsQuery>>(
    '/v1/audiences/analytics',
    {
      schema: {
        operationId: 'getAudiencesAnalytics',
        summary: 'Count the members of audiences',
        description: 'The counts are exact.',
        tags,
        security,
        querystring: analyticsQuery,
        response: answers(200, 'The number of members of each audience', MorePage(AudienceAnalyticsSchema)),
      },
      config: { backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const found = await listAudiences(core, request.query.audienceIds);
      const counts = found.map(({ id, members }) => ({ audienceId: id, membersCount: members }));
      const data = sortForPage(counts, request.query, (each, field) => each[field]);
      return { hasMore: false, data };
    },
  );

  app.get<WithQuery<typeof moversQuery>>(
    '/v1/audiences/movers',
    {
      schema: {
        operationId: 'getAudienceMovers',
        summary: 'List the audiences that changed most',
        description: 'Counts joins and leaves together, over the last hours.',
        tags,
        security,
        querystring: moversQuery,
        response: answers(200, 'Audiences with the most changes first', MorePage(AudienceMoverSchema)),
      },
      config: { extension: true, backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const { hours, limit, sandbox } = request.query;
      const moved = await listMovers(core, { hours, limit, environment: environmentOf(sandbox) });
      const data = moved.map(({ audience, joins, leaves, members }) => ({
        id: audience.id,
        name: audience.name,
        sandbox: audience.environment === 'sandbox',
        membersCount: members,
        joins,
        leaves,
      }));
      return { hasMore: false, data };
    },
  );

  app.get(
    '/v1/audiences/:audienceId',
    {
      schema: {
        operationId: 'getAudience',
        summary: 'Get an audience',
        description: 'Returns the audience with its size, and the request that last changed its members.',
        tags,
        security,
        params,
        response: answers(200, 'The audience, and the request that last changed its members', AudienceDetailSchema, [
          unknownAudience,
        ]),
      },
      config: { extension: true, backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const id = readPathNumber(request, 'audienceId');
      const { audience, lastFeed: fed } = await findAudienceWithFeed(core, id);
      const lastFedBy: LastFedBy | null =
        fed === undefined
          ? null
          : {
              time: timestamp(fed.time),
              requestUuid: fed.requestUuid,
              keyId: fed.keyId ?? null,
              keyName: fed.keyName ?? null,
              userId: fed.userId ?? null,
              userEmail: fed.userEmail ?? null,
            };
      return { ...toWireAudience(audience), lastFedBy };
    },
  );

  app.get<WithQuery<typeof timelineQuery>>(
    '/v1/audiences/:audienceId/timeline',
    {
      schema: {
        operationId: 'getAudienceTimeline',
        summary: 'Get the size of an audience over time, with joins and leaves',
        description: 'Without gaps, oldest first; at most 1000 intervals.',
        tags,
        security,
        params,
        querystring: timelineQuery,
        response: answers(200, 'One point per interval', MorePage(TimelinePointSchema), [unknownAudience]),
      },
      config: { extension: true, backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const { interval, rangeStart: start, rangeEnd: end, timezone } = request.query;
      const audience = await findAudience(core, readPathNumber(request, 'audienceId'));
      const points = await audienceTimeline(core, audience, { interval, start, end, timezone });
      return { hasMore: false, data: points.map(({ time, ...point }) => ({ time: timestamp(time), ...point })) };
    },
  );

  app.post<{ Body: NewAudience }>(
    '/v1/audiences',
    {
      schema: {
        operationId: 'createAudienceByHand',
        summary: 'Create an audience by hand',
        description: '`integration` and `integrationId` go together; with them, a platform can update the audience.',
        tags,
        security,
        body: NewAudienceSchema,
        response: answers(201, 'The audience', AudienceSchema, [
          unknownApplication,
          conflict('The platform already has an audience with that ID', "Audience 'vip' already exists"),
        ]),
      },
      config: {
        extension: true,
        backOfficeAccess: 'admin',
        ofAllApplications: true,
      },
    },
    async (request, reply) => {
      const { name, sandbox, description, integration, integrationId, subscribedApplicationsIds } = request.body;
      const caller = backOfficeCaller(request, sandbox === true ? 'sandbox' : 'live');
      const created = await createAudienceByHand(core, caller, {
        name,
        description,
        integration,
        integrationId,
        applicationIds: subscribedApplicationsIds,
      });
      return reply.code(201).send(toWireAudience(withSize(created, 0, 0)));
    },
  );

  app.put<{ Body: AudienceUpdate }>(
    '/v1/audiences/:audienceId',
    {
      schema: {
        operationId: 'updateAudienceByHand',
        summary: 'Change an audience',
        description: 'Absent fields stay unchanged.',
        tags,
        security,
        params,
        body: AudienceUpdateSchema,
        response: answers(200, 'The audience', AudienceSchema, [unknownAudience, unknownApplication]),
      },
      config: {
        extension: true,
        backOfficeAccess: 'admin',
        ofAllApplications: true,
      },
    },
    async (request) => {
      const { id, environment } = await findAudience(core, readPathNumber(request, 'audienceId'));
      const { name, description, subscribedApplicationsIds: applicationIds } = request.body;
      const change = { name, description, applicationIds };
      await updateAudience(core, backOfficeCaller(request, environment), { audienceId: id }, change);
      return toWireAudience(await findAudienceWithSize(core, id));
    },
  );

  app.delete(
    '/v1/audiences/:audienceId',
    {
      schema: {
        operationId: 'deleteAudienceByHand',
        summary: 'Delete an audience with all its memberships',
        description: 'Takes effect at once, whatever the size. The ID is not reused.',
        tags,
        security,
        params,
        response: emptyAnswers('Deleted', [unknownAudience]),
      },
      config: {
        extension: true,
        backOfficeAccess: 'admin',
        ofAllApplications: true,
      },
    },
    async (request, reply) => {
      const { id, environment } = await findAudience(core, readPathNumber(request, 'audienceId'));
      await deleteAudience(core, backOfficeCaller(request, environment), { audienceId: id });
      return reply.code(204).send();
    },
  );
}

/** The requested environment; undefined stands for both. */
function environmentOf(sandbox: boolean | undefined): Environment | undefined {
  if (sandbox === undefined) return undefined;
  return sandbox ? 'sandbox' : 'live';
}

function filterOf(query: QueryOf<typeof listQuery>): (audience: AudienceWithSize) => boolean {
  const { integration, applicationId } = query;
  const environment = environmentOf(query.sandbox);
  const key = integration === undefined ? undefined : integrationKey(integration);
  const search = query.search?.toLowerCase();
  return (audience) =>
    (environment === undefined || audience.environment === environment) &&
    (key === undefined || (audience.integration !== undefined && integrationKey(audience.integration) === key)) &&
    (applicationId === undefined || audience.applicationIds.includes(applicationId)) &&
    (search === undefined ||
      [audience.name, audience.description, audience.integrationId ?? ''].some((each) =>
        each.toLowerCase().includes(search),
      ));
}
