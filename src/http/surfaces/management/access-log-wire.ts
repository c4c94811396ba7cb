/** The access log on the wire: its query parameters, and the form of its entries. */

import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type {
  AccessLogFilter,
  LoggedDetail,
  LoggedExchange,
  LogPosition,
  TimeRange,
} from '../../../access-log/access-log.ts';
import { type IgnoredName, type Mark, markText } from '../../../access-log/marks.ts';
import { compilePathPattern } from '../../../access-log/path-pattern.ts';
import type { RowReport as KeptReport } from '../../../access-log/row-reports.ts';
import { invalid } from '../../../domain/errors.ts';
import { principalOf } from '../../back-office-auth.ts';
import { cursorQuery } from '../../paging.ts';
import { Parsed, Time } from '../../query-parameters.ts';
import type { QueryOf } from '../../query-strings.ts';
import { Id, timestamp } from '../../wire.ts';
import type { AccessLogDetail, AccessLogEntry, RequestMark, RowReport } from './access-logs-schemas.ts';

const MAX_TEXT = 500;
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

export const filterQuery = {
  path: Type.Optional(
    Parsed(Type.String({ description: 'Regular expression (RE2) for the path, at most 200 characters' }), (text) => {
      // Checked here rather than in the middle of a response.
      compilePathPattern(text);
      return text;
    }),
  ),
  method: Type.Optional(Type.Enum(METHODS, { description: 'Lower case' })),
  status: Type.Optional(Type.Enum(['success', 'error'], { description: 'Below 400, or 400 and above' })),
  keyId: Type.Optional(Id({ description: 'Rollcall extension: requests with this API key' })),
  operation: Type.Optional(
    Type.String({ maxLength: MAX_TEXT, description: 'Rollcall extension: requests of this operation' }),
  ),
  statusCode: Type.Optional(
    Type.Integer({ minimum: 100, maximum: 599, description: 'Rollcall extension: exactly this status' }),
  ),
  cause: Type.Optional(
    Type.String({
      maxLength: MAX_TEXT,
      description:
        'Rollcall extension: refused for this cause, or with this mark, in the wording of the list of causes',
    }),
  ),
};

export const rangeQuery = {
  rangeStart: Time('A date stands for its start in UTC'),
  rangeEnd: Time('Not before `rangeStart`'),
};

/** The cursor of the access log. */
export const logCursorQuery = cursorQuery(([time, id]): LogPosition | undefined =>
  typeof time === 'number' && typeof id === 'number' ? { time, id } : undefined,
);

const FilterQuery = Type.Object(filterQuery);

export function toLogFilter(query: QueryOf<typeof FilterQuery>, applicationId: number | undefined): AccessLogFilter {
  const { keyId, operation, method, statusCode, status, cause, path } = query;
  return { applicationId, keyId, operation, method: method?.toUpperCase(), statusCode, status, cause, path };
}

/** @throws DomainError `invalid` for a range that ends before it starts */
export function toLogRange({ rangeStart, rangeEnd }: { rangeStart: number; rangeEnd: number }): TimeRange {
  if (rangeStart > rangeEnd) {
    throw invalid('Query parameter rangeStart: must not be after rangeEnd', { parameter: 'rangeStart' });
  }
  return { start: rangeStart, end: rangeEnd };
}

/** Payloads may contain personal data: only admins see them. */
export function seesPayloads(request: FastifyRequest): boolean {
  return principalOf(request).user.isAdmin;
}

export function toMark(mark: Mark): RequestMark {
  const { name, suggestion } = mark as Partial<IgnoredName>;
  return { kind: mark.kind, name: name ?? null, suggestion: suggestion ?? null, text: markText(mark) };
}

export function toEntry(exchange: LoggedExchange, withPayloads: boolean): AccessLogEntry {
  return {
    uuid: exchange.uuid,
    status: exchange.status,
    method: exchange.method,
    requestUri: exchange.uri,
    time: timestamp(exchange.time),
    requestPayload: withPayloads ? exchange.requestPayload : '',
    responsePayload: withPayloads ? exchange.responsePayload : '',
    applicationId: exchange.applicationId ?? null,
    keyId: exchange.keyId ?? null,
    keyName: exchange.keyName ?? null,
    keyPrefix: exchange.keyPrefix ?? null,
    address: exchange.address ?? null,
    operation: exchange.operation,
    durationMs: exchange.durationMs,
    joins: exchange.joins,
    leaves: exchange.leaves,
    profiles: exchange.profiles,
    cause: exchange.cause ?? null,
    replayable: exchange.replayable,
    marks: exchange.marks.map(toMark),
  };
}

/** @param withDetails whether IDs and reasons are shown, which may quote values */
export function toRowReport(report: KeptReport, withDetails: boolean): RowReport {
  const { uuid, time, applied, unchanged, refused, isCut, rows } = report;
  return {
    uuid,
    time: timestamp(time),
    applied,
    unchanged,
    refused,
    isCut,
    rows: rows.map(({ row, verdict, code, integrationId, message }) => ({
      row,
      integrationId: (withDetails ? integrationId : undefined) ?? null,
      verdict,
      code: code ?? null,
      message: (withDetails ? message : undefined) ?? null,
    })),
  };
}

export function toDetail(detail: LoggedDetail, withPayloads: boolean): AccessLogDetail {
  return {
    ...toEntry(detail, withPayloads),
    requestBytes: detail.requestBytes,
    responseBytes: detail.responseBytes,
    requestCut: detail.requestCut,
    responseCut: detail.responseCut,
    payloadState: withPayloads ? detail.payloadState : 'hidden',
    mend: detail.mend ?? null,
    replayed: detail.replayed === undefined ? null : timestamp(detail.replayed),
    hasReport: detail.hasReport,
  };
}
