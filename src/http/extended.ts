/**
 * Fields that published operations do not have. A schema marks them; clients get them if they prefer `extended`, and
 * always in operations of the Rollcall extension. Everybody else gets the published shape, which strict readers accept.
 */

import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import { applyPreference, prefers, varyByPreference } from './prefer.ts';

/** The schema keyword that marks a field as an extension; the OpenAPI document keeps it. */
export const EXTENDED_KEYWORD = 'x-rollcall-extended';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for an operation of the Rollcall extension: it has no published shape, and always returns all fields. */
    extension?: boolean;
  }
}

/** Marks fields of an object as extensions. */
export function extended<Fields extends Record<string, TSchema>>(fields: Fields): Fields {
  const mark = { value: true, enumerable: true };
  const marked = Object.entries(fields).map(([name, schema]) => {
    // A plain copy would lose that a field is optional.
    const parts = { ...Object.getOwnPropertyDescriptors(schema), [EXTENDED_KEYWORD]: mark };
    return [name, Object.defineProperties({}, parts)];
  });
  return Object.fromEntries(marked) as Fields;
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly [EXTENDED_KEYWORD]?: boolean;
}

/** What was found for each schema: most are parts of the answers of many routes. */
const publishedForms = new WeakMap<object, object>();

/** A schema without the extension fields; the same schema if it has none. */
export function publishedForm<Schema extends object>(schema: Schema): Schema {
  let form = publishedForms.get(schema);
  if (form === undefined) {
    form = makePublishedForm(schema);
    publishedForms.set(schema, form);
  }
  return form as Schema;
}

function makePublishedForm(schema: object): object {
  const node: SchemaNode = schema;
  const changes: { -readonly [Key in keyof SchemaNode]?: SchemaNode[Key] } = {};
  if (node.properties !== undefined) {
    const all = Object.entries(node.properties);
    const kept = all.filter(([, each]) => each[EXTENDED_KEYWORD] !== true);
    const published = kept.map(([name, each]) => [name, publishedForm(each)] as const);
    if (kept.length < all.length || published.some(([, each], index) => each !== kept[index]?.[1])) {
      changes.properties = Object.fromEntries(published);
      const required = node.required?.filter((name) => Object.hasOwn(changes.properties ?? {}, name));
      if (required !== undefined) changes.required = required;
    }
  }
  if (node.items !== undefined) {
    const items = publishedForm(node.items);
    if (items !== node.items) changes.items = items;
  }
  if (node.anyOf !== undefined) {
    const anyOf = node.anyOf.map((each) => publishedForm(each));
    if (anyOf.some((each, index) => each !== node.anyOf?.[index])) changes.anyOf = anyOf;
  }
  return Object.keys(changes).length === 0 ? schema : { ...schema, ...changes };
}

/** The summary of an operation in one line, which also says whether it is an extension. */
export function summaryOf(summary: string, config: FastifyContextConfig | undefined): string {
  return config?.extension === true ? `${summary} (Rollcall extension)` : summary;
}

/** A response that is sent with the extension fields: serializers recognise it by this type. */
export class FullAnswer {
  readonly body: unknown;

  constructor(body: unknown) {
    this.body = body;
  }
}

/** Whether a documented response has extension fields. */
function hasExtendedFields(response: unknown): boolean {
  const { content } = response as { content?: Readonly<Record<string, { schema?: object }>> };
  return Object.values(content ?? {}).some(({ schema }) => schema !== undefined && publishedForm(schema) !== schema);
}

/** Lets each route of `app` that has extension fields answer with or without them. Must come before the routes. */
export function installExtendedAnswers(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const answers = Object.entries((route.schema?.response ?? {}) as Record<string, unknown>);
    const statuses = answers.filter(([, response]) => hasExtendedFields(response)).map(([status]) => Number(status));
    if (statuses.length === 0) return;
    const isExtension = route.config?.extension === true;
    route.preSerialization = [
      (request, reply, payload, done) => {
        if (!statuses.includes(reply.statusCode)) return done(null, payload);
        if (isExtension) return done(null, new FullAnswer(payload));
        varyByPreference(reply);
        if (!prefers(request, 'extended')) return done(null, payload);
        applyPreference(reply, 'extended');
        return done(null, new FullAnswer(payload));
      },
      ...[route.preSerialization ?? []].flat(),
    ];
  });
}
