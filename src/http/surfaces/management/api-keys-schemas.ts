/** Wire shapes of API keys. */

import { type Static, Type } from 'typebox';
import { PLATFORMS } from '../../../domain/access/api-keys.ts';
import { Id, Nullable, Timestamp } from '../../wire.ts';

export const ApiKeySchema = Type.Object(
  {
    id: Id(),
    title: Type.String({ description: 'Name of the key', examples: ['My CDP'] }),
    expires: Timestamp('Valid until this time'),
    platform: Type.Enum(PLATFORMS, {
      description: '`none`: a generic key for the Integration API',
      examples: ['customer_data'],
    }),
    type: Type.Union([Type.Literal(''), Type.Literal('staging')], {
      description: 'Empty for Production, `staging` for Test',
    }),
    timeOffset: Type.Integer({ description: 'Nanoseconds; shifts "now" for the rules of this key', examples: [0] }),
    createdBy: Nullable(Id(), { description: 'Null if created on the command line' }),
    createdByEmail: Nullable(Type.String({ examples: ['ada@example.com'] }), {
      description: 'Null if created on the command line, or once that user has been deleted',
    }),
    accountID: Id(),
    applicationID: Id(),
    created: Timestamp('Time of creation'),
    lastUsed: Nullable(Timestamp('Last use'), { description: 'Updated once a minute; null before the first use' }),
    state: Type.Union([Type.Literal('Valid'), Type.Literal('Expires Soon'), Type.Literal('Expired')], {
      description: '`Expires Soon` during the last seven days',
    }),
    maskedKey: Type.String({ description: 'First and last four characters', examples: ['rck_…x9Qf'] }),
    readOnly: Type.Boolean({ description: 'Whether it is a generic key that can only read' }),
    rateLimit: Nullable(Type.Integer({ minimum: 1, examples: [50] }), {
      description: "Requests per second; null for the server's limit",
    }),
    lenientRows: Type.Boolean({
      description:
        'Whether multi-profile requests are applied without their refused rows, like `Prefer: handling=lenient`',
    }),
    rowReports: Type.Boolean({ description: 'Whether a report of the rows is kept for each multi-profile request' }),
    skipUndefinedAttributes: Type.Boolean({
      description: 'Whether undefined attributes are skipped instead of refused',
    }),
  },
  { title: 'ApiKey' },
);
export type ApiKey = Static<typeof ApiKeySchema>;

const switches = {
  lenientRows: Type.Optional(Type.Boolean({ description: 'For callers that cannot send `Prefer: handling=lenient`' })),
  rowReports: Type.Optional(
    Type.Boolean({
      description: 'Keep a report of the rows of each multi-profile request; lenient ones always have one',
    }),
  ),
  skipUndefinedAttributes: Type.Optional(
    Type.Boolean({ description: 'For callers that cannot send `skipNonExistingAttributes=true`' }),
  ),
};

export const NewApiKeySchema = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 255, examples: ['My CDP'] }),
    expires: Type.String({
      minLength: 1,
      maxLength: 50,
      description: "A date (the end of that day in the Application's time zone) or an RFC 3339 time",
      examples: ['2027-06-30'],
    }),
    platform: Type.Optional(
      Type.Enum(PLATFORMS, { description: '`none`, a generic key, when absent', examples: ['customer_data'] }),
    ),
    type: Type.Optional(
      Type.Enum(['', 'staging'], {
        examples: [''],
        description:
          'Empty for Production, `staging` for Test: only one per Application, only with `enableCampaignStateManagement`, never for a platform',
      }),
    ),
    readOnly: Type.Optional(Type.Boolean({ description: 'Only for platform `none`' })),
    rateLimit: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000, examples: [50] }))),
    timeOffset: Type.Optional(
      Type.Integer({
        minimum: -Number.MAX_SAFE_INTEGER,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Nanoseconds',
        examples: [0],
      }),
    ),
    ...switches,
  },
  { title: 'NewApiKey' },
);
export type NewApiKey = Static<typeof NewApiKeySchema>;

/** The options of a key that can be changed. */
export const ApiKeyChangeSchema = Type.Object(switches, {
  title: 'ApiKeyChange',
  examples: [{ lenientRows: true, skipUndefinedAttributes: false }],
});
export type ApiKeyChange = Static<typeof ApiKeyChangeSchema>;

/** A key's record, and the key itself. */
export const CreatedApiKeySchema = Type.Object(
  {
    ...ApiKeySchema.properties,
    key: Type.String({
      description: 'For the header `Authorization: ApiKey-v1 <key>`; shown only once',
      examples: ['rck_…'],
    }),
  },
  { title: 'CreatedApiKey' },
);
export type CreatedApiKey = Static<typeof CreatedApiKeySchema>;
