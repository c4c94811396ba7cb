/**
 * Member lists that are previewed before they replace the members of an audience: uploaded, reviewed, committed or
 * discarded.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Audience } from '../../../domain/definitions/audiences.ts';
import { findAudience } from '../../../domain/definitions/lookups.ts';
import { DomainError, invalid } from '../../../domain/errors.ts';
import { confirmedObjections, importMembers, objectionsTo } from '../../../domain/memberships/member-import.ts';
import { membersFingerprint } from '../../../domain/memberships/members.ts';
import type { RefusedLine } from '../../../formats/delimited-rows.ts';
import { readListHead } from '../../../formats/list-entries.ts';
import { readMembers, reviewMemberList } from '../../../formats/member-list-review.ts';
import { MEMBERS_COLUMN } from '../../../formats/members-csv.ts';
import { backOfficeCaller } from '../../back-office-auth.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { WithQuery } from '../../query-strings.ts';
import { installUploads, type Upload } from '../../uploads.ts';
import { Id, timestamp } from '../../wire.ts';
import { unknownAudience } from './audiences.ts';
import { ImportPreviews, type KeptPreview, type ReviewedUpload } from './import-previews.ts';
import { LIST_FILE, ListQuery, toImport } from './imports-schemas.ts';
import { memberListBody, underWay, withUploadFor } from './member-imports.ts';
import {
  type ColumnChoice,
  ColumnChoiceSchema,
  type ImportColumns,
  ImportColumnsSchema,
  type ImportCommit,
  ImportCommitSchema,
  type ImportPreview,
  ImportPreviewSchema,
  type PreviewedImport,
  PreviewedImportSchema,
} from './memberships-schemas.ts';
import { answers, emptyAnswers, notFound, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: audiences'];
const params = Type.Object({ audienceId: Id(), previewId: Type.String({ format: 'uuid' }) });
const columnQuery = Type.Pick(ListQuery, ['column']);
const config = { extension: true, backOfficeAccess: 'admin', ofAllApplications: true } as const;
const unknownPreview = notFound('The import preview does not exist or has expired; upload the file again');
const badFile = {
  status: 400,
  when: 'The file is not such a list, or has no such column',
  example: 'Request validation failed',
};
const MAX_LISTED_LINES = 100;

export async function memberImportPreviewRoutes(app: FastifyInstance, surface: ManagementSurface): Promise<void> {
  const { core, uploads, elapsed } = surface;
  const previews = new ImportPreviews(core.now, elapsed);
  app.addHook('onClose', async () => previews.close());

  await app.register(async (forms) => {
    await installUploads(forms);
    forms.post<WithQuery<typeof columnQuery>>(
      '/v1/audiences/:audienceId/memberships/import_previews',
      {
        schema: {
          operationId: 'previewAudienceImport',
          summary: 'Preview the import of a list of members',
          description: `Changes nothing. The list can then be imported within half an hour. Answers 202 with the first rows if the file does not indicate which column holds the members. ${LIST_FILE}`,
          tags,
          security,
          params: Type.Object({ audienceId: Id() }),
          querystring: columnQuery,
          ...memberListBody,
          response: {
            ...answers(201, 'What the import would change', ImportPreviewSchema, [unknownAudience, badFile]),
            ...answers(202, 'The column must be chosen first', ImportColumnsSchema, [unknownAudience, badFile]),
          },
        },
        config: { ...config, upload: true },
      },
      async (request, reply) => {
        const { column } = request.query;
        return withUploadFor({ core, uploads, request, reply }, async ({ id: audienceId }, upload) => {
          const head = await readListHead(upload.read(), MEMBERS_COLUMN, {
            column,
            maxUnpackedBytes: uploads.maxBytes,
          });
          if (!head.isChosen) {
            const kept = await previews.add({ audienceId, upload, reviewed: undefined });
            return reply.code(202).send(toColumns(kept, head));
          }
          const reviewed = await review(audienceId, upload, column);
          const kept = await previews.add({ audienceId, upload, reviewed });
          return reply.code(201).send(toPreview(kept, reviewed));
        });
      },
    );
  });

  app.post<{ Body: ColumnChoice }>(
    '/v1/audiences/:audienceId/memberships/import_previews/:previewId/column',
    {
      schema: {
        operationId: 'chooseImportColumn',
        summary: 'Choose the column of an uploaded list',
        description: 'Returns what importing it would change. May be called again with another column.',
        tags,
        security,
        params,
        body: ColumnChoiceSchema,
        response: answers(200, 'What the import would change', ImportPreviewSchema, [unknownPreview, badFile]),
      },
      config: { ...config },
    },
    async (request) => {
      const preview = take(request);
      let { reviewed } = preview;
      try {
        reviewed = await review(preview.audienceId, preview.upload, request.body.column);
        return toPreview(preview, reviewed);
      } finally {
        await previews.putBack({ ...preview, reviewed });
      }
    },
  );

  app.post<{ Body: ImportCommit }>(
    '/v1/audiences/:audienceId/memberships/import_previews/:previewId/commit',
    {
      schema: {
        operationId: 'commitAudienceImport',
        summary: 'Import a previewed list',
        description:
          'Replaces all members in one step. If more than a fifth of them would leave, or the list is empty, name the audience.',
        tags,
        security,
        params,
        body: ImportCommitSchema,
        response: answers(200, 'The result', PreviewedImportSchema, [unknownPreview, underWay]),
      },
      config: { ...config },
    },
    async (request) => {
      const audience = await findAudience(core, readPathNumber(request, 'audienceId'));
      const preview = take(request);
      try {
        const done = await commit(request, audience, preview, request.body);
        await preview.upload.discard();
        return done;
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
        summary: 'Discard a previewed import',
        description: 'Removes the uploaded file.',
        tags,
        security,
        params,
        response: emptyAnswers('Discarded', [unknownPreview]),
      },
      config: { ...config },
    },
    async (request, reply) => {
      await take(request).upload.discard();
      return reply.code(204).send();
    },
  );

  /** Takes the preview in the path out, so that nobody else uses it meanwhile. @throws DomainError `not_found` */
  function take(request: FastifyRequest): KeptPreview {
    const { previewId = '' } = request.params as { previewId?: string };
    const preview = previews.find(readPathNumber(request, 'audienceId'), previewId);
    if (preview !== undefined && previews.take(preview)) return preview;
    throw new DomainError('not_found', 'The import preview does not exist or has expired; upload the file again');
  }

  async function review(audienceId: number, upload: Upload, column: string | undefined): Promise<ReviewedUpload> {
    const refused = { count: 0, lines: [] as RefusedLine[] };
    const onRefused = (line: RefusedLine): void => {
      refused.count += 1;
      if (refused.lines.length < MAX_LISTED_LINES) refused.lines.push(line);
    };
    const comparedWith = await membersFingerprint(core, audienceId);
    const options = { column, maxUnpackedBytes: uploads.maxBytes, onRefused };
    const reviewed = await reviewMemberList(core, audienceId, () => upload.read(), options);
    return { ...reviewed, column, refused, comparedWith };
  }

  async function commit(
    request: FastifyRequest,
    audience: Audience,
    { upload, reviewed }: KeptPreview,
    { confirmName, skipRefused = false, acceptWarnings = false }: ImportCommit,
  ): Promise<PreviewedImport> {
    if (reviewed === undefined) throw invalid('The column of the list must be chosen first; see chooseImportColumn');
    const { column, refused, comparedWith } = reviewed;
    const list = { ...reviewed, refused: refused.count };
    const confirmed = confirmedObjections(list, audience.name, { confirmName, skipRefused, acceptWarnings });
    const changedSincePreview = (await membersFingerprint(core, audience.id)) !== comparedWith;
    const onRefused = (): void => undefined;
    const members = readMembers(upload.read(), { column, maxUnpackedBytes: uploads.maxBytes, onRefused });
    const caller = backOfficeCaller(request, audience.environment);
    const { recorded, joins, leaves } = await importMembers(core, caller, audience, list, members, confirmed);
    return { ...toImport(recorded), joins, leaves, refused: refused.count, changedSincePreview };
  }
}

function toPreview({ id, audienceId, created, expires }: KeptPreview, reviewed: ReviewedUpload): ImportPreview {
  const { column = MEMBERS_COLUMN.header, forecast, entries, refused, warnings } = reviewed;
  const { members, joins, leaves, newProfiles } = forecast;
  return {
    id,
    audienceId,
    created: timestamp(created),
    expires: timestamp(expires),
    column,
    lines: entries + refused.count,
    members,
    joins,
    leaves,
    newProfiles,
    refused: { count: refused.count, lines: [...refused.lines] },
    warnings: warnings.map(({ samples, ...warning }) => ({ ...warning, samples: [...samples] })),
    needsName: objectionsTo({ ...reviewed, refused: refused.count }).includes('drastic'),
  };
}

function toColumns(
  { id, audienceId, created, expires }: KeptPreview,
  { columns, rows }: { columns: readonly string[]; rows: readonly (readonly string[])[] },
): ImportColumns {
  return {
    id,
    audienceId,
    created: timestamp(created),
    expires: timestamp(expires),
    columns: [...columns],
    rows: rows.map((row) => [...row]),
  };
}
