/** The audit log: every change made in the back office, including those made on the command line. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { listAuditEntries } from '../../../domain/access/audit-lists.ts';
import type { AuditEntry } from '../../../domain/access/audit-log.ts';
import { visibleApplications } from '../../../domain/access/permissions.ts';
import { principalOf } from '../../back-office-auth.ts';
import { FlaggedPage, numberCursorQuery, pageQuery, totalQuery, writeCursor } from '../../paging.ts';
import { Defaulted, Time } from '../../query-parameters.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id, timestamp } from '../../wire.ts';
import { type Change, ChangeSchema } from './changes-schemas.ts';
import { answers, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const MAX_PATH = 500;

const listQuery = Type.Object({
  ...pageQuery(['-id', 'created']),
  ...numberCursorQuery,
  ...totalQuery,
  applicationId: Type.Optional(Id({ minimum: 0 })),
  entityPath: Type.Optional(
    Type.String({ maxLength: MAX_PATH, description: 'Part of the path of the changed entity; case-insensitive' }),
  ),
  userId: Type.Optional(Id({ minimum: 0, description: '0 means the command line' })),
  createdBefore: Type.Optional(Time('Only changes before this time')),
  createdAfter: Type.Optional(Time('Only changes after this time')),
  managementKeyId: Type.Optional(Id({ minimum: 0, description: 'Only changes made with this management key' })),
  includeOld: Defaulted(Type.Boolean({ default: true, description: 'False omits `old`' })),
});

export async function changeRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get<WithQuery<typeof listQuery>>(
    '/v1/changes',
    {
      schema: {
        operationId: 'getChanges',
        summary: 'Read the audit log',
        description: 'Newest first unless `sort` is `id` or `created`. Never contains keys or passwords.',
        tags: ['Management API: audit log'],
        security,
        querystring: listQuery,
        response: answers(200, 'Changes', FlaggedPage(ChangeSchema)),
      },
      config: { backOfficeAccess: 'admin' },
    },
    async (request) => {
      const { pageSize, skip, sort, cursor, withTotalResultSize, includeOld, ...filters } = request.query;
      const filter = { ...filters, visibleApplicationIds: visibleApplications(principalOf(request)) };
      // One more than asked for tells whether there is more.
      const page = {
        limit: pageSize + 1,
        skip,
        descending: sort.descending,
        after: cursor,
        countAll: withTotalResultSize,
      };
      const { entries: found, total, emails } = await listAuditEntries(core, filter, page);
      const entries = found.slice(0, pageSize);
      const last = entries.at(-1);
      const hasMore = found.length > pageSize;
      return {
        ...(total === undefined ? { hasMore } : { totalResultSize: total }),
        ...(hasMore && last !== undefined ? { nextCursor: writeCursor([last.id]) } : {}),
        data: entries.map((entry) => toChange(entry, emails, includeOld)),
      };
    },
  );
}

function toChange(entry: AuditEntry, emails: ReadonlyMap<number, string>, includeOld: boolean): Change {
  const { userId = 0, applicationId, managementKeyId } = entry;
  const userEmail = emails.get(userId);
  return {
    id: entry.id,
    created: timestamp(entry.created),
    userId,
    ...(userEmail === undefined ? {} : { userEmail }),
    entity: entry.entity,
    ...(applicationId === undefined ? {} : { applicationId }),
    ...(entry.old === undefined || !includeOld ? {} : { old: entry.old }),
    ...(entry.new === undefined ? {} : { new: entry.new }),
    ...(managementKeyId === undefined ? {} : { managementKeyId }),
  };
}
