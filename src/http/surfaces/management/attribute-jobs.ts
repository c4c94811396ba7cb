/** Lists attribute updates of whole audiences, as jobs with their progress. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { listAttributeJobs } from '../../../domain/memberships/audience-attributes.ts';
import type { AttributeJobReport } from '../../../domain/memberships/storage.ts';
import { MorePage } from '../../paging.ts';
import { Defaulted } from '../../query-parameters.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id, timestamp } from '../../wire.ts';
import { type AttributeJob, AttributeJobSchema } from './attribute-jobs-schemas.ts';
import { answers, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const MAX_JOBS = 1000;
const query = Type.Object({
  audienceId: Type.Optional(Id({ description: 'Only those of this audience' })),
  limit: Defaulted(Type.Integer({ minimum: 1, maximum: MAX_JOBS, default: 100, description: 'The most jobs' })),
});

export async function attributeJobRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof query>>(
    '/v1/audiences/attribute_jobs',
    {
      schema: {
        operationId: 'getAttributeJobs',
        summary: 'List the attribute updates of whole audiences',
        description:
          'Newest first; the last thousand are kept. The values of a job are in effect as soon as it is listed.',
        tags: ['Management API: audiences'],
        security,
        querystring: query,
        response: answers(200, 'Jobs with their progress', MorePage(AttributeJobSchema)),
      },
      config: { extension: true, backOfficeAccess: 'read', ofAllApplications: true },
    },
    async (request) => {
      const { audienceId, limit } = request.query;
      const found = await listAttributeJobs(core, audienceId, limit + 1);
      return { hasMore: found.length > limit, data: found.slice(0, limit).map(toWireJob) };
    },
  );
}

function toWireJob(job: AttributeJobReport): AttributeJob {
  return {
    id: job.id,
    audienceId: job.audienceId,
    audienceName: job.audienceName,
    sandbox: job.environment === 'sandbox',
    attributeNames: [...job.attributes],
    created: timestamp(job.recorded),
    requestUuid: job.requestUuid,
    keyId: job.keyId ?? null,
    membersCount: job.members,
    doneCount: job.done,
    tooLargeCount: job.tooLarge,
    finished: job.finished === undefined ? null : timestamp(job.finished),
  };
}
