/** Wire shapes of memberships: membership changes, and imports of whole lists with a preview. */

import { type Static, Type } from 'typebox';
import { LIST_WARNINGS } from '../../../domain/list-warnings.ts';
import { Id, Nullable, Timestamp } from '../../wire.ts';
import { ImportSchema } from './imports-schemas.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });

/** One entry of the ledger. Entries about a whole audience have no customer. */
export const MembershipChangeSchema = Type.Object(
  {
    id: Id({ description: 'Ascending in commit order' }),
    time: Timestamp('Time of the commit'),
    action: Type.Union(
      [
        Type.Literal('joined'),
        Type.Literal('left'),
        Type.Literal('deleted'),
        Type.Literal('emptied'),
        Type.Literal('replaced'),
      ],
      { description: 'The first two concern one customer, the others a whole audience' },
    ),
    audienceId: Id(),
    audienceName: Type.String({ description: 'Its current name, or its last name if it has been deleted' }),
    customerId: Nullable(Id(), { description: 'Internal profile ID; null for a whole audience' }),
    integrationId: Nullable(Type.String(), { description: 'Null for a whole audience, and for an erased customer' }),
    count: Count('Number of members concerned: 1 for one customer; for a replacement, the number of members after it'),
    requestUuid: Type.String({ format: 'uuid', description: 'UUID of the request, as in the access log' }),
    keyId: Nullable(Id(), { description: 'The API key of the request' }),
    keyName: Nullable(Type.String(), { description: 'Set even for a key that is expired or deleted' }),
    userId: Nullable(Id(), { description: 'The user of the back office who made the request' }),
    userEmail: Nullable(Type.String(), { description: 'Null if the user no longer exists' }),
  },
  {
    title: 'MembershipChange',
    description: 'Whether it came from the command line, that is, from neither a key nor a user',
  },
);
export type MembershipChange = Static<typeof MembershipChangeSchema>;

/** A Rollcall extension: the import of a preview also says what it changed. */
export const PreviewedImportSchema = Type.Object(
  {
    ...ImportSchema.properties,
    joins: Count('Number of new members'),
    leaves: Count('Number of former members'),
    refused: Count('Number of skipped lines'),
    changedSincePreview: Type.Boolean({
      description:
        'Whether memberships changed between preview and commit, so that the figures may differ from the preview',
    }),
  },
  { title: 'PreviewedImport' },
);
export type PreviewedImport = Static<typeof PreviewedImportSchema>;

const ListWarningSchema = Type.Object(
  {
    kind: Type.Enum(LIST_WARNINGS),
    count: Type.Integer({ minimum: 1, description: 'Number of entries concerned' }),
    message: Type.String({ description: 'Description and remedy' }),
    samples: Type.Array(Type.Object({ line: Type.Integer({ minimum: 1 }), entry: Type.String() }), {
      maxItems: 5,
      description: 'The first of them',
    }),
  },
  { title: 'ListWarning' },
);

/** The head of an uploaded file whose column of members must be chosen. */
export const ImportColumnsSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    audienceId: Id(),
    created: Timestamp('Time of the upload'),
    expires: Timestamp('Time until which the column can be chosen'),
    columns: Type.Array(Type.String(), { description: 'Names in the header; a name may be empty' }),
    rows: Type.Array(Type.Array(Type.String()), { description: 'The first rows after the header' }),
  },
  { title: 'ImportColumns' },
);
export type ImportColumns = Static<typeof ImportColumnsSchema>;

export const ColumnChoiceSchema = Type.Object(
  { column: Type.String({ minLength: 1, description: 'Name of the column, or its number, starting at 1' }) },
  { title: 'ColumnChoice' },
);
export type ColumnChoice = Static<typeof ColumnChoiceSchema>;

/** What importing an uploaded list would change. */
export const ImportPreviewSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    audienceId: Id(),
    created: Timestamp('Time of the upload'),
    expires: Timestamp('Time until which it can be committed'),
    column: Type.String({ description: 'The column that was read' }),
    lines: Count('Number of lines with an ID, including refused ones'),
    members: Count('Number of members the audience would have'),
    joins: Count('Number of members who would join'),
    leaves: Count('Number of members who would leave'),
    newProfiles: Count('Number of customer profiles that would be created'),
    refused: Type.Object({
      count: Count('Number of lines that cannot be imported'),
      lines: Type.Array(Type.Object({ line: Type.Integer({ minimum: 1 }), message: Type.String() }), {
        maxItems: 100,
        description: 'The first hundred of them',
      }),
    }),
    warnings: Type.Array(ListWarningSchema, {
      description: 'Warnings about lines that can be imported; if there are any, the commit must accept them',
    }),
    needsName: Type.Boolean({
      description:
        'Whether more than a fifth of the members would leave, or none would be left: the commit must then name the audience',
    }),
  },
  { title: 'ImportPreview' },
);
export type ImportPreview = Static<typeof ImportPreviewSchema>;

export const ImportCommitSchema = Type.Object(
  {
    confirmName: Type.Optional(Type.String({ description: 'Name of the audience, if the preview requires it' })),
    skipRefused: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'True imports the list without the refused lines; otherwise they refuse the commit',
      }),
    ),
    acceptWarnings: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'True imports the lines with warnings unchanged; otherwise they refuse the commit',
      }),
    ),
  },
  { title: 'ImportCommit' },
);
export type ImportCommit = Static<typeof ImportCommitSchema>;
