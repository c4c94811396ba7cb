/** Parses query strings as their schemas declare: texts become values, and absent parameters get their defaults. */

import type { FastifyRequest } from 'fastify';
import { IsCodec, type StaticDecode, type TObject, type TOptional, type TSchema } from 'typebox';
import { codePointLength } from '../domain/environment.ts';
import { DomainError, type Problem } from '../domain/errors.ts';
import { type Defaulted, Misfit } from './query-parameters.ts';

/** What a handler gets for the parameters of a schema; undefined for an absent parameter without a default. */
export type QueryOf<Schema extends TObject> = {
  readonly [Name in keyof Schema['properties']]: ValueOf<Schema['properties'][Name]>;
};
type ValueOf<Parameter extends TSchema> = Parameter extends TOptional
  ? Parameter extends Defaulted<TSchema>
    ? StaticDecode<Parameter>
    : StaticDecode<Parameter> | undefined
  : StaticDecode<Parameter>;

/** Types a route by the schema of its query: `app.get<WithQuery<typeof query>>(…)`. */
export interface WithQuery<Schema extends TObject> {
  Querystring: QueryOf<Schema>;
}

/** What Fastify expects of a validator: the values in place of the texts, or the refusal. */
export type QueryResult = { readonly value: Record<string, unknown> } | { readonly error: DomainError };

/** The part of JSON Schema that parameters use. */
interface ParameterSchema extends TSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
  readonly 'x-expected'?: string;
  readonly 'x-not-with'?: string;
}

interface Parameter {
  readonly name: string;
  readonly isRequired: boolean;
  readonly fallback: unknown;
  /** What a text must be, for error messages. */
  readonly expected: string;
  /** A parameter that must not be combined with this one. */
  readonly notWith: string | undefined;
  /** @throws Misfit; DomainError when there is more to say than what was expected */
  read(text: string): unknown;
}

// Any other keyword would be documented but not enforced. A format is enforced by the parameter's own parse step.
const KEYWORDS = new Set(
  'type enum minimum maximum minLength maxLength default format description examples x-expected x-not-with'.split(' '),
);

/**
 * Creates the parser of a query string. An empty parameter counts as absent, and a repeated one is refused. Parameters
 * that the schema does not name are ignored here; `undeclared.ts` handles them.
 * @throws Error for a schema with a keyword that no parser enforces
 */
export function compileQuery(schema: TObject): (query: Readonly<Record<string, unknown>>) => QueryResult {
  const required = new Set<string>(schema.required ?? []);
  const parameters = Object.entries(schema.properties).map(([name, each]) =>
    compileParameter(name, each as ParameterSchema, required.has(name)),
  );
  return (query) => {
    const value: Record<string, unknown> = {};
    const problems: Problem[] = [];
    for (const parameter of parameters) {
      const sent = query[parameter.name];
      if (sent === undefined || sent === '') {
        if (parameter.isRequired) problems.push(problem(parameter, `required; ${parameter.expected}`));
        value[parameter.name] = parameter.fallback;
      } else if (typeof sent === 'string') value[parameter.name] = readOne(parameter, sent, query, problems);
      else problems.push(problem(parameter, `expected ${parameter.expected}, given once`));
    }
    return problems.length === 0 ? { value } : { error: new DomainError('invalid', problems) };
  };
}

/**
 * Refuses a query that does not fit the route's schema before the body is read; Fastify itself checks it only
 * afterwards.
 * @returns the parsed values; none if the route declares no parameters
 * @throws DomainError `invalid`
 */
export function refuseWrongQuery(request: FastifyRequest): Readonly<Record<string, unknown>> {
  // Absent if the route declares no parameters, whatever its type says.
  const read = request.getValidationFunction('querystring') as ((query: unknown) => QueryResult) | undefined;
  const result = read?.(request.query) ?? { value: {} };
  if ('error' in result) throw result.error;
  return result.value;
}

function readOne(
  parameter: Parameter,
  text: string,
  query: Readonly<Record<string, unknown>>,
  problems: Problem[],
): unknown {
  const { notWith, expected } = parameter;
  const other = notWith === undefined ? undefined : query[notWith];
  if (other !== undefined && other !== '') {
    problems.push(problem(parameter, `cannot be used together with ${notWith}`));
    return undefined;
  }
  try {
    return parameter.read(text);
  } catch (error) {
    if (error instanceof Misfit) problems.push(problem(parameter, `expected ${expected}`));
    else if (error instanceof DomainError) problems.push(...error.problems);
    else throw error;
    return undefined;
  }
}

function problem({ name }: Parameter, message: string): Problem {
  return { title: 'Invalid value', message: `Query parameter ${name}: ${message}`, source: { parameter: name } };
}

function compileParameter(name: string, schema: ParameterSchema, isRequired: boolean): Parameter {
  const unknown = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (unknown !== undefined) throw new Error(`Query parameter ${name}: no reader holds to '${unknown}'`);
  const { read, expected } = readerOf(name, schema);
  const decode = IsCodec(schema) ? schema['~codec'].decode : (value: unknown) => value;
  const { default: fallback } = schema;
  return {
    name,
    isRequired,
    fallback: fallback === undefined ? undefined : decode(fallback),
    expected: schema['x-expected'] ?? expected,
    notWith: schema['x-not-with'],
    read: (text) => decode(read(text)),
  };
}

/** How a text is parsed by the type of its parameter, and what is expected. */
function readerOf(name: string, schema: ParameterSchema): Pick<Parameter, 'read' | 'expected'> {
  if (schema.enum !== undefined) {
    const choices = schema.enum;
    const read = (text: string): string => {
      if (!choices.includes(text)) throw new Misfit();
      return text;
    };
    return { read, expected: `one of ${choices.join(', ')}` };
  }
  switch (schema.type) {
    case 'string':
      return stringReader(schema);
    case 'integer':
      return integerReader(schema);
    case 'boolean':
      return { read: readBoolean, expected: 'true or false' };
    case undefined:
    default:
      throw new Error(`Query parameter ${name}: no reader for the type '${schema.type}'`);
  }
}

function stringReader({ minLength = 0, maxLength }: ParameterSchema): Pick<Parameter, 'read' | 'expected'> {
  if (minLength === 0 && maxLength === undefined) return { read: (text) => text, expected: 'text' };
  const read = (text: string): string => {
    const length = codePointLength(text);
    if (length < minLength || length > (maxLength ?? Number.POSITIVE_INFINITY)) throw new Misfit();
    return text;
  };
  if (maxLength === undefined) return { read, expected: `at least ${minLength} characters` };
  return {
    read,
    expected: minLength === 0 ? `at most ${maxLength} characters` : `${minLength} to ${maxLength} characters`,
  };
}

function integerReader({
  minimum = 0,
  maximum = Number.MAX_SAFE_INTEGER,
}: ParameterSchema): Pick<Parameter, 'read' | 'expected'> {
  const read = (text: string): number => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= minimum && value <= maximum)) throw new Misfit();
    return value;
  };
  return { read, expected: `a whole number from ${minimum} to ${maximum}` };
}

function readBoolean(text: string): boolean {
  if (/^(true|1)$/i.test(text)) return true;
  if (/^(false|0)$/i.test(text)) return false;
  throw new Misfit();
}
