/**
 * The served OpenAPI document, reduced to what a test needs: operations, their parameters and bodies, and their
 * answers.
 */

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answer } from './raw-client.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly $ref?: string;
}

interface Parameter {
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly name: string;
  readonly schema: Schema;
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

interface DocumentedResponse {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly responses?: Readonly<Record<string, DocumentedResponse>>;
  };
}

/** The documented answer of an operation for one status: a body of this form, or none. */
export interface DocumentedAnswer {
  readonly validate: ValidateFunction | undefined;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With `{name}` in place of a parameter. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly answers: ReadonlyMap<number, DocumentedAnswer>;
}

/**
 * Reads the document and prepares a validator for every answer in it.
 * @param tagged which operations, by one of their tags
 */
export function readOperations(document: unknown, tagged: RegExp = /./): Operation[] {
  const { paths, components } = document as Document;
  const shared = components?.schemas ?? {};
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  const operations: Operation[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.tags?.some((tag) => tagged.test(tag)) !== true) continue;
      const body = operation.requestBody?.content['application/json']?.schema;
      const answers = new Map<number, DocumentedAnswer>();
      for (const [status, response] of Object.entries(operation.responses)) {
        const shownAt = response.$ref?.replace('#/components/responses/', '');
        const { content } = shownAt === undefined ? response : (components?.responses?.[shownAt] ?? {});
        const schema = content?.['application/json']?.schema;
        const validate = schema === undefined ? undefined : ajv.compile(closed(resolve(schema, shared)));
        answers.set(Number(status), { validate });
      }
      operations.push({
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        parameters: operation.parameters ?? [],
        body: body === undefined ? undefined : resolve(body, shared),
        answers,
      });
    }
  }
  return operations;
}

/** The schema with every reference replaced by its target. */
function resolve(schema: Schema, shared: Readonly<Record<string, Schema>>): Schema {
  return rewrite(schema, (each) => {
    if (each.$ref === undefined) return each;
    const target = shared[each.$ref.replace('#/components/schemas/', '')];
    if (target === undefined) throw new Error(`the document refers to ${each.$ref}, which it lacks`);
    return resolve(target, shared);
  });
}

/** The schema without room for undeclared fields: an answer contains exactly what is documented. */
function closed(schema: Schema): Schema {
  return rewrite(schema, (each) =>
    each.type === 'object' && each.additionalProperties === undefined ? { ...each, additionalProperties: false } : each,
  );
}

function rewrite(schema: Schema, change: (schema: Schema) => Schema): Schema {
  const changed = change(schema);
  const { properties, items, anyOf } = changed;
  return {
    ...changed,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, each]) => [name, rewrite(each, change)]),
          ),
        }),
    ...(items === undefined ? {} : { items: rewrite(items, change) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((each) => rewrite(each, change)) }),
  };
}

/** Says what is wrong with an answer's body for its documented status; undefined if nothing is. */
export function mismatch(documented: DocumentedAnswer, answer: Answer): string | undefined {
  if (documented.validate === undefined) {
    if (answer.text !== '') return 'a body where none is documented';
    return answer.headers['content-type'] === undefined ? undefined : 'a Content-Type without a body';
  }
  if (!/^application\/json(;|$)/.test(answer.headers['content-type'] ?? '')) {
    return `Content-Type ${answer.headers['content-type']} where application/json is documented`;
  }
  let body: unknown;
  try {
    body = answer.json();
  } catch {
    return 'a body that is no JSON';
  }
  if (documented.validate(body)) return undefined;
  return `the body does not match: ${JSON.stringify(documented.validate.errors?.slice(0, 3))}`;
}
