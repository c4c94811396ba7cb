/** The access log: each request, its response, and why requests are refused. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { findExchange, listExchanges } from '../../../access-log/reading.ts';
import { recordPayloadView } from '../../../domain/access/payload-views.ts';
import { findApplication } from '../../../domain/definitions/lookups.ts';
import { DomainError, invalid } from '../../../domain/errors.ts';
import { actingCore, seesApplication } from '../../back-office-auth.ts';
import { MorePage, pageQuery, writeCursor } from '../../paging.ts';
import { readPathNumber } from '../../path-ids.ts';
import { Defaulted } from '../../query-parameters.ts';
import type { QueryOf, WithQuery } from '../../query-strings.ts';
import { Id, timestamp } from '../../wire.ts';
import {
  filterQuery,
  logCursorQuery,
  rangeQuery,
  seesPayloads,
  toDetail,
  toEntry,
  toLogFilter,
  toLogRange,
  toMark,
  toRowReport,
} from './access-log-wire.ts';
import {
  type AccessLogCause,
  AccessLogCauseSchema,
  AccessLogDetailSchema,
  AccessLogEntrySchema,
  RowReportSchema,
} from './access-logs-schemas.ts';
import { answers, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: access log'];
const unknownApplication = notFound('Application 7 not found');

const HOUR_MS = 3_600_000;

const listQuery = Type.Object({
  ...rangeQuery,
  ...filterQuery,
  ...pageQuery(['-time']),
  ...logCursorQuery,
  payloads: Defaulted(
    Type.Boolean({
      default: true,
      description: 'Rollcall extension: false leaves both payloads empty and writes no audit log entry',
    }),
  ),
});
const accountQuery = Type.Object({ ...listQuery.properties, applicationId: Type.Optional(Id()) });
const causesQuery = Type.Object({
  rangeStart: Type.Optional(rangeQuery.rangeStart),
  rangeEnd: Type.Optional(rangeQuery.rangeEnd),
  applicationId: Type.Optional(Id()),
});

export async function accessLogRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  async function list(
    request: FastifyRequest<WithQuery<typeof listQuery>>,
    reply: FastifyReply,
    applicationId: number | undefined,
  ) {
    const { pageSize: limit, skip, sort, cursor: after } = request.query;
    const filter = toLogFilter(request.query, applicationId);
    const range = toLogRange(request.query);
    const payloads = request.query.payloads && seesPayloads(request);
    const page = { filter, range, newestFirst: sort.descending, after, skip, limit, payloads };
    const { items, next } = await listExchanges(core, page, () => !reply.raw.destroyed);
    const data = items.map((each) => toEntry(each, payloads));
    if (payloads) {
      const shown = data.filter((each) => each.requestPayload !== '' || each.responsePayload !== '').length;
      const path = applicationId === undefined ? '/v1/access_logs' : `/v1/applications/${applicationId}/access_logs`;
      await recordPayloadView(actingCore(core, request), path, applicationId, shown);
    }
    const nextCursor = next === undefined ? {} : { nextCursor: writeCursor([next.time, next.id]) };
    return { hasMore: next !== undefined, ...nextCursor, data };
  }

  app.get<WithQuery<typeof listQuery>>(
    '/v1/applications/:applicationId/access_logs/no_total',
    {
      schema: {
        operationId: 'getAccessLogsWithoutTotalCount',
        summary: 'Read the access log of an Application',
        description:
          'Newest first unless `sort` is `time`. Only admins see payloads, and the audit log records that they did. A page may be short though there is more: follow `nextCursor` while `hasMore`.',
        tags,
        security,
        params: Type.Object({ applicationId: Id() }),
        querystring: listQuery,
        response: answers(200, 'Requests and their responses', MorePage(AccessLogEntrySchema), [unknownApplication]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request, reply) => {
      const { id } = await findApplication(core, readPathNumber(request, 'applicationId'));
      return list(request, reply, id);
    },
  );

  app.get<WithQuery<typeof accountQuery>>(
    '/v1/access_logs/no_total',
    {
      schema: {
        operationId: 'getAccessLogs',
        summary: 'Read the access log of the account',
        description: 'The same for all Applications, including requests with unknown keys and to unknown paths.',
        tags,
        security,
        querystring: accountQuery,
        response: answers(200, 'Requests and their responses', MorePage(AccessLogEntrySchema)),
      },
      config: {
        extension: true,
        backOfficeAccess: 'read',
        ofAllApplications: 'unless named',
      },
    },
    async (request, reply) => list(request, reply, request.query.applicationId),
  );

  app.get<WithQuery<typeof causesQuery>>(
    '/v1/access_logs/causes',
    {
      schema: {
        operationId: 'getAccessLogCauses',
        summary: 'List why requests were refused or marked',
        description:
          'Most frequent first: at most 200 causes of refusals, followed by at most 200 marks (ignored names, clients that disconnected before their response). Counts cover whole hours; without a range, the last hour.',
        tags,
        security,
        querystring: causesQuery,
        response: answers(200, 'Causes', MorePage(AccessLogCauseSchema)),
      },
      config: {
        extension: true,
        backOfficeAccess: 'read',
        ofAllApplications: 'unless named',
      },
    },
    async (request) => {
      const causes = await core.accessLog.causes(causesRange(request.query), request.query.applicationId);
      const data = causes.map(
        (each): AccessLogCause => ({
          applicationId: each.applicationId ?? null,
          cause: each.cause,
          mark: each.mark === undefined ? null : toMark(each.mark),
          status: each.status,
          operation: each.operation,
          count: each.count,
          lastTime: timestamp(each.lastTime),
          lastUuid: each.lastUuid,
          mend: each.mend ?? null,
        }),
      );
      return { hasMore: false, data };
    },
  );

  app.get<{ Params: { uuid: string } }>(
    '/v1/access_logs/:uuid',
    {
      schema: {
        operationId: 'getAccessLog',
        summary: 'Get one request and its response',
        description: 'Payloads are for admins, and looking at them is in the audit log.',
        tags,
        security,
        params: Type.Object({ uuid: Type.String({ format: 'uuid' }) }),
        response: answers(200, 'The request and its response', AccessLogDetailSchema, [
          notFound('No request 0d5a3b52-6a0e-4d8e-9a55-0c5b1f6f1a00 in the access log'),
        ]),
      },
      config: { extension: true, backOfficeAccess: 'read' },
    },
    async (request) => {
      const { uuid } = request.params;
      const found = await findExchange(core, uuid);
      const { applicationId, requestPayload, responsePayload } = found;
      if (!seesApplication(request, applicationId)) {
        throw new DomainError('forbidden', 'The management key is limited to other Applications');
      }
      const payloads = seesPayloads(request);
      if (payloads && (requestPayload !== '' || responsePayload !== '')) {
        await recordPayloadView(actingCore(core, request), `/v1/access_logs/${found.uuid}`, applicationId, 1);
      }
      return toDetail(found, payloads);
    },
  );

  app.get<{ Params: { uuid: string } }>(
    '/v1/access_logs/:uuid/report',
    {
      schema: {
        operationId: 'getRowReport',
        summary: 'Get the outcome of each row of a request',
        description:
          'Kept as long as the access log keeps requests, for requests for verdicts or lenient handling, by `Prefer` or by their key. Only admins can see IDs and reasons, and the audit log records that they did.',
        tags,
        security,
        params: Type.Object({ uuid: Type.String({ format: 'uuid' }) }),
        response: answers(200, 'The verdicts on the rows', RowReportSchema, [
          notFound('No report of request 0d5a3b52-6a0e-4d8e-9a55-0c5b1f6f1a00'),
        ]),
      },
      config: { extension: true, backOfficeAccess: 'read' },
    },
    async (request) => {
      const { uuid } = request.params;
      const report = await core.accessLog.findReport(uuid);
      if (report === undefined) throw new DomainError('not_found', `No report of request ${uuid.slice(0, 100)}`);
      if (!seesApplication(request, report.application.id)) {
        throw new DomainError('forbidden', 'The management key is limited to other Applications');
      }
      const isShown = seesPayloads(request);
      const path = `/v1/access_logs/${report.uuid}/report`;
      if (isShown) await recordPayloadView(actingCore(core, request), path, report.application.id, 1);
      return toRowReport(report, isShown);
    },
  );

  function causesRange({ rangeStart, rangeEnd }: QueryOf<typeof causesQuery>) {
    if (rangeStart !== undefined && rangeEnd !== undefined) return toLogRange({ rangeStart, rangeEnd });
    if (rangeStart !== undefined || rangeEnd !== undefined) {
      const parameter = rangeStart === undefined ? 'rangeStart' : 'rangeEnd';
      throw invalid(`Query parameter ${parameter}: required; a range needs a start and an end`, { parameter });
    }
    const now = core.now();
    return { start: now - HOUR_MS, end: now };
  }
}
