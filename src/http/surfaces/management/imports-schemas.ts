/** Wire shape of a finished import of a list. */

import { type Static, Type } from 'typebox';
import type { Import as RecordedImport } from '../../../domain/definitions/imports.ts';
import { ACCOUNT_ID } from '../../../domain/environment.ts';
import type { ListWarningKind } from '../../../domain/list-warnings.ts';
import { extended } from '../../extended.ts';
import { Flag } from '../../query-parameters.ts';
import { Id, Timestamp, timestamp } from '../../wire.ts';

const Noticed = (what: string) => Type.Optional(Type.Integer({ minimum: 1, description: `Entries ${what}` }));

export const ImportSchema = Type.Object(
  {
    id: Id(),
    created: Timestamp('When it took effect'),
    accountId: Id(),
    userId: Type.Integer({ minimum: 0, description: 'Who imported it; 0 for the command line' }),
    entity: Type.Enum(['AudienceMembership', 'AttributeAllowedList']),
    amount: Type.Integer({ minimum: 0, description: 'Distinct entries of the list' }),
    ...extended({
      warnings: Type.Object(
        {
          shortenedNumber: Noticed('that look like numbers a spreadsheet shortened'),
          formula: Noticed('that are formulas around a value'),
          outerBlank: Noticed('that begin or end with a blank'),
          separator: Noticed('with a separator inside; there only when all have it'),
          repeated: Noticed('that repeat one before'),
          endMark: Noticed('that ended with the Ctrl-Z of the file, which is left out'),
        } satisfies Record<ListWarningKind, unknown>,
        { description: 'What was noticed in the list' },
      ),
    }),
  },
  { title: 'Import' },
);
export type Import = Static<typeof ImportSchema>;

/** An import as clients see it. */
export function toImport({ created, userId, ...recorded }: RecordedImport): Import {
  return { ...recorded, created: timestamp(created), accountId: ACCOUNT_ID, userId: userId ?? 0 };
}

/** How a list is read; for uploads of any list. */
export const ListQuery = Type.Object({
  column: Type.Optional(
    Type.String({
      description:
        'Rollcall extension. Name of the column to read, or its number from 1; needed for files of several columns',
    }),
  ),
  asWritten: Flag(
    'Rollcall extension. Takes entries that a spreadsheet shortened (`1.23457E+15`) or turned into formulas (`="00123"`) as they are written. Else they refuse the file',
  ),
});

/** What every upload of a list says about the file. */
export const LIST_FILE =
  'The file is text: UTF-8, with or without a byte order mark, or UTF-16 with one; gzip is fine. Lines end with LF, CRLF or CR; columns are separated by comma, semicolon or tab. Case, blanks, underscores and hyphens in the header do not matter.';
