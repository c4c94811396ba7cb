/**
 * Fields and query parameters that a route does not declare. Operations of the Rollcall extension refuse them, since a
 * misspelled `dry` would otherwise run for real; published operations ignore them, as published, and mark the request.
 * Everything follows from the schema of the route.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type IgnoredName, ignoredName, MAX_MARKS, type Mark, suggestionText } from '../access-log/marks.ts';
import { DomainError, MAX_PROBLEMS, type Problem, type ProblemSource } from '../domain/errors.ts';
import { nearestName } from '../domain/nearest-name.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's marks; undefined if there are none. */
    marks: Mark[] | undefined;
  }
}

/** The part of a schema that names fields. */
interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly 'x-tag'?: string;
}

/** The names an object may have, and where nested objects are. */
interface Shape {
  /** Undefined if any name is valid. */
  readonly names: ReadonlySet<string> | undefined;
  readonly nested: readonly (readonly [name: string, shape: Shape])[];
  /** For lists: the shape of each item. */
  readonly items: Shape | undefined;
  /** The path here: `data[].`. */
  readonly path: string;
}

/** Longer lists are not examined further; the schema refuses them anyway. */
const MAX_ITEMS = 1000;
const MAX_SHOWN = 100;

/** An undeclared name, and where it is. */
interface Undeclared {
  readonly path: string;
  readonly name: string;
  readonly pointer: string;
  readonly suggestion: string | undefined;
}

/** Examines requests to each route of `app` that is an operation; must come before the routes. */
export function installUndeclaredChecks(app: FastifyInstance): void {
  app.decorateRequest('marks', undefined);
  app.addHook('onRoute', (route) => {
    const { schema, config } = route;
    if (schema?.operationId === undefined) return;
    const body = schema.body as SchemaNode | undefined;
    // Messages of several kinds on one path have fields that no schema here lists.
    const isListed = body !== undefined && config?.upload !== true && body['x-tag'] === undefined;
    const shape = isListed ? shapeOf(body, '') : undefined;
    const parameters = new Set(Object.keys((schema.querystring as SchemaNode | undefined)?.properties ?? {}));
    const isOurs = config?.extension === true;
    const mayBeEmpty = shape !== undefined && (body?.required ?? []).length === 0;
    route.preValidation = [
      ...[route.preValidation ?? []].flat(),
      (request: FastifyRequest, _reply: unknown, done: (error?: Error) => void): void => {
        const query = request.query as Readonly<Record<string, unknown>>;
        const fieldsFit = shape === undefined || fits(shape, request.body);
        if (fieldsFit && hasOnly(parameters, query)) {
          if (mayBeEmpty && !isOurs && isEmpty(request)) addMark(request, { kind: 'empty body' });
          done();
          return;
        }
        const fields: Undeclared[] = [];
        if (!fieldsFit && shape !== undefined) collect(shape, request.body, '', shape, fields);
        const unknown = Object.keys(query)
          .filter((name) => !parameters.has(name))
          .slice(0, MAX_PROBLEMS);
        if (isOurs) done(refusal(fields, unknown, parameters));
        else {
          for (const { path, name, suggestion } of fields) {
            addMark(request, ignoredName('ignored field', `${path}${name}`, suggestion));
          }
          for (const name of unknown) {
            addMark(request, ignoredName('ignored parameter', name, nearestName(name, parameters)));
          }
          done();
        }
      },
    ];
  });
}

/** Marks a request, once per mark. Marks that are known only at its end are added however many there are. */
export function addMark(request: FastifyRequest, mark: Mark): void {
  request.marks ??= [];
  if (request.marks.length >= MAX_MARKS && mark.kind !== 'client gone' && mark.kind !== 'repeat') return;
  const name = 'name' in mark ? mark.name : '';
  const isKnown = (each: Mark): boolean => each.kind === mark.kind && nameOf(each) === name;
  if (!request.marks.some(isKnown)) request.marks.push(mark);
}

function nameOf(mark: Mark): string {
  return (mark as Partial<IgnoredName>).name ?? '';
}

function shapeOf(schema: SchemaNode, path: string): Shape {
  const object = schema.anyOf?.find((each) => each.type === 'object' || each.type === 'array') ?? schema;
  if (object.type === 'array') {
    const items = object.items === undefined ? undefined : shapeOf(object.items, `${path.replace(/\.$/, '')}[].`);
    return {
      names: undefined,
      nested: [],
      items: items !== undefined && isInformative(items) ? items : undefined,
      path,
    };
  }
  const { properties } = object;
  const isOpen = properties === undefined || (object.additionalProperties ?? false) !== false;
  const nested = Object.entries(properties ?? {})
    .map(([name, each]) => [name, shapeOf(each, `${path}${name}.`)] as const)
    .filter(([, shape]) => isInformative(shape));
  return { names: isOpen ? undefined : new Set(Object.keys(properties)), nested, items: undefined, path };
}

/** Whether a shape can reveal anything. */
function isInformative({ names, nested, items }: Shape): boolean {
  return names !== undefined || nested.length > 0 || items !== undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function hasOnly(names: ReadonlySet<string>, value: Readonly<Record<string, unknown>>): boolean {
  for (const name in value) if (!names.has(name)) return false;
  return true;
}

/** Whether all names in a value are declared. Runs for every request, so it allocates nothing. */
function fits({ names, nested, items }: Shape, value: unknown): boolean {
  if (!isObject(value)) return true;
  if (items !== undefined) {
    if (!Array.isArray(value)) return true;
    const end = Math.min(value.length, MAX_ITEMS);
    for (let index = 0; index < end; index += 1) if (!fits(items, value[index])) return false;
    return true;
  }
  if (Array.isArray(value)) return true;
  if (names !== undefined && !hasOnly(names, value)) return false;
  for (const [name, shape] of nested) if (!fits(shape, value[name])) return false;
  return true;
}

/** The first undeclared names, each path and name once. */
function collect(shape: Shape, value: unknown, pointer: string, root: Shape, found: Undeclared[]): void {
  if (!isObject(value) || found.length >= MAX_PROBLEMS) return;
  if (Array.isArray(value)) {
    if (shape.items === undefined) return;
    for (const [index, item] of value.slice(0, MAX_ITEMS).entries()) {
      collect(shape.items, item, `${pointer}/${index}`, root, found);
    }
    return;
  }
  const { names, nested, path } = shape;
  if (names !== undefined) {
    for (const name in value) {
      if (names.has(name) || found.length >= MAX_PROBLEMS) continue;
      if (found.some((each) => each.path === path && each.name === name)) continue;
      const nearest = nearestName(name, names);
      const suggestion = nearest === undefined ? placeOf(root, name) : `${path}${nearest}`;
      found.push({ path, name, pointer: `${pointer}/${escapePointer(name)}`, suggestion });
    }
  }
  for (const [name, each] of nested) collect(each, value[name], `${pointer}/${name}`, root, found);
}

/** Where else a name is declared: `adds` belongs in `audiencesChanges`. */
function placeOf({ names, nested, items, path }: Shape, name: string): string | undefined {
  if (names?.has(name) === true) return `${path}${name}`;
  for (const shape of items === undefined ? nested.map(([, each]) => each) : [items]) {
    const place = placeOf(shape, name);
    if (place !== undefined) return place;
  }
  return undefined;
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function isEmpty({ receivedBody, method }: FastifyRequest): boolean {
  if (method === 'DELETE') return false;
  return receivedBody === undefined || (receivedBody.length < MAX_SHOWN && receivedBody.toString().trim() === '');
}

function refusal(
  fields: readonly Undeclared[],
  unknown: readonly string[],
  parameters: ReadonlySet<string>,
): DomainError {
  return new DomainError('invalid', [
    ...fields.map(({ path, name, pointer, suggestion }) =>
      problem('field', `${path}${name}`, suggestion, ignoredName('ignored field', `${path}${name}`, suggestion), {
        pointer,
      }),
    ),
    ...unknown.map((name) => {
      const suggestion = nearestName(name, parameters);
      return problem('query parameter', name, suggestion, ignoredName('ignored parameter', name, suggestion), {
        parameter: name.slice(0, MAX_SHOWN),
      });
    }),
  ]);
}

/** @param grouped the same without a name that may be anything */
function problem(
  what: string,
  name: string,
  suggestion: string | undefined,
  grouped: IgnoredName,
  source: ProblemSource,
): Problem {
  const shown = name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name;
  return {
    title: 'Unknown',
    message: `Unknown ${what} \`${shown}\`${suggestionText(suggestion)}`,
    source,
    cause: grouped.name === '' ? `unknown ${what}` : `unknown ${what} \`${grouped.name}\``,
  };
}
