/** Whole member lists as files: export, import in one step, and import with a look at what it would come to first. */

import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type Audience, findAudience } from '../../../domain/audiences.ts';
import { auditRecord } from '../../../domain/audit-log.ts';
import type { Core } from '../../../domain/core.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import { DomainError, invalid, MAX_PROBLEMS } from '../../../domain/errors.ts';
import type { Import as RecordedImport } from '../../../domain/imports.ts';
import {
  forecastReplacement,
  isDrasticReplacement,
  listAllMembers,
  replaceMembers,
} from '../../../domain/member-lists.ts';
import { type RefusedLine, readCsvColumn } from '../../../formats/csv-column.ts';
import { MEMBERS_COLUMN, MEMBERS_CSV_HEADER, memberCsvLine } from '../../../formats/members-csv.ts';
import { backOfficeCaller, principalOf } from '../../back-office-auth.ts';
import { readPathNumber } from '../../path-ids.ts';
import { installUploads, UPLOAD_FIELD, type Upload } from '../../uploads.ts';
import { Id, timestamp } from '../../wire.ts';
import type { ManagementSurface } from '../management.ts';
import { unknownAudience } from './audiences.ts';
import { ImportPreviews, type KeptPreview } from './import-previews.ts';
import { type Import, ImportSchema } from './imports-schemas.ts';
import {
  type ImportCommit,
  ImportCommitSchema,
  type ImportPreview,
  ImportPreviewSchema,
  type PreviewedImport,
  PreviewedImportSchema,
} from './memberships-schemas.ts';
import { answers, conflict, emptyAnswers, notFound, security, uploadBody } from './responses.ts';

const tags = ['Management API: audiences'];
const params = Type.Object({ audienceId: Id() });
const previewParams = Type.Object({ audienceId: Id(), previewId: Type.String({ format: 'uuid' }) });
const unknownPreview = notFound('There is no such import preview any more; upload the file again');
const underWay = conflict(
  'Another import into the audience is under way',
  'Another import into audience 7 is under way',
);
const badLine = {
  status: 400,
  when: 'A line cannot be taken; nothing was changed',
  example: 'Request validation failed',
};
const body = uploadBody(UPLOAD_FIELD, `CSV with the one column ${MEMBERS_CSV_HEADER}`);

// Members in one transaction: short enough that other writes do not notice.
const CHUNK = 1000;
const MAX_LISTED_LINES = 100;

export async function memberImportRoutes(app: FastifyInstance, surface: ManagementSurface): Promise<void> {
  const { core, uploads } = surface;
  const previews = new ImportPreviews(core.now);
  app.addHook('onClose', async () => previews.close());

  app.get(
    '/v1/audiences/:audienceId/memberships/export',
    {
      schema: {
        operationId: 'exportAudiencesMemberships',
        summary: 'Export the members of an audience',
        description:
          'A connection that ends early means that the members were replaced meanwhile, or that something went wrong: the list is not whole then.',
        tags,
        security,
        params,
        response: {
          ...answers(200, 'One line per member, by profile number', Type.String(), [unknownAudience]),
          200: {
            description: 'One line per member, by profile number',
            content: { 'text/csv': { schema: Type.String(), example: `${MEMBERS_CSV_HEADER}\ncust-48213\n` } },
          },
        },
      },
      config: { operation: 'exportAudiencesMemberships', backOfficeAccess: 'admin', ofAllApplications: true },
    },
    async (request, reply) => {
      const { id } = await findAudience(core, readPathNumber(request, 'audienceId'));
      reply.header('content-disposition', `attachment; filename="audience-${id}-members.csv"`);
      reply.type('text/csv; charset=utf-8');
      if (request.method === 'HEAD') return reply.send(Readable.from([]));
      const record = auditRecord(`/v1/audiences/${id}/memberships/export`, { new: {} });
      await core.storage.accounts.recordAudit(principalOf(request).actor, record);
      return reply.send(Readable.from(exportLines(core, id), { objectMode: false, highWaterMark: 64 * 1024 }));
    },
  );

  app.post<{ Body: ImportCommit }>(
    '/v1/audiences/:audienceId/memberships/import_previews/:previewId/commit',
    {
      schema: {
        operationId: 'commitAudienceImport',
        summary: 'Import a list that was previewed',
        description:
          'Replaces all members in one step. Where more than a fifth of them would leave, name the audience.',
        tags,
        security,
        params: previewParams,
        body: ImportCommitSchema,
        response: answers(200, 'What it came to', PreviewedImportSchema, [unknownPreview, underWay]),
      },
      config: {
        operation: 'commitAudienceImport',
        extension: true,
        backOfficeAccess: 'admin',
        ofAllApplications: true,
      },
    },
    async (request) => {
      const audience = await findAudience(core, readPathNumber(request, 'audienceId'));
      const preview = findPreview(previews, request);
      const { confirmName, skipRefused = false } = request.body;
      checkCommit(preview, audience, { confirmName, skipRefused });
      const changedSincePreview = (await fingerprint(core, audience.id)) !== preview.comparedWith;
      if (!previews.take(preview)) throw unknownPreviewError();
      try {
        const chunks = readMembers(preview.upload, () => undefined);
        const caller = backOfficeCaller(request, audience.environment);
        const isDrasticMeant = confirmName === audience.name;
        const replacement = await replaceMembers(core, audience.id, caller, chunks, { isDrasticMeant });
        await preview.upload.discard();
        return {
          ...toImport(replacement.recorded),
          joins: replacement.joins,
          leaves: replacement.leaves,
          refused: preview.refused.count,
          changedSincePreview,
        } satisfies PreviewedImport;
      } catch (error) {
        await previews.putBack(preview);
        throw error;
      }
    },
  );

  app.delete(
    '/v1/audiences/:audienceId/memberships/import_previews/:previewId',
    {
      schema: {
        operationId: 'deleteAudienceImportPreview',
        summary: 'Give up an import that was previewed',
        tags,
        security,
        params: previewParams,
        response: emptyAnswers('The file is gone', [unknownPreview]),
      },
      config: {
        operation: 'deleteAudienceImportPreview',
        extension: true,
        backOfficeAccess: 'admin',
        ofAllApplications: true,
      },
    },
    async (request, reply) => {
      const preview = findPreview(previews, request);
      previews.take(preview);
      await preview.upload.discard();
      return reply.code(204).send();
    },
  );

  await app.register(async (forms) => {
    await installUploads(forms);

    forms.post(
      '/v1/audiences/:audienceId/memberships/import',
      {
        schema: {
          operationId: 'importAudiencesMemberships',
          summary: 'Replace all members of an audience by those of a file',
          description: 'All or nothing: a line that cannot be taken refuses the file. Unknown customers are created.',
          tags,
          security,
          params,
          ...body,
          response: answers(200, 'What it came to', ImportSchema, [unknownAudience, badLine, underWay]),
        },
        config: {
          operation: 'importAudiencesMemberships',
          backOfficeAccess: 'admin',
          ofAllApplications: true,
          upload: true,
        },
      },
      async (request, reply) =>
        withUpload(request, reply, async (audience, upload) => {
          await checkLines(upload);
          const caller = backOfficeCaller(request, audience.environment);
          const replacement = await replaceMembers(core, audience.id, caller, readMembers(upload));
          await upload.discard();
          return toImport(replacement.recorded);
        }),
    );

    forms.post(
      '/v1/audiences/:audienceId/memberships/import_previews',
      {
        schema: {
          operationId: 'previewAudienceImport',
          summary: 'Tell what importing a list of members would come to',
          description: 'Changes nothing. The list can be imported as it is within half an hour.',
          tags,
          security,
          params,
          ...body,
          response: answers(201, 'What it would come to', ImportPreviewSchema, [unknownAudience, badLine]),
        },
        config: {
          operation: 'previewAudienceImport',
          extension: true,
          backOfficeAccess: 'admin',
          ofAllApplications: true,
          upload: true,
        },
      },
      async (request, reply) =>
        withUpload(request, reply, async ({ id: audienceId }, upload) => {
          const refused = { count: 0, lines: [] as RefusedLine[] };
          const comparedWith = await fingerprint(core, audienceId);
          let taken = 0;
          const chunks = counted(
            readMembers(upload, (line) => {
              refused.count += 1;
              if (refused.lines.length < MAX_LISTED_LINES) refused.lines.push(line);
            }),
            (count) => {
              taken += count;
            },
          );
          const forecast = await forecastReplacement(core, audienceId, chunks);
          const preview = await previews.add({ audienceId, upload, forecast, refused, comparedWith });
          return reply.code(201).send(toPreview(preview, taken + refused.count));
        }),
    );

    /** Runs `work` on the audience of the path and the file of the form, which is gone when it fails. */
    async function withUpload<T>(
      request: FastifyRequest,
      reply: FastifyReply,
      work: (audience: Audience, upload: Upload) => Promise<T>,
    ): Promise<T> {
      const id = readPathNumber(request, 'audienceId');
      await findAudience(core, id);
      const upload = await uploads.receive(request, reply);
      try {
        // As it is once the file has arrived.
        return await work(await findAudience(core, id), upload);
      } catch (error) {
        await upload.discard();
        throw error;
      }
    }
  });
}

async function* exportLines(core: Core, audienceId: number): AsyncGenerator<string> {
  yield `${MEMBERS_CSV_HEADER}\n`;
  for await (const page of listAllMembers(core, audienceId)) {
    yield page.map(({ integrationId }) => memberCsvLine(integrationId)).join('');
  }
}

function readMembers(upload: Upload, onRefused?: (line: RefusedLine) => void): AsyncGenerator<string[]> {
  return readCsvColumn(createReadStream(upload.path), MEMBERS_COLUMN, CHUNK, onRefused);
}

/** Reads the whole file before anything is staged. @throws DomainError `invalid` naming the first lines that cannot be taken */
async function checkLines(upload: Upload): Promise<void> {
  const refused: RefusedLine[] = [];
  for await (const _ of readMembers(upload, (line) => refused.push(line))) if (refused.length >= MAX_PROBLEMS) break;
  if (refused.length === 0) return;
  const problems = refused.map(({ line, message }) => {
    return { title: 'Invalid value', message: `line ${line}: ${message}`, source: { line: String(line) } };
  });
  throw new DomainError('invalid', problems);
}

async function* counted(
  chunks: AsyncIterable<string[]>,
  count: (entries: number) => void,
): AsyncGenerator<readonly string[]> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

/** Changes whenever a member of the audience does. */
async function fingerprint(core: Core, audienceId: number): Promise<string> {
  const { memberSet } = await findAudience(core, audienceId);
  const feed = await core.storage.browse.findLastFeed(audienceId);
  return `${memberSet} ${feed?.requestUuid ?? ''}`;
}

function findPreview(previews: ImportPreviews, request: FastifyRequest): KeptPreview {
  const { previewId = '' } = request.params as { previewId?: string };
  const preview = previews.find(readPathNumber(request, 'audienceId'), previewId);
  if (preview === undefined) throw unknownPreviewError();
  return preview;
}

function unknownPreviewError(): DomainError {
  return new DomainError('not_found', 'There is no such import preview any more; upload the file again');
}

/** @throws DomainError `invalid` when refused lines are not to be skipped, or the name that is needed is not the audience's */
function checkCommit(
  { refused, forecast }: KeptPreview,
  audience: Audience,
  { confirmName, skipRefused }: { confirmName: string | undefined; skipRefused: boolean },
): void {
  if (refused.count > 0 && !skipRefused) {
    throw invalid(`${refused.count} lines cannot be imported; send skipRefused to leave them out`, {
      pointer: '/skipRefused',
    });
  }
  const isNeeded = isDrasticReplacement(forecast);
  if (confirmName === undefined ? isNeeded : confirmName !== audience.name) {
    const message = isNeeded
      ? `confirmName: ${forecast.leaves} of ${forecast.before} members would leave; send the name of the audience to confirm it`
      : 'confirmName: this is not the name of the audience';
    throw invalid(message, { pointer: '/confirmName' });
  }
}

function toImport({ id, created, userId, entity, amount }: RecordedImport): Import {
  return { id, created: timestamp(created), accountId: ACCOUNT_ID, userId: userId ?? 0, entity, amount };
}

function toPreview({ id, audienceId, created, expires, forecast, refused }: KeptPreview, lines: number): ImportPreview {
  const { members, joins, leaves, newProfiles } = forecast;
  return {
    id,
    audienceId,
    created: timestamp(created),
    expires: timestamp(expires),
    lines,
    members,
    joins,
    leaves,
    newProfiles,
    refused: { count: refused.count, lines: [...refused.lines] },
    needsName: isDrasticReplacement(forecast),
  };
}
