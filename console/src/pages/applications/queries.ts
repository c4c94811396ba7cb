/** Queries of the Application pages, and how they notify each other of changes. */

import { queryOptions } from '@tanstack/react-query';
import type { ApiKey } from '../../../../src/http/surfaces/management/api-keys-schemas.ts';
import type { Application } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import type { HealthReport } from '../../../../src/http/surfaces/management/traffic-schemas.ts';
import { path, request } from '../../api.ts';
import { LIVE_MS } from '../../query-client.ts';

interface TotalPage<Item> {
  readonly totalResultSize: number;
  readonly data: readonly Item[];
}

/** All Applications of both environments; there are only a few. */
export const applicationsQuery = queryOptions({
  queryKey: ['applications'],
  queryFn: async ({ signal }) =>
    (await request<TotalPage<Application>>('/v1/applications', { query: { pageSize: 1000 }, signal })).data,
});

export function applicationQuery(applicationId: number) {
  return queryOptions({
    queryKey: ['applications', applicationId],
    queryFn: async ({ signal }) => request<Application>(path`/v1/applications/${applicationId}`, { signal }),
  });
}

export function healthQuery(applicationId: number) {
  return queryOptions({
    queryKey: ['applications', applicationId, 'health'],
    queryFn: async ({ signal }) =>
      request<HealthReport>(path`/v1/applications/${applicationId}/health_report`, { signal }),
    refetchInterval: LIVE_MS,
  });
}

/** Newest first, including expired ones. */
export function apiKeysQuery(applicationId: number) {
  return queryOptions({
    queryKey: ['applications', applicationId, 'api-keys'],
    queryFn: async ({ signal }) => {
      const query = { pageSize: 1000 };
      return (await request<TotalPage<ApiKey>>(path`/v1/applications/${applicationId}/apikeys`, { query, signal }))
        .data;
    },
    refetchInterval: LIVE_MS,
  });
}
