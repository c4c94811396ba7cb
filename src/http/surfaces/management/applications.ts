/** Applications: listing, creating and changing them. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { createApplication, updateApplication } from '../../../domain/definitions/application-administration.ts';
import type { Application } from '../../../domain/definitions/applications.ts';
import { findApplication, listApplications } from '../../../domain/definitions/lookups.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { actingCore, seesApplication } from '../../back-office-auth.ts';
import { MorePage, pageQuery, slicePage, sortForPage, TotalPage } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id, timestamp } from '../../wire.ts';
import {
  ApplicationSchema,
  type ApplicationUpdate,
  ApplicationUpdateSchema,
  type NewApplication,
  NewApplicationSchema,
  type Application as WireApplication,
} from './applications-schemas.ts';
import { answers, conflict, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: Applications'];
const params = Type.Object({ applicationId: Id() });
const unknown = notFound('Application 7 not found');
const taken = conflict('The name is taken', "An Application named 'Shop' already exists");
const listQuery = Type.Object(pageQuery(['id', 'name', 'created', 'modified']));

function toWireApplication(application: Application): WireApplication {
  return {
    id: application.id,
    created: timestamp(application.created),
    modified: timestamp(application.modified),
    accountId: ACCOUNT_ID,
    name: application.name,
    description: application.description,
    timezone: application.timezone,
    currency: application.currency,
    loyaltyPrograms: [],
    caseSensitivity: 'sensitive',
    sandbox: application.environment === 'sandbox',
    enableCampaignStateManagement: application.staging,
    payloadLogging: application.payloadLogging,
  };
}

export async function applicationRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof listQuery>>(
    '/v1/applications',
    {
      schema: {
        operationId: 'getApplications',
        summary: 'List Applications',
        description:
          'Lists the Applications of both environments. A management key that is limited to some Applications sees only these.',
        tags,
        security,
        querystring: listQuery,
        response: answers(200, 'Applications, of both environments', TotalPage(ApplicationSchema)),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const all = (await listApplications(core)).filter(({ id }) => seesApplication(request, id));
      const sorted = sortForPage(all, request.query, (each, field) => each[field]);
      const { data, totalResultSize } = slicePage(sorted, request.query);
      return { totalResultSize, data: data.map(toWireApplication) };
    },
  );

  app.get(
    '/v1/applications/:applicationId',
    {
      schema: {
        operationId: 'getApplication',
        summary: 'Get an Application',
        description: 'Returns an Application of either environment.',
        tags,
        security,
        params,
        response: answers(200, 'The Application', ApplicationSchema, [unknown]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => toWireApplication(await findApplication(core, readPathNumber(request, 'applicationId'))),
  );

  app.post<{ Body: NewApplication }>(
    '/v1/applications',
    {
      schema: {
        operationId: 'createApplication',
        summary: 'Create an Application',
        description: 'The Application is live unless `sandbox` is true; its environment cannot be changed.',
        tags,
        security,
        body: NewApplicationSchema,
        response: answers(201, 'The Application', ApplicationSchema, [taken]),
      },
      config: { extension: true, backOfficeAccess: 'admin' },
    },
    async (request, reply) => {
      const { sandbox, ...rest } = request.body;
      const environment = sandbox === true ? 'sandbox' : 'live';
      const created = await createApplication(actingCore(core, request), { ...rest, environment });
      return reply.code(201).send(toWireApplication(created));
    },
  );

  app.put<{ Body: ApplicationUpdate }>(
    '/v1/applications/:applicationId',
    {
      schema: {
        operationId: 'updateApplication',
        summary: 'Change an Application',
        description: 'Absent fields stay unchanged. The environment cannot be changed.',
        tags,
        security,
        params,
        body: ApplicationUpdateSchema,
        response: answers(200, 'The Application', ApplicationSchema, [unknown, taken]),
      },
      config: { extension: true, backOfficeAccess: 'admin' },
    },
    async (request) => {
      const { enableCampaignStateManagement: staging, payloadLogging, ...rest } = request.body;
      const { name, description, timezone, currency } = rest;
      const changed = await updateApplication(actingCore(core, request), readPathNumber(request, 'applicationId'), {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        ...(timezone === undefined ? {} : { timezone }),
        ...(currency === undefined ? {} : { currency }),
        ...(staging === undefined ? {} : { staging }),
        ...(payloadLogging === undefined ? {} : { payloadLogging }),
      });
      return toWireApplication(changed);
    },
  );

  app.get(
    '/v1/applications/:applicationId/sessions',
    {
      schema: {
        operationId: 'getApplicationSessions',
        summary: 'List customer sessions, which do not exist here',
        description: 'Sessions are not served; the list exists for clients that ask for it.',
        tags,
        security,
        params,
        querystring: Type.Object(pageQuery()),
        response: answers(200, 'Always empty', MorePage(Type.Object({}, { title: 'ApplicationSession' })), [unknown]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      await findApplication(core, readPathNumber(request, 'applicationId'));
      return { hasMore: false, data: [] };
    },
  );

  app.get(
    '/v1/applications/:applicationId/event_types',
    {
      schema: {
        operationId: 'getApplicationEventTypes',
        summary: 'List event types of an Application, which do not exist here',
        description: 'Events are not served; the list exists for clients that ask for it.',
        tags,
        security,
        params,
        querystring: Type.Object(pageQuery()),
        response: answers(200, 'Always empty', TotalPage(Type.String()), [unknown]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      await findApplication(core, readPathNumber(request, 'applicationId'));
      return { totalResultSize: 0, data: [] };
    },
  );

  app.get(
    '/v1/event_types',
    {
      schema: {
        operationId: 'getEventTypes',
        summary: 'List event types of the account, which do not exist here',
        description: 'Events are not served; the list exists for clients that ask for it.',
        tags,
        security,
        querystring: Type.Object(pageQuery()),
        response: answers(200, 'Always empty', TotalPage(Type.Object({}, { title: 'EventType' }))),
      },
      config: { backOfficeAccess: 'read' },
    },
    async () => ({ totalResultSize: 0, data: [] }),
  );
}
