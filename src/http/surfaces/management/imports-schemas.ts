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
    created: Timestamp('Time it took effect'),
    accountId: Id(),
    userId: Type.Integer({ minimum: 0, description: 'The user who imported it; 0 for the command line' }),
    entity: Type.Enum(['AudienceMembership', 'AttributeAllowedList']),
    amount: Type.Integer({ minimum: 0, description: 'Number of distinct entries in the list' }),
    ...extended({
      warnings: Type.Object(
        {
          shortenedNumber: Noticed('that look like numbers a spreadsheet shortened'),
          formula: Noticed('that are formulas around a value'),
          outerBlank: Noticed('that begin or end with a blank'),
          separator: Noticed('that contain a separator; present only if all do'),
          repeated: Noticed('that repeat an earlier one'),
          endMark: Noticed('that ended with the Ctrl-Z at the end of the file, which is ignored'),
        } satisfies Record<ListWarningKind, unknown>,
        { description: 'Warnings about the list' },
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

/** How to read a list; for uploads of any list. */
export const ListQuery = Type.Object({
  column: Type.Optional(
    Type.String({
      description:
        'Rollcall extension. Name of the column to read, or its number, starting at 1; required if the file has several columns',
    }),
  ),
  asWritten: Flag(
    'Rollcall extension. Accepts entries that a spreadsheet shortened (`1.23457E+15`) or turned into formulas (`="00123"`) as written. Otherwise the file is refused',
  ),
});

/** What every upload of a list says about the file. */
export const LIST_FILE =
  'The file is text: UTF-8, with or without a byte order mark, or UTF-16 with one; it may be compressed with gzip. Lines end with LF, CRLF or CR; columns are separated by comma, semicolon or tab. Case, blanks, underscores and hyphens in the header are ignored.';
