/** Files with complete member lists that replace the members of an audience in one step. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Core } from '../../../domain/core.ts';
import type { Audience } from '../../../domain/definitions/audiences.ts';
import { findAudience } from '../../../domain/definitions/lookups.ts';
import { DomainError, MAX_PROBLEMS } from '../../../domain/errors.ts';
import { type ListWarning, refuseAlteredEntries } from '../../../domain/list-warnings.ts';
import { importMembers, type Objection } from '../../../domain/memberships/member-import.ts';
import type { RefusedLine } from '../../../formats/delimited-rows.ts';
import type { ReadOptions } from '../../../formats/list-entries.ts';
import { ListWarnings } from '../../../formats/list-warnings.ts';
import { readMembers } from '../../../formats/member-list-review.ts';
import { MEMBERS_CSV_HEADER } from '../../../formats/members-csv.ts';
import { backOfficeCaller } from '../../back-office-auth.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { WithQuery } from '../../query-strings.ts';
import { UPLOAD_FIELD } from '../../upload-forms.ts';
import { installUploads, type Upload, type Uploads } from '../../uploads.ts';
import { Id } from '../../wire.ts';
import { unknownAudience } from './audiences.ts';
import { ImportSchema, LIST_FILE, ListQuery, toImport } from './imports-schemas.ts';
import { answers, conflict, security, uploadBody } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

/** The form of member lists. */
export const memberListBody = uploadBody(UPLOAD_FIELD, `A list with the column ${MEMBERS_CSV_HEADER}`);

export const underWay = conflict(
  'Another import into the audience is in progress',
  'Another import into audience 7 is in progress',
);
// A script sends what it means: only altered entries are refused, unless it says that they are intended.
const ALL_MEANT: ReadonlySet<Objection> = new Set(['warnings', 'drastic']);
const badLine = {
  status: 400,
  when: 'A line is invalid, or the file is not such a list; nothing was changed',
  example: 'Request validation failed',
};

export async function memberImportRoutes(app: FastifyInstance, { core, uploads }: ManagementSurface): Promise<void> {
  await app.register(async (forms) => {
    await installUploads(forms);
    forms.post<WithQuery<typeof ListQuery>>(
      '/v1/audiences/:audienceId/memberships/import',
      {
        schema: {
          operationId: 'importAudiencesMemberships',
          summary: 'Replace all members of an audience with those of a file',
          description: `All or nothing: an invalid line refuses the whole file. Unknown customers are created. ${LIST_FILE}`,
          tags: ['Management API: audiences'],
          security,
          params: Type.Object({ audienceId: Id() }),
          querystring: ListQuery,
          ...memberListBody,
          response: answers(200, 'The result', ImportSchema, [unknownAudience, badLine, underWay]),
        },
        config: {
          backOfficeAccess: 'admin',
          ofAllApplications: true,
          upload: true,
        },
      },
      async (request, reply) => {
        const { column, asWritten } = request.query;
        const options = { column, maxUnpackedBytes: uploads.maxBytes };
        return withUploadFor({ core, uploads, request, reply }, async (audience, upload) => {
          const warnings = await checkList(upload, options, asWritten);
          const caller = backOfficeCaller(request, audience.environment);
          const members = readMembers(upload.read(), options);
          const list = { refused: 0, warnings, forecast: undefined };
          const replacement = await importMembers(core, caller, audience, list, members, ALL_MEANT);
          await upload.discard();
          return toImport(replacement.recorded);
        });
      },
    );
  });
}

/**
 * Runs `work` on the audience in the path and the file in the form, which is removed on failure.
 * @throws DomainError `not_found`, before the file is received, or whatever `Uploads.receive` and `work` throw
 */
export async function withUploadFor<T>(
  { core, uploads, request, reply }: { core: Core; uploads: Uploads; request: FastifyRequest; reply: FastifyReply },
  work: (audience: Audience, upload: Upload) => Promise<T>,
): Promise<T> {
  const id = readPathNumber(request, 'audienceId');
  await findAudience(core, id);
  const upload = await uploads.receive(request, reply);
  try {
    // Its state once the file has arrived.
    return await work(await findAudience(core, id), upload);
  } catch (error) {
    await upload.discard();
    throw error;
  }
}

/**
 * Reads the whole file before anything is staged.
 * @param asWritten entries that a spreadsheet altered are intended
 * @returns the warnings about it
 * @throws DomainError `invalid` naming the first invalid lines
 */
async function checkList(upload: Upload, options: ReadOptions, asWritten: boolean): Promise<readonly ListWarning[]> {
  const refused: RefusedLine[] = [];
  const warnings = new ListWarnings();
  const onRefused = (line: RefusedLine): void => void refused.push(line);
  for await (const _ of readMembers(upload.read(), { ...options, warnings, onRefused })) {
    if (refused.length >= MAX_PROBLEMS) break;
  }
  if (refused.length > 0) {
    const problems = refused.map(({ line, message }) => {
      return { title: 'Invalid value', message: `line ${line}: ${message}`, source: { line: String(line) } };
    });
    throw new DomainError('invalid', problems);
  }
  const found = warnings.list();
  if (!asWritten) refuseAlteredEntries(found, 'asWritten=true');
  return found;
}
