/** Exports of complete member lists as files. */

import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { recordMemberExport } from '../../../domain/access/payload-views.ts';
import type { Core } from '../../../domain/core.ts';
import { findAudience } from '../../../domain/definitions/lookups.ts';
import { listAllMembers } from '../../../domain/memberships/replacement.ts';
import { MEMBERS_CSV_HEADER, memberCsvLine } from '../../../formats/members-csv.ts';
import { actingCore } from '../../back-office-auth.ts';
import { readPathNumber } from '../../path-ids.ts';
import { Id } from '../../wire.ts';
import { unknownAudience } from './audiences.ts';
import { answers, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

export async function memberExportRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get(
    '/v1/audiences/:audienceId/memberships/export',
    {
      schema: {
        operationId: 'exportAudiencesMemberships',
        summary: 'Export the members of an audience',
        description:
          'If the connection ends early, the members were replaced meanwhile or something went wrong: the list is then incomplete.',
        tags: ['Management API: audiences'],
        security,
        params: Type.Object({ audienceId: Id() }),
        response: {
          ...answers(200, 'One line per member, by profile ID', Type.String(), [unknownAudience]),
          200: {
            description: 'One line per member, by profile ID',
            content: { 'text/csv': { schema: Type.String(), example: `${MEMBERS_CSV_HEADER}\ncust-48213\n` } },
          },
        },
      },
      config: { backOfficeAccess: 'admin', ofAllApplications: true },
    },
    async (request, reply) => {
      const { id } = await findAudience(core, readPathNumber(request, 'audienceId'));
      reply.header('content-disposition', `attachment; filename="audience-${id}-members.csv"`);
      reply.type('text/csv; charset=utf-8');
      if (request.method === 'HEAD') return reply.send(Readable.from([]));
      await recordMemberExport(actingCore(core, request), id);
      return reply.send(Readable.from(exportLines(core, id), { objectMode: false, highWaterMark: 64 * 1024 }));
    },
  );
}

async function* exportLines(core: Core, audienceId: number): AsyncGenerator<string> {
  yield `${MEMBERS_CSV_HEADER}\n`;
  for await (const page of listAllMembers(core, audienceId)) {
    yield page.map(({ integrationId }) => memberCsvLine(integrationId)).join('');
  }
}
