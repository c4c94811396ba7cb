/** Incoming traffic: the health of an Application, and figures per minute. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { applicationHealth, trafficOf } from '../../../access-log/traffic.ts';
import { findApplication } from '../../../domain/definitions/lookups.ts';
import { readPathNumber } from '../../path-ids.ts';
import { Defaulted } from '../../query-parameters.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id, timestamp } from '../../wire.ts';
import { answers, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';
import { HealthReportSchema, TrafficSchema } from './traffic-schemas.ts';

const tags = ['Management API: access log'];

const trafficQuery = Type.Object({
  minutes: Defaulted(Type.Integer({ minimum: 1, maximum: 1440, default: 60, description: 'How far to look back' })),
  applicationId: Type.Optional(Id()),
});

export async function trafficRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get(
    '/v1/applications/:applicationId/health_report',
    {
      schema: {
        operationId: 'getApplicationApiHealth',
        summary: 'Get the health of an Application',
        description:
          'Covers the last five minutes: `OK` only successes, `WARNING` at least one failure, `ERROR` more than half failed, `CRITICAL` all failed, `NONE` no requests.',
        tags,
        security,
        params: Type.Object({ applicationId: Id() }),
        response: answers(200, 'The last five minutes', HealthReportSchema, [notFound('Application 7 not found')]),
      },
      config: { backOfficeAccess: 'read' },
    },
    async (request) => {
      const application = await findApplication(core, readPathNumber(request, 'applicationId'));
      const { summary, lastUsed } = await applicationHealth(core, application);
      return { summary, lastUsed: timestamp(lastUsed) };
    },
  );

  app.get<WithQuery<typeof trafficQuery>>(
    '/v1/traffic',
    {
      schema: {
        operationId: 'getTraffic',
        summary: 'Get current traffic and traffic per minute',
        description: 'Covers all Applications unless `applicationId` names one.',
        tags,
        security,
        querystring: trafficQuery,
        response: answers(200, 'Figures', TrafficSchema),
      },
      config: { extension: true, backOfficeAccess: 'read', ofAllApplications: 'unless named' },
    },
    async (request) => {
      const { minutes, applicationId } = request.query;
      const traffic = await trafficOf(core, minutes, applicationId);
      const { droppedPayloads, droppedEntries } = core.accessLog.figures();
      return {
        now: {
          requestsPerSecond: traffic.now.requests,
          errorsPerSecond: traffic.now.errors,
          changesPerSecond: traffic.now.changes,
        },
        minutes: traffic.minutes.map(({ time, ...figures }) => ({ time: timestamp(time), ...figures })),
        droppedPayloads,
        droppedEntries,
      };
    },
  );
}
