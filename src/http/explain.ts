/**
 * Explains why a body does not fit its schema. Ajv decides quickly whether it fits; this walk is made only if it does
 * not, and stops after ten problems, however large the body.
 */

import { codePointLength, isStorableText } from '../domain/environment.ts';
import { MAX_PROBLEMS, type Problem } from '../domain/errors.ts';

/** The part of JSON Schema that request bodies use. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  /** The only values allowed. */
  readonly enum?: readonly string[];
  /** What is expected, in words: `an integer audience ID`. */
  readonly 'x-expected'?: string;
  /** What to do instead when a value of another type was sent. */
  readonly 'x-remedy'?: string;
  /** The property that distinguishes the alternatives of `anyOf`: each has its own values of it. */
  readonly 'x-tag'?: string;
}

/** Our own annotations, which validators must accept. */
export const SCHEMA_ANNOTATIONS = ['x-expected', 'x-remedy', 'x-tag'];

type Path = readonly (string | number)[];

function display(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

function pointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

const TYPE_NAMES: Record<string, string> = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};

function hasType(schema: JsonSchema, value: unknown): boolean {
  const actual = typeOf(value);
  if (schema.enum !== undefined) return actual === 'string';
  if (schema.type === undefined) return true;
  if (schema.type === 'integer') return actual === 'number' && Number.isInteger(value);
  return schema.type === actual;
}

/** The problems of a body in order of position; missing fields of an object first. */
export function explainMismatch(schema: JsonSchema, body: unknown): Problem[] {
  if (typeOf(body) !== 'object') return [{ title: 'Invalid type', message: 'Body must be a JSON object' }];
  const problems: Problem[] = [];
  walk(schema, body, [], problems);
  return problems;
}

/** The problems of a body outside its list of rows, and those of each invalid row. */
export interface RowProblems {
  readonly request: readonly Problem[];
  readonly rows: ReadonlyMap<number, readonly Problem[]>;
}

/** Reports whether a body should have a list of rows: some kinds of messages have none. */
export function listsRows(schema: JsonSchema, body: unknown, list: string): boolean {
  const { properties = {}, required = [] } = schemaFor(schema, body);
  if (!Object.hasOwn(properties, list)) return false;
  return required.includes(list) || !isAbsent((body as Readonly<Record<string, unknown>>)[list]);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Checks each row of a body separately. @param list the member of the body that lists the rows */
export function explainRows(union: JsonSchema, body: unknown, list: string): RowProblems {
  const rows = new Map<number, Problem[]>();
  const schema = schemaFor(union, body);
  const { properties: { [list]: property, ...others } = {}, required = [] } = schema;
  const listSchema = property?.anyOf?.find(({ type }) => type === 'array') ?? property;
  const sent = typeOf(body) === 'object' ? (body as Readonly<Record<string, unknown>>)[list] : undefined;
  if (!Array.isArray(sent) || listSchema?.items === undefined) return { request: explainMismatch(schema, body), rows };
  const { items, ...listItself } = listSchema;
  const request: Problem[] = [];
  walk(listItself, sent, [list], request);
  const rest = { ...schema, properties: others, required: required.filter((name) => name !== list) };
  request.push(...explainMismatch(rest, body));
  if (request.length > 0) return { request, rows };
  for (const [place, row] of sent.entries()) {
    const problems: Problem[] = [];
    walk(items, row, [list, place], problems);
    if (problems.length > 0) rows.set(place, problems);
  }
  return { request, rows };
}

function walk(schema: JsonSchema, value: unknown, path: Path, problems: Problem[]): void {
  if (problems.length >= MAX_PROBLEMS) return;
  const add = (title: string, message: string): void => {
    problems.push({ title, message: `${display(path)}: ${message}`, source: { pointer: pointer(path) } });
  };
  if (schema['x-tag'] !== undefined && typeOf(value) === 'object') {
    walkObject(schemaFor(schema, value), value as Record<string, unknown>, path, problems);
    return;
  }
  if (schema.anyOf !== undefined) {
    const branch = schema.anyOf.find((each) => hasType(each, value));
    if (branch !== undefined) {
      walk(branch, value, path, problems);
      return;
    }
    const accepted = schema.anyOf.filter((each) => each.type !== 'null');
    const expected = schema['x-expected'] ?? accepted.map((each) => describe(each)).join(' or ');
    const remedy = schema['x-remedy'] ?? accepted.find((each) => each['x-remedy'] !== undefined)?.['x-remedy'];
    add('Invalid type', `expected ${expected}${remedyText(remedy, value, problems)}`);
    return;
  }
  if (!hasType(schema, value)) {
    add('Invalid type', `expected ${describe(schema)}${remedyText(schema['x-remedy'], value, problems)}`);
    return;
  }
  if (typeof value === 'string') checkText(schema, value, add);
  else if (typeof value === 'number') checkNumber(schema, value, add);
  else if (Array.isArray(value)) {
    if (schema.maxItems !== undefined && value.length > schema.maxItems) {
      add('limit', `${value.length} entries; at most ${schema.maxItems} per request: split it`);
      return;
    }
    if (schema.minItems !== undefined && value.length < schema.minItems) {
      add('limit', `${value.length} entries; at least ${schema.minItems} needed`);
      return;
    }
    for (let index = 0; index < value.length && problems.length < MAX_PROBLEMS; index += 1) {
      if (schema.items !== undefined) walk(schema.items, value[index], [...path, index], problems);
    }
  } else if (typeof value === 'object' && value !== null) {
    walkObject(schema, value as Record<string, unknown>, path, problems);
  }
}

/** The schema of a body: of alternatives, the one that it is meant for. */
function schemaFor(schema: JsonSchema, body: unknown): JsonSchema {
  const tag = schema['x-tag'];
  if (tag === undefined || typeOf(body) !== 'object') return schema;
  return taggedBranch(schema, tag, body as Record<string, unknown>);
}

/** The alternative that a value is meant for; a schema of only the tag if there is none. */
function taggedBranch({ anyOf = [] }: JsonSchema, tag: string, value: Readonly<Record<string, unknown>>): JsonSchema {
  const tagOf = ({ properties }: JsonSchema): readonly string[] => properties?.[tag]?.enum ?? [];
  const sent = Object.hasOwn(value, tag) ? value[tag] : undefined;
  const branch = anyOf.find((each) => typeof sent === 'string' && tagOf(each).includes(sent));
  return branch ?? { required: [tag], properties: { [tag]: { enum: anyOf.flatMap(tagOf) } } };
}

function walkObject(schema: JsonSchema, value: Record<string, unknown>, path: Path, problems: Problem[]): void {
  for (const name of schema.required ?? []) {
    if (problems.length >= MAX_PROBLEMS) return;
    const missing = !Object.hasOwn(value, name) || value[name] === null;
    const nullable = hasNullBranch(schema.properties?.[name]);
    if (missing && !(Object.hasOwn(value, name) && nullable)) {
      const at = [...path, name];
      problems.push({ title: 'required', message: `${display(at)}: required`, source: { pointer: pointer(at) } });
    }
  }
  for (const name of Object.keys(value)) {
    const property = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined;
    const reported = value[name] === null && (schema.required ?? []).includes(name);
    if (property !== undefined && !reported) walk(property, value[name], [...path, name], problems);
  }
}

function hasNullBranch(schema: JsonSchema | undefined): boolean {
  return schema?.anyOf?.some((each) => each.type === 'null') ?? false;
}

function describe(schema: JsonSchema): string {
  const known = schema.enum === undefined ? TYPE_NAMES[schema.type ?? ''] : `one of ${schema.enum.join(', ')}`;
  return schema['x-expected'] ?? known ?? 'another value';
}

/** The remedy, only once: a batch that names all its audiences the wrong way needs it only the first time. */
function remedyText(remedy: string | undefined, value: unknown, problems: readonly Problem[]): string {
  const otherKind = typeof value === 'string' || typeof value === 'number';
  if (remedy === undefined || !otherKind || problems.some(({ message }) => message.includes(remedy))) return '';
  return ` (${remedy})`;
}

type Add = (title: string, message: string) => void;

function checkText(schema: JsonSchema, value: string, add: Add): void {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema;
  if (schema.enum?.includes(value) === false) {
    add('enum', `must be one of ${schema.enum.join(', ')}`);
    return;
  }
  const length = codePointLength(value);
  if (length < minLength || length > maxLength) add('length', `length must be ${minLength} to ${maxLength}`);
  else if (!isStorableText(value)) add('Invalid value', 'must not contain NUL characters or lone surrogates');
  else if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    const { 'x-expected': expected } = schema;
    const misfit = expected === undefined ? 'has the wrong form' : `expected ${expected}`;
    add('Invalid value', value.trim() === '' ? 'must not be blank' : misfit);
  }
}

function checkNumber(schema: JsonSchema, value: number, add: Add): void {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  if (value < minimum || value > maximum) add('Invalid value', `must be ${minimum} to ${maximum}`);
}
