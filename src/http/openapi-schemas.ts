/**
 * Schemas for client generators: what ours express in their own keywords is translated into those that every generator
 * knows.
 */

import { EXTENDED_KEYWORD } from './extended.ts';

/** The part of JSON Schema that our schemas use. */
export interface DocumentSchema {
  readonly $ref?: string;
  readonly title?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly maximum?: number;
  readonly examples?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, DocumentSchema>>;
  readonly items?: DocumentSchema;
  readonly anyOf?: readonly DocumentSchema[];
  readonly [EXTENDED_KEYWORD]?: boolean;
}

/** Keywords for the server's own messages and checks. */
const HINTS = new Set(['x-expected', 'x-remedy', 'x-not-with', 'x-tag']);

const EXTENDED_NOTE = 'Rollcall extension: only with `Prefer: extended`, and in operations of the Rollcall extension';

/** A schema with every schema inside it changed first, and then itself. */
function rewrite(schema: DocumentSchema, change: (schema: DocumentSchema) => DocumentSchema): DocumentSchema {
  const { properties, items, anyOf } = schema;
  return change({
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, rewrite(each, change)])),
    }),
    ...(items && { items: rewrite(items, change) }),
    ...(anyOf && { anyOf: anyOf.map((each) => rewrite(each, change)) }),
  });
}

/** A schema in the vocabulary of generators. */
export function readable(schema: DocumentSchema): DocumentSchema {
  return rewrite(schema, (each) => optionalExtensions(plainUnion(portableText(wideNumber(withoutHints(each))))));
}

/** The server's messages about invalid values do not concern clients. */
function withoutHints(schema: DocumentSchema): DocumentSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !HINTS.has(name)));
}

/** IDs outgrow the 32 bits that some languages give an integer. */
function wideNumber(schema: DocumentSchema): DocumentSchema {
  return schema.type === 'integer' && schema.maximum === Number.MAX_SAFE_INTEGER
    ? { ...schema, format: 'int64' }
    : schema;
}

/**
 * Patterns that the engines of other languages understand too: in most, text has no lone surrogates that a pattern
 * could exclude, and naming them is an error.
 */
function portableText(schema: DocumentSchema): DocumentSchema {
  if (schema.pattern === undefined) return schema;
  return { ...schema, pattern: schema.pattern.replaceAll('\\ud800-\\udfff', '').replaceAll('\\u0000', '\\x00') };
}

/**
 * Choices as one `enum`, and null as one more type: a union makes most generators invent a name for each of its parts.
 */
function plainUnion(schema: DocumentSchema): DocumentSchema {
  const { anyOf = [], ...rest } = schema;
  if (anyOf.length > 0 && anyOf.every((each) => 'const' in each)) {
    return { ...rest, type: 'string', enum: anyOf.map((each) => each.const) };
  }
  const [first, second, ...more] = anyOf;
  if (first !== undefined && second?.type === 'null' && more.length === 0) {
    const isScalar = typeof first.type === 'string' && first.properties === undefined && first.$ref === undefined;
    if (!isScalar) return schema;
    const choices = first.enum === undefined ? {} : { enum: [...first.enum, null] };
    return { ...first, ...rest, type: [first.type, 'null'], ...choices };
  }
  return schema.enum !== undefined && schema.type === undefined ? { ...schema, type: 'string' } : schema;
}

/** Extension fields are never required, since a response in the published shape has none of them. */
function optionalExtensions(schema: DocumentSchema): DocumentSchema {
  const { properties, required } = schema;
  if (properties === undefined) return schema;
  const noted = Object.entries(properties).map(([name, each]): [string, DocumentSchema] => {
    if (each[EXTENDED_KEYWORD] !== true) return [name, each];
    return [name, { ...each, description: [each.description, EXTENDED_NOTE].filter(Boolean).join('. ') }];
  });
  const isOurs = (name: string) => properties[name]?.[EXTENDED_KEYWORD] === true;
  return {
    ...schema,
    properties: Object.fromEntries(noted),
    ...(required && { required: required.filter((name) => !isOurs(name)) }),
  };
}

/** Whether a schema has extension fields anywhere. */
export function hasExtensions(schema: DocumentSchema): boolean {
  let found = false;
  rewrite(schema, (each) => {
    found ||= each[EXTENDED_KEYWORD] === true;
    return each;
  });
  return found;
}

/** Named schemas: each appears once in the document, wherever it is used. */
export class NamedSchemas {
  readonly #schemas = new Map<string, DocumentSchema>();

  /**
   * The schema with references in place of everything in it that has a title, including itself.
   * @throws Error when two different schemas have the same title
   */
  refer(schema: DocumentSchema): DocumentSchema {
    return rewrite(schema, (each) => {
      const { title } = each;
      if (title === undefined) return each;
      const known = this.#schemas.get(title);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(each)) {
        throw new Error(`Two schemas of the OpenAPI document have the title ${title}`);
      }
      this.#schemas.set(title, each);
      return { $ref: `#/components/schemas/${title}` };
    });
  }

  /** All of them, by name. */
  all(): Record<string, DocumentSchema> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => a.localeCompare(b)));
  }
}
