/** The OpenAPI document as it is served: built from what the routes declare, for people and for client generators. */

import { reasonOf } from './errors.ts';
import { exampleOf } from './examples.ts';
import { type DocumentSchema, hasExtensions, NamedSchemas, readable } from './openapi-schemas.ts';
import type { Surfaces } from './surface.ts';

interface Media {
  schema?: DocumentSchema;
  examples?: object;
  example?: unknown;
}

interface Header {
  readonly description: string;
  readonly schema: DocumentSchema;
}

interface Response {
  $ref?: string;
  description?: string;
  headers?: Record<string, Header>;
  content?: Record<string, Media>;
}

interface Parameter {
  $ref?: string;
  in?: string;
  name?: string;
  description?: string;
  example?: unknown;
  schema?: DocumentSchema;
}

interface Operation {
  readonly tags?: readonly string[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; readonly content: Record<string, Media> };
  responses: Record<string, Response>;
  readonly 'x-rollcall-extension'?: boolean;
}

interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, DocumentSchema>; [kind: string]: unknown };
  tags?: unknown;
}

/** Descriptions of parameters with these names, if their schema has none. */
const PARAMETERS: Readonly<Record<string, string>> = {
  accountId: 'ID of the account: always 1',
  applicationId: 'ID of the Application',
  attributeId: 'ID of the attribute',
  audienceId: 'Internal ID of the audience',
  integrationId: 'The customer’s integration ID, percent-encoded',
  keyId: 'ID of the key',
  previewId: 'The `id` of the preview',
  roleId: '1: admin, 2: read-only',
  sessionId: 'ID of the session',
  userId: 'ID of the user',
  uuid: 'UUID of the request, as in `X-Request-Id` and in error responses',
};

const PREFER: Parameter = {
  name: 'Prefer',
  in: 'header',
  description:
    '`extended` adds the fields of the Rollcall extension, which are marked `x-rollcall-extended` (RFC 7240). Without it the response has only the published fields.',
  example: 'extended',
  schema: { type: 'string' },
};

const PREFERENCE_HEADERS: Readonly<Record<string, Header>> = {
  'Preference-Applied': {
    description: '`extended` if the fields of the Rollcall extension are present because the request preferred them',
    schema: { type: 'string' },
  },
  Vary: { description: 'Names `Prefer`', schema: { type: 'string' } },
};

const RETRY_AFTER: Header = { description: 'Seconds to wait before another try', schema: { type: 'integer' } };

/**
 * Builds the served document from the one generated for the routes, which is left unchanged.
 * @throws Error when two different schemas have the same title
 */
export function finishDocument<Document extends object>(made: Document, surfaces: Surfaces): Document {
  const document = structuredClone(JSON.parse(JSON.stringify(made)) as OpenApiDocument);
  const named = new NamedSchemas();
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  for (const operation of operations) {
    offerExtensions(operation);
    completeParameters(operation);
    completeBody(operation);
    for (const [status, response] of Object.entries(operation.responses)) {
      if (status === '429' || status === '503') response.headers = { 'Retry-After': RETRY_AFTER };
    }
    offerPlainText(operation);
    for (const media of mediaOf(operation)) {
      if (media.schema !== undefined) media.schema = named.refer(readable(media.schema));
    }
  }
  const { schemas, ...components } = document.components;
  document.components = {
    ...components,
    schemas: { ...schemas, ...named.all() },
    responses: sharedResponses(operations),
    parameters: { Prefer: PREFER },
  };
  document.tags = surfaces.all.flatMap(({ tags }) => tags);
  return document as unknown as Document;
}

function mediaOf({ requestBody, responses }: Operation): Media[] {
  const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
  return contents.flatMap((content) => Object.values(content ?? {}));
}

/** Explains how to ask for extension fields, for operations that have some and do not always return them. */
function offerExtensions(operation: Operation): void {
  if (operation['x-rollcall-extension'] === true) return;
  for (const response of Object.values(operation.responses)) {
    const schemas = Object.values(response.content ?? {}).flatMap(({ schema }) => schema ?? []);
    if (!schemas.some(hasExtensions)) continue;
    response.headers = { ...response.headers, ...PREFERENCE_HEADERS };
    operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/Prefer' }];
  }
}

function completeParameters({ parameters = [] }: Operation): void {
  for (const parameter of parameters) {
    if (parameter.schema === undefined) continue;
    const { examples, ...schema } = readable(parameter.schema);
    parameter.schema = schema;
    parameter.description ??= schema.description ?? PARAMETERS[parameter.name ?? ''] ?? '';
    if (parameter.description === '') delete parameter.description;
    const [example] = examples ?? [];
    if (example !== undefined) parameter.example ??= example;
  }
}

/**
 * An empty body equals an empty object, so a body is required only if one of its fields is. A body without an example
 * gets one.
 */
function completeBody({ requestBody }: Operation): void {
  if (requestBody === undefined) return;
  const media = Object.values(requestBody.content);
  requestBody.required = media.some(({ schema }) => schema !== undefined && requiresFields(schema));
  for (const each of media) {
    if (each.schema !== undefined && each.examples === undefined) each.example ??= exampleOf(each.schema);
  }
}

function requiresFields({ required = [], anyOf = [] }: DocumentSchema): boolean {
  return required.length > 0 || (anyOf.length > 0 && anyOf.every(requiresFields));
}

/** A form that is not multipart has no files: a file's text goes into a plain field there. */
function offerPlainText({ requestBody }: Operation): void {
  const form = requestBody?.content['application/x-www-form-urlencoded'];
  if (form?.schema === undefined) return;
  const fields = Object.entries(form.schema.properties ?? {}).map(([name, field]) => {
    const { format, ...text } = field;
    return [name, format === 'binary' ? text : field] as const;
  });
  form.schema = { ...form.schema, properties: Object.fromEntries(fields) };
}

/** Moves the error responses that most operations share to one place, under their HTTP names. */
function sharedResponses(operations: readonly Operation[]): Record<string, Response> {
  const uses = new Map<string, { status: string; response: Response; operations: Operation[] }>();
  for (const operation of operations) {
    for (const [status, response] of Object.entries(operation.responses)) {
      if (Number(status) < 400) continue;
      const text = `${status} ${JSON.stringify(response)}`;
      const use = uses.get(text) ?? { status, response, operations: [] };
      use.operations.push(operation);
      uses.set(text, use);
    }
  }
  const shared: Record<string, Response> = {};
  const mostUsedFirst = [...uses.values()].sort((a, b) => b.operations.length - a.operations.length);
  for (const { status, response, operations: users } of mostUsedFirst) {
    const schema = response.content?.['application/json']?.schema?.$ref ?? '';
    const whose = /([^/]*)ErrorResponse$/.exec(schema)?.[1] ?? '';
    const name = `${whose}${reasonOf(Number(status)).replaceAll(' ', '')}`;
    if (users.length < 2 || Object.hasOwn(shared, name)) continue;
    shared[name] = response;
    for (const { responses } of users) responses[status] = { $ref: `#/components/responses/${name}` };
  }
  return shared;
}
