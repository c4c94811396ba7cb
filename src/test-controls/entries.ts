/** Reads the plain objects with which tests seed a server: labelled entries whose fields have known names and types. */

import { DomainError, type Problem, type ProblemSource } from '../domain/errors.ts';
import { nearestName } from '../domain/nearest-name.ts';

/** Types of the fields of an entry; `any` is checked by the code that uses the value. */
type FieldType = 'string' | 'number' | 'boolean' | 'object' | 'strings' | 'any';
export type Fields = Readonly<Record<string, FieldType>>;

/** The values of the fields; an absent one is undefined. */
type ValueOf<Type extends FieldType> = Type extends 'string'
  ? string
  : Type extends 'number'
    ? number
    : Type extends 'boolean'
      ? boolean
      : Type extends 'object'
        ? Readonly<Record<string, unknown>>
        : Type extends 'strings'
          ? readonly string[]
          : unknown;
export type EntryOf<Of extends Fields> = { readonly [Name in keyof Of]?: ValueOf<Of[Name]> | undefined };

const EXPECTED: Readonly<Record<Exclude<FieldType, 'any'>, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  strings: 'a list of texts',
};

/** A problem at a path of the object. */
export function problemAt(path: readonly string[], message: string): DomainError {
  const whole = path.length === 0 ? message : `${path.join('.')}: ${message}`;
  return new DomainError('invalid', [{ title: 'Invalid value', message: whole, source: { pointer: pointerOf(path) } }]);
}

/** Runs an operation for the value at a path, and makes its refusal name that path. */
export async function at<T>(path: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(
      error.code,
      error.problems.map((problem) => below(path, problem)),
    );
  }
}

function below(path: readonly string[], problem: Problem): Problem {
  const inside = isPointer(problem.source) ? problem.source.pointer : '';
  // Most messages begin with the field, which becomes part of the path.
  const isNamed = inside !== '' && problem.message.startsWith(`${inside.slice(1).replaceAll('/', '.')}: `);
  const message = `${path.join('.')}${isNamed ? '.' : ': '}${problem.message}`;
  return { ...problem, message, source: { pointer: pointerOf(path) + inside } };
}

function isPointer(source: ProblemSource | undefined): source is { readonly pointer: string } {
  return source !== undefined && 'pointer' in source;
}

function pointerOf(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The labelled entries at a path; none if it is absent. @throws DomainError `invalid` */
export function entriesAt(value: unknown, path: readonly string[]): [label: string, entry: unknown][] {
  if (value === undefined) return [];
  if (!isObject(value)) throw problemAt(path, 'must be an object whose keys are labels of your own');
  return Object.entries(value);
}

/** Reads an entry with these fields. @throws DomainError `invalid` for a field with another name or type */
export function readEntry<const Of extends Fields>(value: unknown, path: readonly string[], fields: Of): EntryOf<Of> {
  if (!isObject(value)) throw problemAt(path, 'must be an object');
  for (const [name, field] of Object.entries(value)) {
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (type === undefined) {
      const nearest = nearestName(name, Object.keys(fields));
      const meant = nearest === undefined ? `one of ${Object.keys(fields).join(', ')}` : `did you mean ${nearest}?`;
      throw problemAt([...path, name], `is not known here; ${meant}`);
    }
    if (field !== undefined && type !== 'any' && !hasType(field, type)) {
      throw problemAt([...path, name], `must be ${EXPECTED[type]}`);
    }
  }
  return value as EntryOf<Of>;
}

function hasType(value: unknown, type: FieldType): boolean {
  if (type === 'object') return isObject(value);
  if (type === 'strings') return Array.isArray(value) && value.every((each) => typeof each === 'string');
  return typeof value === type;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
