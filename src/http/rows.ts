/**
 * Verdicts on the rows of multi-profile requests, for clients that prefer them (`Prefer: return=representation` and
 * `handling=lenient`, RFC 7240) or whose key says so. For all others, a request is applied completely or not at all, as
 * published.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { withoutParticulars } from '../access-log/causes.ts';
import type { ReportedRow } from '../access-log/row-reports.ts';
import { DomainError, MAX_PROBLEMS, type Problem } from '../domain/errors.ts';
import type { RefusedRow, RowHandling, RowVerdict } from '../domain/memberships/commands.ts';
import { explainRows, type JsonSchema, listsRows } from './explain.ts';
import { immediately } from './immediate-hook.ts';
import { applyPreference, preferenceValue, varyByPreference } from './prefer.ts';
import { replayOf } from './replay-context.ts';
import { addMark } from './undeclared.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The member of the body that lists rows; set for operations that can judge them one by one. */
    rowList?: string;
    /** The member of a row that holds the ID of its profile, or what finds that ID. */
    rowId?: string | FindRowId;
  }
  interface FastifyRequest {
    /** How the rows of the request are handled, once its body has been checked; undefined if it has no list of rows. */
    rows: SentRows | undefined;
    /** The verdicts on its rows, once they have been judged; undefined unless they are wanted. */
    verdicts: readonly RowVerdict[] | undefined;
  }
}

/** Finds the profile's ID in a row of a body, neither of which need match the schema. */
export type FindRowId = (row: unknown, body: unknown) => unknown;

/** The rows of a request in the form its handler uses. */
export interface SentRows {
  /** The rows that match their schema. */
  readonly accepted: readonly unknown[];
  /** Undefined if everything is applied or nothing, without verdicts. */
  readonly handling: RowHandling | undefined;
  /** Whether the answer contains the verdicts. */
  readonly isAnswered: boolean;
  /** The client's preferences that were applied, as reported to it. */
  readonly preferences: readonly string[];
}

/** Lets the routes of `app` that have a `rowList` judge their rows; must come before the routes. */
export function installRows(app: FastifyInstance): void {
  app.decorateRequest('rows', undefined);
  app.decorateRequest('verdicts', undefined);
  app.addHook('onRoute', (route) => {
    const { config, schema } = route;
    const { rowList } = config ?? {};
    if (rowList === undefined) return;
    // The part that does not match the schema may be a single row, and the others may be applied.
    route.attachValidation = true;
    route.preHandler = [
      immediately((request) => {
        request.rows = readRows(request, rowList, schema?.body as JsonSchema);
      }),
      ...[route.preHandler ?? []].flat(),
    ];
  });
}

/** @returns undefined for a body without a list @throws DomainError `invalid`, or the mismatch that Fastify found */
function readRows(request: FastifyRequest, list: string, schema: JsonSchema): SentRows | undefined {
  if (!listsRows(schema, request.body, list)) {
    if (request.validationError !== undefined) throw request.validationError;
    return undefined;
  }
  const replayed = replayOf()?.rows;
  const handling = preferredHandling(request);
  const isLenient = replayed !== undefined || handling.isLenient;
  const sent = (request.body as Readonly<Record<string, unknown>> | null)?.[list];
  // The rows are not known yet, but the refusal of a request with rows contains more than others.
  request.rows = { accepted: [], handling: undefined, isAnswered: false, preferences: [] };
  if (!isLenient && request.validationError !== undefined) throw request.validationError;
  const { isAnswered, preferences } = handling;
  if (!isLenient && !handling.isReported) {
    return { accepted: sent as unknown[], handling: undefined, isAnswered, preferences };
  }
  const refused = request.validationError === undefined ? [] : refusedRows(request, list, schema);
  const wrong = new Set(refused.map(({ place }) => place));
  const isMeant = (place: number): boolean => replayed?.has(place) !== false;
  const rows = (sent as unknown[]).map((row, place) => ({ row, place }));
  const accepted = rows.filter(({ place }) => isMeant(place) && !wrong.has(place));
  return {
    accepted: accepted.map(({ row }) => row),
    handling: {
      isLenient,
      maxErrors: replayed === undefined ? handling.maxErrors : undefined,
      places: accepted.map(({ place }) => place),
      refused: refused.filter(({ place }) => isMeant(place)),
    },
    isAnswered,
    preferences,
  };
}

/** The rows that do not match their schema. @throws DomainError `invalid` if another part does not */
function refusedRows(request: FastifyRequest, list: string, schema: JsonSchema): RefusedRow[] {
  const { validationError, body } = request;
  const { request: problems, rows } = explainRows(schema, body, list);
  if (problems.length > 0) throw new DomainError('invalid', problems);
  const sent = (body as Readonly<Record<string, readonly unknown[]>>)[list] ?? [];
  const rest = sent.filter((_, place) => !rows.has(place));
  const fits = request.getValidationFunction('body');
  // Even if the explanation missed a problem, nothing that the schema refuses is processed.
  const fitRest = rest.length === 0 || fits?.({ ...(body as object), [list]: rest }) !== false;
  if (!fitRest && validationError !== undefined) throw validationError;
  return [...rows].map(([place, each]) => ({ place, error: new DomainError('invalid', each).toRecord() }));
}

interface PreferredHandling {
  readonly isLenient: boolean;
  readonly maxErrors: number | undefined;
  readonly isReported: boolean;
  readonly isAnswered: boolean;
  readonly preferences: readonly string[];
}

/** The handling that the request prefers, or else its key. */
function preferredHandling(request: FastifyRequest): PreferredHandling {
  const { key } = request.principal ?? {};
  const handling = preferenceValue(request, 'handling');
  const isAnswered = preferenceValue(request, 'return') === 'representation';
  const isLenient = handling === 'lenient' || (handling !== 'strict' && key?.lenientRows === true);
  const limit = isLenient
    ? (preferenceValue(request, 'max-errors') ?? preferenceValue(request, 'handling', 'max-errors'))
    : undefined;
  // A value that is not a number allows no errors, because allowing any would be the worse mistake.
  const maxErrors = limit === undefined ? undefined : /^\d{1,9}$/.test(limit) ? Number(limit) : 0;
  const preferences = [
    ...(isAnswered ? ['return=representation'] : []),
    ...(handling === 'lenient' || handling === 'strict' ? [`handling=${handling}`] : []),
    ...(maxErrors === undefined ? [] : [`max-errors=${maxErrors}`]),
  ];
  return { isLenient, maxErrors, isAnswered, isReported: isAnswered || key?.rowReports === true, preferences };
}

/** The rows that a handler must apply, and how; only for routes with a `rowList`. */
export function rowsIn<Row>(request: FastifyRequest): { rows: readonly Row[]; handling: RowHandling | undefined } {
  const { accepted = [], handling } = request.rows ?? {};
  return { rows: accepted as Row[], handling };
}

/** The rows that the domain did not refuse. */
export function acceptedRows<Row>({ rows, verdicts }: FastifyRequest, handed: readonly Row[]): readonly Row[] {
  if (verdicts === undefined || rows?.handling === undefined) return handed;
  const refused = new Set(verdicts.filter(({ verdict }) => verdict === 'refused').map(({ place }) => place));
  const { places } = rows.handling;
  return handed.filter((_, index) => !refused.has(places[index] ?? index));
}

/** Answers with the verdicts on the rows if they are wanted, and otherwise as `published` does. */
export function answerRows<Answer>(request: FastifyRequest, reply: FastifyReply, published: () => Answer) {
  const { rows, verdicts } = request;
  if (rows === undefined || verdicts === undefined) return published();
  if (verdicts.some(({ verdict }) => verdict === 'refused')) addMark(request, { kind: 'refused rows' });
  tellPreferences(request, reply);
  if (!rows.isAnswered) return published();
  return reply
    .code(200)
    .type('application/json')
    .send(JSON.stringify(answeredVerdicts(request, verdicts)));
}

/** Tells the client which of its preferences about rows were applied. */
export function tellPreferences({ rows }: FastifyRequest, reply: FastifyReply): void {
  if (rows === undefined || rows.preferences.length === 0) return;
  varyByPreference(reply);
  for (const each of rows.preferences) applyPreference(reply, each);
}

/** The verdicts in the form of the answer. */
export function answeredVerdicts(request: FastifyRequest, verdicts: readonly RowVerdict[]) {
  const rows = answeredRows(request, verdicts);
  const count = (wanted: RowVerdict['verdict']): number => rows.filter(({ verdict }) => verdict === wanted).length;
  return {
    requestId: request.id,
    applied: count('applied'),
    unchanged: count('unchanged'),
    refused: count('refused'),
    rows,
  };
}

export function answeredRows(request: FastifyRequest, verdicts: readonly RowVerdict[]): ReportedRow[] {
  const { rowList = '', rowId = '' } = request.routeOptions.config;
  const { body } = request;
  const sent = (body as Readonly<Record<string, readonly unknown[]>>)[rowList] ?? [];
  const idOf: FindRowId =
    typeof rowId === 'string' ? (row) => (Object(row) as Readonly<Record<string, unknown>>)[rowId] : rowId;
  return verdicts.map(({ place, verdict, error }) => {
    const id = idOf(sent[place], body);
    const row = typeof id === 'string' ? { row: place, integrationId: id, verdict } : { row: place, verdict };
    if (error === undefined) return row;
    return { ...row, code: error.code, message: error.problems.map((problem) => problem.message).join('; ') };
  });
}

/** The refusal of a request with rows, which names the rows and says that none was applied. */
export function namingRows(request: FastifyRequest, error: DomainError): DomainError {
  const { rowList } = request.routeOptions.config;
  if (rowList === undefined || request.rows === undefined) return error;
  if (error.code !== 'invalid' && error.code !== 'not_found') return error;
  const problems = error.problems.map((problem): Problem => {
    const rows = problem.rows ?? rowOfPointer(problem, rowList);
    const names = rows.slice(0, MAX_PROBLEMS).map((row) => `${rowList}[${row}]`);
    const isNamed = names.length === 0 || problem.message.startsWith(`${rowList}[`);
    const cause = problem.cause ?? withoutParticulars(problem.message);
    return { ...problem, cause, message: isNamed ? problem.message : `${names.join(', ')}: ${problem.message}` };
  });
  const last = problems.at(-1);
  if (last === undefined) return error;
  const told = { ...last, message: `${last.message}; nothing was applied` };
  return DomainError.fromRecord({ ...error.toRecord(), problems: [...problems.slice(0, -1), told] });
}

function rowOfPointer({ source }: Problem, list: string): number[] {
  if (source === undefined || !('pointer' in source)) return [];
  const [, name, row = ''] = source.pointer.split('/');
  return name === list && /^\d+$/.test(row) ? [Number(row)] : [];
}
