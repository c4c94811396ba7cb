/** The access log on the wire: how it is asked for, and how its entries are told. */

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
import { invalid } from '../../../domain/errors.ts';
import { principalOf } from '../../back-office-auth.ts';
import { readChoice, readCursor, readInteger, readText, readTime, wrongCursor } from '../../paging.ts';
import { Id, timestamp } from '../../wire.ts';
import type { AccessLogDetail, AccessLogEntry, RequestMark } from './access-logs-schemas.ts';

const MAX_TEXT = 500;
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

export const filterQuery = {
  path: Type.Optional(Type.String({ description: 'Regular expression (RE2) over the path, at most 200 characters' })),
  method: Type.Optional(Type.Enum(METHODS, { description: 'Lower case' })),
  status: Type.Optional(Type.Enum(['success', 'error'], { description: 'Below 400, or from 400 on' })),
  keyId: Type.Optional(Id({ description: 'Rollcall extension: requests with this API key' })),
  operation: Type.Optional(Type.String({ description: 'Rollcall extension: by the name of the operation' })),
  statusCode: Type.Optional(
    Type.Integer({ minimum: 100, maximum: 599, description: 'Rollcall extension: this very status' }),
  ),
  cause: Type.Optional(
    Type.String({
      description: 'Rollcall extension: refused for this cause, or marked so, as the list of causes words it',
    }),
  ),
};

export const rangeQuery = {
  rangeStart: Type.String({ format: 'date-time', description: 'A date alone is its start in UTC' }),
  rangeEnd: Type.String({ format: 'date-time', description: 'Not before `rangeStart`' }),
};

/** @throws DomainError `invalid` */
export function readLogFilter(request: FastifyRequest, applicationId: number | undefined): AccessLogFilter {
  const path = readText(request, 'path');
  // Found wrong here rather than in the middle of an answer.
  if (path !== undefined) compilePathPattern(path);
  return {
    applicationId,
    keyId: readInteger(request, 'keyId', { min: 1 }),
    operation: readShortText(request, 'operation'),
    method: readChoice(request, 'method', METHODS)?.toUpperCase(),
    statusCode: readInteger(request, 'statusCode', { min: 100, max: 599 }),
    status: readChoice(request, 'status', ['success', 'error']),
    cause: readShortText(request, 'cause'),
    path,
  };
}

function readShortText(request: FastifyRequest, name: string): string | undefined {
  const text = readText(request, name);
  if (text !== undefined && text.length > MAX_TEXT) {
    throw invalid(`Query parameter ${name}: at most ${MAX_TEXT} characters`, { parameter: name });
  }
  return text;
}

/** The range asked for; both ends are required. @throws DomainError `invalid` */
export function readLogRange(request: FastifyRequest): TimeRange {
  const [start, end] = ['rangeStart', 'rangeEnd'].map((name) => {
    const time = readTime(request, name);
    if (time === undefined) {
      throw invalid(`Query parameter ${name}: required; an RFC 3339 time such as 2027-06-30T12:00:00Z`, {
        parameter: name,
      });
    }
    return time;
  }) as [number, number];
  if (start > end) {
    throw invalid('Query parameter rangeStart: must not be after rangeEnd', { parameter: 'rangeStart' });
  }
  return { start, end };
}

/** @throws DomainError `invalid` */
export function readLogPosition(request: FastifyRequest): LogPosition | undefined {
  const parts = readCursor(request);
  if (parts === undefined) return undefined;
  const [time, id] = parts;
  if (typeof time !== 'number' || typeof id !== 'number') throw wrongCursor();
  return { time, id };
}

/** Payloads tell of persons: only admins see them. */
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
  };
}
