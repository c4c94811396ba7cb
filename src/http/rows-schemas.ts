/** The documentation of verdicts on rows: the header that requests them, and the answers that contain them. */

import type { FastifySchema } from 'fastify';
import { type TObject, type TSchema, Type } from 'typebox';
import type { ErrorBody } from './error-bodies.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const RowSchema = Type.Object(
  {
    row: Type.Integer({ minimum: 0, description: 'Position in the list that was sent, counted from 0' }),
    integrationId: Type.Optional(Type.String({ description: 'The ID of the profile; absent if the row has none' })),
    verdict: Type.Enum(['applied', 'unchanged', 'refused'], {
      description: '`unchanged`: accepted, but it changed nothing',
    }),
    code: Type.Optional(
      Type.String({ description: 'Why it was refused: `invalid`, or `not_found` for an unknown audience' }),
    ),
    message: Type.Optional(Type.String({ description: 'The reason in words' })),
  },
  { title: 'RowVerdict' },
);

const VerdictsSchema = Type.Object(
  {
    requestId: Type.String({ format: 'uuid', description: 'Also in the X-Request-Id header' }),
    applied: Count('Rows that changed something'),
    unchanged: Count('Rows that changed nothing'),
    refused: Count('Rows that were refused; they changed nothing'),
    rows: Type.Array(RowSchema, { description: 'In the order of the request' }),
  },
  { title: 'RowVerdicts' },
);

const EXAMPLE = {
  requestId: '0d5a3b52-6a0e-4d8e-9a55-0c5b1f6f1a00',
  applied: 1,
  unchanged: 0,
  refused: 1,
  rows: [
    { row: 0, integrationId: 'ada', verdict: 'applied' },
    { row: 1, integrationId: 'bob', verdict: 'refused', code: 'not_found', message: 'Audience 99999 not found' },
  ],
};

const PREFER = Type.Optional(
  Type.String({
    description:
      'Preferences (RFC 7240). `return=representation`: 200 with a verdict on each row. `handling=lenient`: refused rows are skipped, and the others applied. `max-errors=N` together with it: if more than N rows are refused, nothing is applied, and the error contains a `report` of them. The header `Preference-Applied` lists the preferences that were applied',
    examples: ['return=representation, handling=lenient, max-errors=10'],
  }),
);

// The statuses of refused rows.
const REFUSALS = ['400', '404'];

/**
 * The schema of an operation with rows, including the parts that all such operations share.
 * @param errorBodies the forms of error responses that schemas refer to by name
 */
export function withRowVerdicts(schema: FastifySchema, errorBodies: readonly ErrorBody[]): FastifySchema {
  const { headers, response } = schema as { headers?: TObject; response: Record<string, Answer | undefined> };
  const refusals = REFUSALS.flatMap((status) => {
    const published = response[status];
    return published === undefined ? [] : [[status, withReport(published, errorBodies)]];
  });
  return {
    ...schema,
    headers: Type.Object({ ...headers?.properties, prefer: PREFER }),
    response: { ...response, 200: withVerdicts(response['200']), ...Object.fromEntries(refusals) },
  };
}

interface Answer {
  readonly description: string;
  readonly content: { readonly 'application/json': { readonly schema: TSchema; readonly [example: string]: unknown } };
}

function withVerdicts(published: Answer | undefined): Answer {
  const description = 'With `Prefer: return=representation`: the verdicts on the rows';
  if (published === undefined) {
    return { description, content: { 'application/json': { schema: VerdictsSchema, example: EXAMPLE } } };
  }
  const { description: usual, content } = published;
  const { schema, ...media } = content['application/json'];
  return {
    description: `${usual}. ${description}`,
    content: { 'application/json': { ...media, schema: Type.Union([schema, VerdictsSchema]) } },
  };
}

/** A refusal of a request that preferred verdicts or lenient handling contains the verdicts, too. */
function withReport(published: Answer, errorBodies: readonly ErrorBody[]): Answer {
  const { schema, ...media } = published.content['application/json'];
  const body = errorBodies.find(({ name }) => name === (schema as { $ref?: string }).$ref);
  if (body === undefined) throw new Error('A refusal of rows must have one of the forms of error responses');
  const report = Type.Object(
    { ...body.schema.properties, report: VerdictsSchema },
    { title: body.name.replace(/ErrorResponse$/, 'RowsErrorResponse') },
  );
  return { ...published, content: { 'application/json': { ...media, schema: Type.Union([schema, report]) } } };
}
