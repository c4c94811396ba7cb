/** The audit log: every change made in the back office, those of the command line included. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { AuditEntry, AuditFilter } from '../../../domain/access/audit-log.ts';
import { invalid } from '../../../domain/errors.ts';
import { principalOf } from '../../back-office-auth.ts';
import {
  cursorQuery,
  FlaggedPage,
  pageQuery,
  readCursor,
  readInteger,
  readPage,
  readText,
  readTime,
  totalQuery,
  writeCursor,
} from '../../paging.ts';
import { readFlag } from '../../query.ts';
import { Id, timestamp } from '../../wire.ts';
import { type Change, ChangeSchema } from './changes-schemas.ts';
import { answers, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const MAX_PATH = 500;
/** What the list may be sorted by; the first is the default. */
const SORTABLE = ['-id', 'created'];

function readFilter(request: FastifyRequest): AuditFilter {
  const entityPath = readText(request, 'entityPath');
  if (entityPath !== undefined && entityPath.length > MAX_PATH) {
    throw invalid(`Query parameter entityPath: length must be at most ${MAX_PATH}`, { parameter: 'entityPath' });
  }
  const allowed = principalOf(request).key?.applicationIds ?? [];
  return {
    applicationId: readInteger(request, 'applicationId'),
    visibleApplicationIds: allowed.length === 0 ? undefined : allowed,
    entityPath,
    userId: readInteger(request, 'userId'),
    createdBefore: readTime(request, 'createdBefore'),
    createdAfter: readTime(request, 'createdAfter'),
    managementKeyId: readInteger(request, 'managementKeyId'),
  };
}

export async function changeRoutes(app: FastifyInstance, { core }: ManagementSurface): Promise<void> {
  app.get(
    '/v1/changes',
    {
      schema: {
        operationId: 'getChanges',
        summary: 'Read the audit log',
        description: 'Newest first unless `sort` is `id` or `created`. Keys and passwords are never in it.',
        tags: ['Management API: audit log'],
        security,
        querystring: Type.Object({
          ...pageQuery(SORTABLE),
          ...cursorQuery,
          ...totalQuery,
          applicationId: Type.Optional(Id()),
          entityPath: Type.Optional(Type.String({ description: 'Part of the path of what changed, in any case' })),
          userId: Type.Optional(Type.Integer({ minimum: 0, description: '0: the command line' })),
          createdBefore: Type.Optional(Type.String({ format: 'date-time', description: 'Older than this' })),
          createdAfter: Type.Optional(Type.String({ format: 'date-time', description: 'Newer than this' })),
          managementKeyId: Type.Optional(Id({ description: 'Made with this management key' })),
          includeOld: Type.Optional(Type.Boolean({ default: true, description: 'False leaves `old` out' })),
        }),
        response: answers(200, 'Changes', FlaggedPage(ChangeSchema)),
      },
      config: { operation: 'getChanges', backOfficeAccess: 'admin' },
    },
    async (request) => {
      const filter = readFilter(request);
      const { pageSize, skip, sort, withTotalResultSize } = readPage(request, SORTABLE);
      const includeOld = readText(request, 'includeOld') === undefined || readFlag(request, 'includeOld');
      const [after] = readCursor(request) ?? [];
      if (after !== undefined && typeof after !== 'number') {
        throw invalid('Query parameter cursor: is not one of this list', { parameter: 'cursor' });
      }
      const { accounts } = core.storage;
      // One more than asked for tells whether there is more.
      const page = { limit: pageSize + 1, skip, descending: sort.descending, after, countAll: withTotalResultSize };
      const [{ entries: found, total }, users] = await Promise.all([
        accounts.listAuditEntries(filter, page),
        accounts.listUsers(),
      ]);
      const emails = new Map(users.map(({ id, email }) => [id, email]));
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
