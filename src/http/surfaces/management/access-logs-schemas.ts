/** Wire shapes of the access log: its entries, their causes, the refused writes that are kept, and what replaying them came to. */

import { type Static, Type } from 'typebox';
import { MARK_KINDS } from '../../../access-log/marks.ts';
import { ATTRIBUTE_TYPES } from '../../../domain/definitions/attributes.ts';
import { extended } from '../../extended.ts';
import { Id, Nullable, Timestamp } from '../../wire.ts';

const Uuid = (description: string) => Type.String({ format: 'uuid', description });
const Count = (description: string) => Type.Integer({ minimum: 0, description });

/** Something remarkable about a request that its status does not tell. */
export const MarkSchema = Type.Object(
  {
    kind: Type.Enum(MARK_KINDS, {
      description:
        'The client left before it had its answer; an update had no body; a field or a query parameter that nobody asked for was ignored',
    }),
    name: Nullable(Type.String(), {
      description: 'Of what was ignored, with the path to it; empty for a name that no field has',
      examples: ['audienceChanges'],
    }),
    suggestion: Nullable(Type.String(), { description: 'What was probably meant', examples: ['audiencesChanges'] }),
    text: Type.String({
      description: 'The same in words, equal for all requests of one kind',
      examples: ['ignored: `audienceChanges`; did you mean `audiencesChanges`?'],
    }),
  },
  { title: 'RequestMark' },
);
export type RequestMark = Static<typeof MarkSchema>;

/** One request and its answer. */
export const AccessLogEntrySchema = Type.Object(
  {
    uuid: Uuid('The request, as its `X-Request-Id` names it'),
    status: Type.Integer({ description: 'HTTP status of the answer' }),
    method: Type.String({ description: 'Upper case' }),
    requestUri: Type.String({ description: 'Path and query as received' }),
    time: Timestamp('When it arrived'),
    requestPayload: Type.String({ description: 'Cut at 4 KiB; secrets masked; empty where payloads are not shown' }),
    responsePayload: Type.String({ description: 'Cut at 4 KiB; secrets masked; empty where payloads are not shown' }),
    ...extended({
      applicationId: Nullable(Id(), { description: 'Null while nobody knows whose request it was' }),
      keyId: Nullable(Id()),
      keyName: Nullable(Type.String(), {
        description: 'Also of a key that is expired, deleted or of another platform',
      }),
      keyPrefix: Nullable(Type.String(), { description: 'First four characters of the key that was sent' }),
      address: Nullable(Type.String(), { description: 'Where it came from' }),
      operation: Type.String({ description: 'As in the OpenAPI document; `unknown path` and the like for the rest' }),
      durationMs: Type.Number({ description: 'From arrival until the answer was sent' }),
      joins: Count('Memberships that began'),
      leaves: Count('Memberships that ended'),
      profiles: Count('Customer profiles that were created or changed'),
      cause: Nullable(Type.String(), { description: 'Why it was refused, the same text for all of one kind' }),
      replayable: Type.Boolean({ description: 'The whole request is kept and was not sent again yet' }),
      marks: Type.Array(MarkSchema, { maxItems: 11, description: 'What else there is to know of it' }),
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

/** What would make requests like this one succeed. */
export const MendSchema = Type.Object(
  {
    kind: Type.Literal('createAttribute'),
    name: Type.String({ description: 'The attribute to define for customer profiles' }),
  },
  { title: 'Mend' },
);
export type Mend = Static<typeof MendSchema>;

/** One entry with all that is known of it. */
export const AccessLogDetailSchema = Type.Object(
  {
    ...AccessLogEntrySchema.properties,
    requestBytes: Count(
      'Size of the request body as received, or as announced where it was not read; 0 where neither is known',
    ),
    responseBytes: Count('Size of the answer as sent'),
    requestCut: Type.Boolean({
      description:
        'Only the beginning of the request body is kept; nothing where the request was refused before it was read',
    }),
    responseCut: Type.Boolean({ description: 'Only the beginning of the answer is kept' }),
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
          'What became of payloads that were read: kept as received, kept with values replaced by their types, not logged by the Application, dropped under load, removed with the personal data of a profile, or not shown to this user. Kept ones make way when the log needs room; then they are empty although their size is not 0',
      },
    ),
    mend: Nullable(MendSchema),
    replayed: Nullable(Timestamp('When'), { description: 'When the refused write was sent again' }),
  },
  { title: 'AccessLogDetail' },
);
export type AccessLogDetail = Static<typeof AccessLogDetailSchema>;

/** Requests refused for one reason, or marked with one mark. */
export const AccessLogCauseSchema = Type.Object(
  {
    applicationId: Nullable(Id()),
    cause: Type.String({ description: 'Of a mark, its text' }),
    mark: Nullable(MarkSchema, { description: 'Null where the requests were refused for the cause' }),
    status: Type.Integer(),
    operation: Type.String(),
    count: Count('Requests in the range'),
    lastTime: Timestamp('The latest of them'),
    lastUuid: Uuid('The latest of them'),
    mend: Nullable(MendSchema),
  },
  { title: 'AccessLogCause' },
);
export type AccessLogCause = Static<typeof AccessLogCauseSchema>;

/** A refused write that is kept whole. */
export const RefusedWriteSchema = Type.Object(
  {
    uuid: Uuid('The request that was refused'),
    time: Timestamp('When it arrived'),
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
    replayed: Nullable(Timestamp('When'), { description: 'When it was sent again with success' }),
  },
  { title: 'RefusedWrite' },
);
export type RefusedWrite = Static<typeof RefusedWriteSchema>;

/** What refused writes held for an attribute that was not defined. */
export const RefusedValuesSchema = Type.Object(
  {
    writes: Count('Refused writes that hold a value, among the latest hundred that wait'),
    samples: Type.Array(Type.String(), {
      maxItems: 10,
      description: 'Different values as JSON, the latest first, cut at 200 characters; empty unless asked for',
    }),
    type: Nullable(Type.Enum(ATTRIBUTE_TYPES), {
      description: 'The type all of them are of; null where they disagree, or there is none',
    }),
    fitsDefinition: Nullable(Type.Boolean(), {
      description:
        'Whether the attribute as it is defined now takes all of them; null while it is not, or there is none',
    }),
  },
  { title: 'RefusedValues' },
);
export type RefusedValues = Static<typeof RefusedValuesSchema>;

/** One thing a replayed request did, or did not do because something newer was written. */
export const ReplayEffectSchema = Type.Object(
  {
    action: Type.Enum(['set', 'remove', 'join', 'leave', 'create', 'rename', 'delete'], {
      description: 'Of an attribute, a membership, or an audience as a whole',
    }),
    integrationId: Nullable(Type.String(), { description: 'The profile; null for an audience as a whole' }),
    attribute: Nullable(Type.String()),
    audienceId: Nullable(Id()),
  },
  { title: 'ReplayEffect' },
);
export type ReplayEffect = Static<typeof ReplayEffectSchema>;

/** Why something newer stands in the way of a replayed request. */
const SupersededBySchema = Type.Enum(
  [
    'newerReplay',
    'profileWritten',
    'membershipChanged',
    'membersReplaced',
    'audienceDeleted',
    'audienceChanged',
    'ledgerPruned',
  ],
  {
    description:
      'What is newer: a replayed request that arrived later; a write of attributes of the profile, which may have been another attribute; a change of the membership; a replacement of all members; the deletion of the audience; another change of the audience. `ledgerPruned`: the ledger no longer tells',
  },
);

export const SkippedEffectSchema = Type.Object(
  { ...ReplayEffectSchema.properties, reason: SupersededBySchema },
  { title: 'SkippedEffect' },
);
export type SkippedEffect = Static<typeof SkippedEffectSchema>;

/** What sending one refused write again came to, or would come to. */
export const ReplayResultSchema = Type.Object(
  {
    uuid: Uuid('The request that was refused'),
    status: Type.Integer({ description: 'Status of the answer it gets now; 404 when it is not kept any more' }),
    message: Nullable(Type.String(), { description: 'Why it is refused again' }),
    joins: Count('Memberships that begin'),
    leaves: Count('Memberships that end'),
    applied: Type.Array(ReplayEffectSchema, { maxItems: 20, description: 'The first of what it changes' }),
    appliedCount: Count('Everything it changes'),
    skipped: Type.Array(SkippedEffectSchema, {
      maxItems: 20,
      description: 'The first of what is left out because something newer was written',
    }),
    skippedCount: Count('Everything that is left out'),
    newerWrites: Type.Array(Type.String(), {
      maxItems: 10,
      description: 'Integration IDs of profiles it touches that were written since',
    }),
    replayed: Type.Boolean({ description: 'It was sent again and took effect, now or before' }),
  },
  { title: 'ReplayResult' },
);
export type ReplayResult = Static<typeof ReplayResultSchema>;

/** Event `gap` of the stream: entries the reader was too slow for, or that came while it was away. */
export const AccessLogGapSchema = Type.Object({ missed: Count('Entries left out') }, { title: 'AccessLogGap' });
export type AccessLogGap = Static<typeof AccessLogGapSchema>;
