/** Wire shapes of memberships: what changed, and imports of whole lists with a preview. */

import { type Static, Type } from 'typebox';
import { LIST_WARNINGS } from '../../../domain/list-warnings.ts';
import { Id, Nullable, Timestamp } from '../../wire.ts';
import { ImportSchema } from './imports-schemas.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });

/** One entry of the ledger. Entries of whole audiences have no customer. */
export const MembershipChangeSchema = Type.Object(
  {
    id: Id({ description: 'Ascending in the order of commits' }),
    time: Timestamp('When it was committed'),
    action: Type.Union(
      [
        Type.Literal('joined'),
        Type.Literal('left'),
        Type.Literal('deleted'),
        Type.Literal('emptied'),
        Type.Literal('replaced'),
      ],
      { description: 'The first two are of one customer, the others of a whole audience' },
    ),
    audienceId: Id(),
    audienceName: Type.String({ description: 'As it is called now, or was when it was deleted' }),
    customerId: Nullable(Id(), { description: 'Internal profile number; null for a whole audience' }),
    integrationId: Nullable(Type.String(), { description: 'Null for a whole audience' }),
    count: Count('Members concerned: 1 for one customer; of a replacement, the members it came to'),
    requestUuid: Type.String({ format: 'uuid', description: 'The request, as the access log names it' }),
    keyId: Nullable(Id(), { description: 'The API key it was made with' }),
    keyName: Nullable(Type.String(), { description: 'Also of a key that is expired or deleted' }),
    userId: Nullable(Id(), { description: 'The user of the back office who asked for it' }),
    userEmail: Nullable(Type.String(), { description: 'Null when there is no such user any more' }),
  },
  { title: 'MembershipChange', description: 'Neither a key nor a user: it came from the command line' },
);
export type MembershipChange = Static<typeof MembershipChangeSchema>;

/** Ours: the import of an import preview also tells what it changed. */
export const PreviewedImportSchema = Type.Object(
  {
    ...ImportSchema.properties,
    joins: Count('Members that were none before'),
    leaves: Count('Members before that are none any more'),
    refused: Count('Lines that were left out'),
    changedSincePreview: Type.Boolean({
      description: 'Memberships changed between preview and commit, so that the figures may differ from those shown',
    }),
  },
  { title: 'PreviewedImport' },
);
export type PreviewedImport = Static<typeof PreviewedImportSchema>;

const ListWarningSchema = Type.Object(
  {
    kind: Type.Enum(LIST_WARNINGS),
    count: Type.Integer({ minimum: 1, description: 'Entries it is about' }),
    message: Type.String({ description: 'What it is, and the remedy' }),
    samples: Type.Array(Type.Object({ line: Type.Integer({ minimum: 1 }), entry: Type.String() }), {
      maxItems: 5,
      description: 'The first of them',
    }),
  },
  { title: 'ListWarning' },
);

/** The head of an uploaded file of which nobody said which column holds the members. */
export const ImportColumnsSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    audienceId: Id(),
    created: Timestamp('When it was uploaded'),
    expires: Timestamp('Until when its column can be chosen'),
    columns: Type.Array(Type.String(), { description: 'As the header names them; an empty name is possible' }),
    rows: Type.Array(Type.Array(Type.String()), { description: 'The first rows below the header' }),
  },
  { title: 'ImportColumns' },
);
export type ImportColumns = Static<typeof ImportColumnsSchema>;

export const ColumnChoiceSchema = Type.Object(
  { column: Type.String({ minLength: 1, description: 'Name of the column, or its number from 1' }) },
  { title: 'ColumnChoice' },
);
export type ColumnChoice = Static<typeof ColumnChoiceSchema>;

/** What importing an uploaded list would come to. */
export const ImportPreviewSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    audienceId: Id(),
    created: Timestamp('When it was uploaded'),
    expires: Timestamp('Until when it can be committed'),
    column: Type.String({ description: 'The column that was read' }),
    lines: Count('Lines of the file that hold an ID, refused ones included'),
    members: Count('Members the audience would have'),
    joins: Count('Members that are none now'),
    leaves: Count('Members now that would be none any more'),
    newProfiles: Count('Customer profiles that would be created'),
    refused: Type.Object({
      count: Count('Lines that cannot be imported'),
      lines: Type.Array(Type.Object({ line: Type.Integer({ minimum: 1 }), message: Type.String() }), {
        maxItems: 100,
        description: 'The first hundred of them',
      }),
    }),
    warnings: Type.Array(ListWarningSchema, {
      description: 'What looks wrong in lines that can be imported: where there are any, the commit must accept them',
    }),
    needsName: Type.Boolean({
      description: 'More than a fifth of the members would leave, or nobody is left: the commit must name the audience',
    }),
  },
  { title: 'ImportPreview' },
);
export type ImportPreview = Static<typeof ImportPreviewSchema>;

export const ImportCommitSchema = Type.Object(
  {
    confirmName: Type.Optional(Type.String({ description: 'Name of the audience, where the preview asks for it' })),
    skipRefused: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'True: import without the refused lines. Else they refuse the commit',
      }),
    ),
    acceptWarnings: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'True: import the lines with warnings as they are. Else they refuse the commit',
      }),
    ),
  },
  { title: 'ImportCommit' },
);
export type ImportCommit = Static<typeof ImportCommitSchema>;
