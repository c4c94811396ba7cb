/** Wire shapes of the access log: its entries, their causes, refused writes, and the results of replaying them. */

import { type Static, Type } from 'typebox';
import { MARK_KINDS } from '../../../access-log/marks.ts';
import { ATTRIBUTE_TYPES } from '../../../domain/definitions/attributes.ts';
import { extended } from '../../extended.ts';
import { Id, Nullable, Timestamp } from '../../wire.ts';

const Uuid = (description: string) => Type.String({ format: 'uuid', description });
const Count = (description: string) => Type.Integer({ minimum: 0, description });

/** Something remarkable about a request that its status does not show. */
export const MarkSchema = Type.Object(
  {
    kind: Type.Enum(MARK_KINDS, {
      description:
        'The client disconnected before its response; an update had no body; an unknown field or query parameter was ignored; an ID looks like an unfilled template; some rows of a request were refused; it names somebody who was erased, and left them alone',
    }),
    name: Nullable(Type.String(), {
      description:
        'The ignored name, with the path to it; empty if it cannot be the name of a field. For an unfilled template, the place of the ID',
      examples: ['audienceChanges'],
    }),
    suggestion: Nullable(Type.String(), {
      description: 'The name that was probably meant',
      examples: ['audiencesChanges'],
    }),
    text: Type.String({
      description: 'The mark in words, equal for all requests of one kind',
      examples: ['ignored: `audienceChanges`; did you mean `audiencesChanges`?'],
    }),
  },
  { title: 'RequestMark' },
);
export type RequestMark = Static<typeof MarkSchema>;

/** One request and its response. */
export const AccessLogEntrySchema = Type.Object(
  {
    uuid: Uuid('The UUID of the request, as in its `X-Request-Id`'),
    status: Type.Integer({ description: 'HTTP status of the response' }),
    method: Type.String({ description: 'Upper case' }),
    requestUri: Type.String({ description: 'Path and query as received' }),
    time: Timestamp('Time of arrival'),
    requestPayload: Type.String({ description: 'Truncated at 4 KiB; secrets masked; empty if payloads are not shown' }),
    responsePayload: Type.String({
      description: 'Truncated at 4 KiB; secrets masked; empty if payloads are not shown',
    }),
    ...extended({
      applicationId: Nullable(Id(), { description: 'Null if it is not known whose request it was' }),
      keyId: Nullable(Id()),
      keyName: Nullable(Type.String(), {
        description: 'Set even for a key that is expired, deleted or of another platform',
      }),
      keyPrefix: Nullable(Type.String(), { description: 'First four characters of the key that was sent' }),
      address: Nullable(Type.String(), { description: 'Address of the client' }),
      operation: Type.String({
        description: 'As in the OpenAPI document; otherwise a description such as `unknown path`',
      }),
      durationMs: Type.Number({ description: 'From arrival until the response was sent' }),
      joins: Count('Memberships started'),
      leaves: Count('Memberships ended'),
      profiles: Count('Customer profiles created or changed'),
      cause: Nullable(Type.String(), { description: 'Why it was refused; the same text for all refusals of one kind' }),
      replayable: Type.Boolean({ description: 'Whether the request is kept in full and has not been replayed' }),
      marks: Type.Array(MarkSchema, { maxItems: 11, description: 'Anything else worth knowing about it' }),
    }),
  },
  { title: 'AccessLogEntry' },
);
export type AccessLogEntry = Static<typeof AccessLogEntrySchema>;

/** An entry whose two payloads are empty. */
export const AccessLogItemSchema = Type.Object(AccessLogEntrySchema.properties, {
  title: 'AccessLogItem',
  description: 'An entry without payloads',
});
export type AccessLogItem = Static<typeof AccessLogItemSchema>;

/** The remedy that would let requests like this one succeed. */
export const MendSchema = Type.Object(
  {
    kind: Type.Literal('createAttribute'),
    name: Type.String({ description: 'The attribute to define for customer profiles' }),
  },
  { title: 'Mend' },
);
export type Mend = Static<typeof MendSchema>;

/** One entry in full detail. */
export const AccessLogDetailSchema = Type.Object(
  {
    ...AccessLogEntrySchema.properties,
    requestBytes: Count(
      'Size of the request body as received, or as announced if it was not read; 0 if neither is known',
    ),
    responseBytes: Count('Size of the response as sent'),
    requestCut: Type.Boolean({
      description:
        'Whether only the beginning of the request body is kept; nothing is kept if the request was refused before its body was read',
    }),
    responseCut: Type.Boolean({ description: 'Whether only the beginning of the response is kept' }),
    payloadState: Type.Union(
      [
        Type.Literal('full'),
        Type.Literal('masked'),
        Type.Literal('off'),
        Type.Literal('dropped'),
        Type.Literal('erased'),
        Type.Literal('hidden'),
      ],
      {
        description:
          'What happened to the payloads: kept as received, kept with values replaced by their types, not logged by the Application, dropped under load, erased with the personal data of a profile, or hidden from this user. Kept payloads are removed when the log needs space; they are then empty although their size is not 0',
      },
    ),
    mend: Nullable(MendSchema),
    replayed: Nullable(Timestamp('When'), { description: 'When the refused write was replayed' }),
    hasReport: Type.Boolean({ description: 'Whether a report of its rows is kept' }),
  },
  { title: 'AccessLogDetail' },
);
export type AccessLogDetail = Static<typeof AccessLogDetailSchema>;

const ReportedRowSchema = Type.Object(
  {
    row: Count('Place in the request, counted from 0'),
    integrationId: Nullable(Type.String(), { description: 'Null if it is not known, not kept or not shown' }),
    verdict: Type.Enum(['applied', 'unchanged', 'refused']),
    code: Nullable(Type.String(), { description: 'Why it was refused: `invalid` or `not_found`' }),
    message: Nullable(Type.String(), { description: 'The reason in words; null if it is not kept or not shown' }),
  },
  { title: 'ReportedRow' },
);

/** What became of the rows of a request. */
export const RowReportSchema = Type.Object(
  {
    uuid: Uuid('UUID of the request'),
    time: Timestamp('Time of arrival'),
    applied: Count('Rows that changed something'),
    unchanged: Count('Rows that changed nothing'),
    refused: Count('Rows that were refused'),
    isCut: Type.Boolean({ description: 'Whether rows at the end are missing, because there was no room for them' }),
    rows: Type.Array(ReportedRowSchema, {
      maxItems: 1000,
      description: 'Refused rows first, then the others in the order of the request',
    }),
  },
  { title: 'RowReport' },
);
export type RowReport = Static<typeof RowReportSchema>;

/** Requests refused for one cause, or with one mark. */
export const AccessLogCauseSchema = Type.Object(
  {
    applicationId: Nullable(Id()),
    cause: Type.String({ description: 'For a mark, its text' }),
    mark: Nullable(MarkSchema, { description: 'Null if the requests were refused for the cause' }),
    status: Type.Integer(),
    operation: Type.String(),
    count: Count('Number of requests in the range'),
    lastTime: Timestamp('Time of the latest of them'),
    lastUuid: Uuid('UUID of the latest of them'),
    mend: Nullable(MendSchema),
  },
  { title: 'AccessLogCause' },
);
export type AccessLogCause = Static<typeof AccessLogCauseSchema>;

/** A refused write that is kept in full. */
export const RefusedWriteSchema = Type.Object(
  {
    uuid: Uuid('UUID of the refused request'),
    time: Timestamp('Time of arrival'),
    applicationId: Id(),
    keyId: Id(),
    keyName: Nullable(Type.String()),
    operation: Type.String(),
    method: Type.String(),
    requestUri: Type.String(),
    status: Type.Integer(),
    cause: Nullable(Type.String()),
    mend: Nullable(MendSchema),
    bytes: Count('Size of its body'),
    replayed: Nullable(Timestamp('When'), { description: 'When it was replayed successfully' }),
  },
  { title: 'RefusedWrite' },
);
export type RefusedWrite = Static<typeof RefusedWriteSchema>;

/** What refused writes held for an undefined attribute. */
export const RefusedValuesSchema = Type.Object(
  {
    writes: Count('Refused writes that hold a value, among the latest hundred that have not been replayed'),
    samples: Type.Array(Type.String(), {
      maxItems: 10,
      description: 'Distinct values as JSON, latest first, truncated at 200 characters; empty unless requested',
    }),
    type: Nullable(Type.Enum(ATTRIBUTE_TYPES), {
      description: 'Their common type; null if they disagree or there are none',
    }),
    fitsDefinition: Nullable(Type.Boolean(), {
      description:
        'Whether the attribute as currently defined accepts all of them; null if it is not defined or there are none',
    }),
  },
  { title: 'RefusedValues' },
);
export type RefusedValues = Static<typeof RefusedValuesSchema>;

/** One effect of a replayed request, or one that was skipped because something newer was written. */
export const ReplayEffectSchema = Type.Object(
  {
    action: Type.Enum(['set', 'remove', 'join', 'leave', 'create', 'rename', 'empty', 'delete'], {
      description: 'Whether it concerns an attribute, a membership, or a whole audience',
    }),
    integrationId: Nullable(Type.String(), { description: 'The profile; null for a whole audience' }),
    attribute: Nullable(Type.String()),
    audienceId: Nullable(Id()),
  },
  { title: 'ReplayEffect' },
);
export type ReplayEffect = Static<typeof ReplayEffectSchema>;

/** Why an effect of a replayed request is skipped. */
const SupersededBySchema = Type.Enum(
  [
    'newerReplay',
    'profileWritten',
    'membershipChanged',
    'membersReplaced',
    'audienceDeleted',
    'audienceChanged',
    'ledgerPruned',
    'profileErased',
  ],
  {
    description:
      'What is newer: a replayed request that arrived later; a write to attributes of the profile, possibly to another attribute; a change of the membership; a replacement of all members; the deletion of the audience; another change of the audience. `ledgerPruned`: the ledger no longer reaches back that far. `profileErased`: the person was erased, so not even `override` applies it',
  },
);

export const SkippedEffectSchema = Type.Object(
  { ...ReplayEffectSchema.properties, reason: SupersededBySchema },
  { title: 'SkippedEffect' },
);
export type SkippedEffect = Static<typeof SkippedEffectSchema>;

/** The result of replaying one refused write, or a preview of it. */
export const ReplayResultSchema = Type.Object(
  {
    uuid: Uuid('UUID of the refused request'),
    status: Type.Integer({ description: 'Status of its new response; 404 if it is no longer kept' }),
    message: Nullable(Type.String(), { description: 'Why it is refused again' }),
    joins: Count('Memberships started'),
    leaves: Count('Memberships ended'),
    applied: Type.Array(ReplayEffectSchema, { maxItems: 20, description: 'The first effects' }),
    appliedCount: Count('Total number of effects'),
    skipped: Type.Array(SkippedEffectSchema, {
      maxItems: 20,
      description: 'The first effects skipped because something newer was written',
    }),
    skippedCount: Count('Total number of skipped effects'),
    newerWrites: Type.Array(Type.String(), {
      maxItems: 10,
      description: 'Integration IDs of the profiles it affects that have been written since',
    }),
    rows: Nullable(
      Type.Object({
        applied: Count('Rows that changed something'),
        unchanged: Count('Rows that changed nothing'),
        refused: Count('Rows that are refused again'),
        reasons: Type.Array(
          Type.Object({ row: Count('Place in the request, counted from 0'), message: Type.String() }),
          { maxItems: 20, description: 'The reasons for the first of these' },
        ),
      }),
      { description: 'The verdicts on its rows; null unless they are judged one by one' },
    ),
    replayed: Type.Boolean({
      description: 'Whether it has been replayed and took effect, now or earlier; false while a row is refused',
    }),
  },
  { title: 'ReplayResult' },
);
export type ReplayResult = Static<typeof ReplayResultSchema>;

/** The event `gap` of the stream: entries that arrived while the reader was away, or too fast for it. */
export const AccessLogGapSchema = Type.Object(
  { missed: Count('Number of entries skipped') },
  { title: 'AccessLogGap' },
);
export type AccessLogGap = Static<typeof AccessLogGapSchema>;
