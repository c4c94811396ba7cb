/** Queries of the audience pages. */

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AttributeJob } from '../../../../src/http/surfaces/management/attribute-jobs-schemas.ts';
import type {
  Audience,
  AudienceDetail,
  TimelinePoint,
} from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import type { CustomerProfile } from '../../../../src/http/surfaces/management/customers-schemas.ts';
import type { MembershipChange } from '../../../../src/http/surfaces/management/memberships-schemas.ts';
import { type CursorPage, path, request } from '../../api.ts';
import { LIVE_MS } from '../../query-client.ts';
import type { AudienceRange, AudiencesSearch } from './search.ts';

export const PAGE_SIZE = 50;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function audiencesQuery(sandbox: boolean, search: AudiencesSearch) {
  const { q, platform, sort = '-membersCount', skip = 0 } = search;
  const wanted = { sandbox, search: q, integration: platform, sort, skip };
  return queryOptions({
    queryKey: ['audiences', 'list', wanted],
    queryFn: async ({ signal }) =>
      request<{ readonly totalResultSize: number; readonly data: readonly Audience[] }>('/v1/audiences', {
        query: { ...wanted, pageSize: PAGE_SIZE, withTotalResultSize: true },
        signal,
      }),
    refetchInterval: LIVE_MS,
    placeholderData: keepPreviousData,
  });
}

/** The platforms that the environment's audiences come from. */
export function platformsQuery(sandbox: boolean) {
  return queryOptions({
    queryKey: ['audiences', 'platforms', sandbox],
    queryFn: async ({ signal }) => {
      const query = { sandbox, pageSize: 1000 };
      const { data } = await request<{ readonly data: readonly Audience[] }>('/v1/audiences', { query, signal });
      const names = new Map<string, string>();
      for (const { integration } of data) {
        if (integration !== undefined && !names.has(integration.toLowerCase())) {
          names.set(integration.toLowerCase(), integration);
        }
      }
      return [...names.values()].sort((a, b) => a.localeCompare(b));
    },
    staleTime: 60_000,
  });
}

export function audienceQuery(audienceId: number) {
  return queryOptions({
    queryKey: ['audiences', audienceId, 'detail'],
    queryFn: async ({ signal }) => request<AudienceDetail>(path`/v1/audiences/${audienceId}`, { signal }),
    refetchInterval: LIVE_MS,
  });
}

const RANGE_MS: Readonly<Record<AudienceRange, number>> = {
  hours: 47 * HOUR_MS,
  month: 29 * DAY_MS,
  quarter: 89 * DAY_MS,
};

export function timelineQuery(audienceId: number, range: AudienceRange) {
  return queryOptions({
    queryKey: ['audiences', audienceId, 'timeline', range],
    queryFn: async ({ signal }) => {
      const query = {
        interval: range === 'hours' ? 'hour' : 'day',
        rangeStart: new Date(Date.now() - RANGE_MS[range]).toISOString(),
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      };
      return (await request<CursorPage<TimelinePoint>>(path`/v1/audiences/${audienceId}/timeline`, { query, signal }))
        .data;
    },
    refetchInterval: 2 * LIVE_MS,
    placeholderData: keepPreviousData,
  });
}

export function membersQuery(audienceId: number, profileQuery: string | undefined, cursor: string | undefined) {
  return queryOptions({
    queryKey: ['audiences', audienceId, 'members', profileQuery, cursor],
    queryFn: async ({ signal }) =>
      request<CursorPage<CustomerProfile>>(path`/v1/audiences/${audienceId}/memberships`, {
        // A search through millions arrives in slices, and runs only once.
        query: { profileQuery, cursor, pageSize: PAGE_SIZE, partial: profileQuery === undefined ? undefined : true },
        signal,
      }),
    refetchInterval: profileQuery === undefined ? LIVE_MS : false,
    placeholderData: keepPreviousData,
  });
}

export function changesQuery(audienceId: number, cursor: string | undefined) {
  return queryOptions({
    queryKey: ['audiences', audienceId, 'changes', cursor],
    queryFn: async ({ signal }) =>
      request<CursorPage<MembershipChange>>(path`/v1/audiences/${audienceId}/changes`, {
        query: { cursor, pageSize: PAGE_SIZE },
        signal,
      }),
    refetchInterval: LIVE_MS,
    placeholderData: keepPreviousData,
  });
}

/** The latest attribute updates of everyone in the audience. */
export function attributeJobsQuery(audienceId: number) {
  return queryOptions({
    queryKey: ['audiences', audienceId, 'attribute-jobs'],
    queryFn: async ({ signal }) =>
      request<{ readonly hasMore: boolean; readonly data: readonly AttributeJob[] }>('/v1/audiences/attribute_jobs', {
        query: { audienceId },
        signal,
      }),
    refetchInterval: LIVE_MS,
  });
}
