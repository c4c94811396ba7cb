/** Uploaded lists of the values an attribute allows. */

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { MAX_ALLOWED_VALUES, replaceAllowedList } from '../../../domain/definitions/allowed-lists.ts';
import { findAttribute } from '../../../domain/definitions/lookups.ts';
import { refuseAlteredEntries, warningCounts } from '../../../domain/list-warnings.ts';
import { ALLOWED_LIST_HEADER, readAllowedListCsv } from '../../../formats/allowed-list-csv.ts';
import type { ReadOptions } from '../../../formats/list-entries.ts';
import { ListWarnings } from '../../../formats/list-warnings.ts';
import { actingCore } from '../../back-office-auth.ts';
import { readPathNumber } from '../../path-ids.ts';
import type { WithQuery } from '../../query-strings.ts';
import { UPLOAD_FIELD } from '../../upload-forms.ts';
import { installUploads } from '../../uploads.ts';
import { Id } from '../../wire.ts';
import { type Import, ImportSchema, LIST_FILE, ListQuery, toImport } from './imports-schemas.ts';
import { answers, conflict, notFound, security, uploadBody } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

// Values added in one transaction: few enough that other writes do not notice.
const CHUNK = 2000;

export async function allowedListRoutes(app: FastifyInstance, { core, uploads }: ManagementSurface): Promise<void> {
  await app.register(async (forms) => {
    await installUploads(forms);
    forms.post<WithQuery<typeof ListQuery>>(
      '/v1/attributes/:attributeId/allowed_list/import',
      {
        schema: {
          operationId: 'importAllowedList',
          summary: 'Replace the values an attribute allows with those of a file',
          description: `All or nothing, at most ${MAX_ALLOWED_VALUES} items. Values other than strings and times are written as in JSON. Existing values of customer profiles are not checked again. ${LIST_FILE}`,
          tags: ['Management API: attributes'],
          security,
          params: Type.Object({ attributeId: Id() }),
          querystring: ListQuery,
          ...uploadBody(UPLOAD_FIELD, `CSV with the column ${ALLOWED_LIST_HEADER}`),
          response: answers(200, 'The result', ImportSchema, [
            notFound('Attribute 7 not found'),
            {
              status: 400,
              when: 'A line is invalid; nothing was changed',
              example: 'Request validation failed',
            },
            conflict(
              'Another import for the attribute is in progress',
              'Another import of values for attribute 7 is in progress',
            ),
          ]),
        },
        config: { backOfficeAccess: 'admin', upload: true },
      },
      async (request, reply): Promise<Import> => {
        const { id, type } = await findAttribute(core, readPathNumber(request, 'attributeId'));
        const upload = await uploads.receive(request, reply);
        try {
          const warnings = new ListWarnings();
          const read = { column: request.query.column, maxUnpackedBytes: uploads.maxBytes };
          const values = (options: ReadOptions): AsyncGenerator<string[]> =>
            readAllowedListCsv(upload.read(), type, CHUNK, options);
          // Reads the whole file before anything is staged.
          for await (const _ of values({ ...read, warnings }));
          if (!request.query.asWritten) refuseAlteredEntries(warnings.list(), 'asWritten=true');
          const counts = warningCounts(warnings.list());
          return toImport(await replaceAllowedList(actingCore(core, request), id, values(read), counts));
        } finally {
          await upload.discard();
        }
      },
    );
  });
}
