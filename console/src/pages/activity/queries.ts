/** Queries of the Activity pages. */

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type {
  AccessLogCause,
  AccessLogDetail,
  AccessLogItem,
  RefusedValues,
  RefusedWrite,
  ReplayResult,
  RowReport,
} from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import type { Attribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import { type CursorPage, path, type RequestOptions, request, urlOf } from '../../api.ts';
import { LIVE_MS } from '../../query-client.ts';
import { type LogFilters, SPANS, type Span, startOfCount } from './search.ts';

export const PAGE_SIZE = 50;
const HOUR_MS = 3_600_000;
// Open ends: before the first request, and ahead of any clock.
const EVER = '1970-01-01T00:00:00Z';
const NEVER = '9999-12-31T23:59:59Z';

/** The filters as the list and the stream take them, without the time range. */
function filterQuery({ status, path: pattern, key, application, cause }: LogFilters): RequestOptions['query'] {
  return {
    status: typeof status === 'string' ? status : undefined,
    statusCode: typeof status === 'number' ? status : undefined,
    path: pattern,
    keyId: key,
    applicationId: application,
    cause,
  };
}

function rangeQuery({ time, from, to }: LogFilters): { rangeStart: string; rangeEnd: string } {
  const start = time === undefined ? from : startOf(time);
  return { rangeStart: start ?? EVER, rangeEnd: (time === undefined ? to : undefined) ?? NEVER };
}

function startOf(span: Span): string {
  return new Date(Date.now() - SPANS[span].hours * HOUR_MS).toISOString();
}

/** Whether new requests can match the time range. */
export function includesNow({ time, to }: LogFilters): boolean {
  return time !== undefined || to === undefined;
}

/** The key under which all lists of requests are cached. */
export const REQUESTS = ['access-log', 'requests'] as const;

export function requestsQuery(filters: LogFilters, cursor: string | undefined) {
  return queryOptions({
    queryKey: [...REQUESTS, filters, cursor],
    queryFn: async ({ signal }) => {
      const query = {
        ...filterQuery(filters),
        ...rangeQuery(filters),
        pageSize: PAGE_SIZE,
        payloads: false,
        cursor,
      };
      return request<CursorPage<AccessLogItem>>('/v1/access_logs/no_total', { query, signal });
    },
  });
}

/** The stream of requests as they arrive. */
export function streamUrl(filters: LogFilters): string {
  return urlOf('/v1/access_logs/stream', filterQuery(filters));
}

/** Why requests were refused, the most frequent cause first, and the time from which they are counted. */
export function causesQuery(span: Span, application?: number) {
  return queryOptions({
    queryKey: ['access-log', 'causes', span, application],
    queryFn: async ({ signal }) => {
      const since = startOfCount(span, Date.now());
      const query = { rangeStart: since, rangeEnd: NEVER, applicationId: application };
      const { data } = await request<CursorPage<AccessLogCause>>('/v1/access_logs/causes', { query, signal });
      return { since, causes: data };
    },
    refetchInterval: LIVE_MS,
    placeholderData: keepPreviousData,
  });
}

export function requestQuery(uuid: string) {
  return queryOptions({
    queryKey: ['access-log', 'request', uuid],
    queryFn: async ({ signal }) => request<AccessLogDetail>(path`/v1/access_logs/${uuid}`, { signal }),
    // Viewing payloads is audited, so a change of window does not fetch them again.
    refetchOnWindowFocus: false,
  });
}

export function rowReportQuery(uuid: string) {
  return queryOptions({
    queryKey: ['access-log', 'row-report', uuid],
    queryFn: async ({ signal }) => request<RowReport>(path`/v1/access_logs/${uuid}/report`, { signal }),
    refetchOnWindowFocus: false,
  });
}

export function refusedQuery(filters: Pick<LogFilters, 'cause' | 'application'>, cursor: string | undefined) {
  return queryOptions({
    queryKey: ['access-log', 'refused', filters, cursor],
    queryFn: async ({ signal }) => {
      const query = { cause: filters.cause, applicationId: filters.application, pageSize: PAGE_SIZE, cursor };
      return request<CursorPage<RefusedWrite>>('/v1/refused_writes', { query, signal });
    },
    refetchInterval: LIVE_MS,
  });
}

/** Replays refused writes, or previews the outcome. */
export async function replay(
  uuids: readonly string[],
  options: { readonly dry: boolean; readonly override: boolean },
): Promise<readonly ReplayResult[]> {
  const body = { uuids, ...options };
  return (await request<CursorPage<ReplayResult>>('/v1/refused_writes/replay', { method: 'POST', body })).data;
}

/** What refused writes hold for an attribute. Viewing samples is audited. */
export function refusedValuesQuery(name: string, samples: boolean) {
  return queryOptions({
    queryKey: ['access-log', 'refused-values', name, samples],
    queryFn: async ({ signal }) =>
      request<RefusedValues>('/v1/refused_writes/attribute_values', { query: { name, samples }, signal }),
    staleTime: LIVE_MS,
    refetchOnWindowFocus: !samples,
  });
}

/** The names of the attributes that are now defined for customer profiles. */
export const attributeNamesQuery = queryOptions({
  queryKey: ['attributes', 'names'],
  queryFn: async ({ signal }) => {
    const query = { entity: 'CustomerProfile', pageSize: 1000 };
    const { data } = await request<{ readonly data: readonly Attribute[] }>('/v1/attributes', { query, signal });
    return new Set(data.map(({ name }) => name));
  },
  refetchInterval: LIVE_MS,
});
