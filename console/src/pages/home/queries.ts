/** Queries of Home. */

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { AudienceMover } from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import type { CustomerProfile } from '../../../../src/http/surfaces/management/customers-schemas.ts';
import type { Traffic } from '../../../../src/http/surfaces/management/traffic-schemas.ts';
import { request } from '../../api.ts';
import { LIVE_MS } from '../../query-client.ts';

interface Page<Item> {
  readonly data: readonly Item[];
}

const MINUTES = 60;
const MOVERS_HOURS = 24;
const HOUR_MS = 3_600_000;
const MOVERS = 5;

/** Traffic of all Applications: the current rates, and the last hour by the minute. */
export const trafficQuery = queryOptions({
  queryKey: ['traffic', MINUTES],
  queryFn: async ({ signal }) => request<Traffic>('/v1/traffic', { query: { minutes: MINUTES }, signal }),
  refetchInterval: LIVE_MS,
});

/** The audiences of an environment that moved most in the last day, and the time from which changes are counted. */
export function moversQuery(sandbox: boolean) {
  return queryOptions({
    queryKey: ['audiences', 'movers', sandbox],
    queryFn: async ({ signal }) => {
      const query = { hours: MOVERS_HOURS, limit: MOVERS, sandbox };
      const { data } = await request<Page<AudienceMover>>('/v1/audiences/movers', { query, signal });
      // Joins and leaves are counted by the hour: the first hour counted is the first that began within the range.
      const since = new Date(Math.ceil((Date.now() - MOVERS_HOURS * HOUR_MS) / HOUR_MS) * HOUR_MS).toISOString();
      return { since, movers: data };
    },
    refetchInterval: LIVE_MS,
    placeholderData: keepPreviousData,
  });
}

/** Whether the environment has any customer profile; without one there is nothing to show. */
export function anyProfileQuery(sandbox: boolean) {
  return queryOptions({
    queryKey: ['customers', 'any', sandbox],
    queryFn: async ({ signal }) => {
      const query = { pageSize: 1, sandbox };
      return (await request<Page<CustomerProfile>>('/v1/customers/no_total', { query, signal })).data.length > 0;
    },
    refetchInterval: ({ state }) => (state.data === true ? false : LIVE_MS),
  });
}
