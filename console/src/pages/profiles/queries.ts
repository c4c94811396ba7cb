/** Queries of the customer profile pages. */

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type {
  CustomerProfile,
  CustomerProfileById,
} from '../../../../src/http/surfaces/management/customers-schemas.ts';
import type { MembershipChange } from '../../../../src/http/surfaces/management/memberships-schemas.ts';
import { type CursorPage, path, request } from '../../api.ts';
import { LIVE_MS } from '../../query-client.ts';

export const PAGE_SIZE = 50;

export interface ProfilesAsked {
  readonly sandbox: boolean;
  readonly integrationId?: string | undefined;
  /** Exact values by attribute name. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  readonly cursor?: string | undefined;
}

export function profilesQuery({ sandbox, integrationId, attributes, cursor }: ProfilesAsked) {
  const query = { sandbox, cursor, pageSize: PAGE_SIZE };
  return queryOptions({
    queryKey: ['profiles', query, integrationId, attributes],
    queryFn: async ({ signal }): Promise<CursorPage<CustomerProfile>> => {
      if (attributes === undefined) {
        return request('/v1/customers/no_total', { query: { ...query, integrationId }, signal });
      }
      const body = { attributes, ...(integrationId === undefined ? {} : { integrationIDs: [integrationId] }) };
      return request('/v1/customer_search/no_total', { method: 'POST', query, body, signal });
    },
    refetchInterval: LIVE_MS,
    placeholderData: keepPreviousData,
  });
}

export function profileQuery(customerId: number) {
  return queryOptions({
    queryKey: ['profile', customerId],
    queryFn: async ({ signal }) => request<CustomerProfileById>(path`/v1/customers/${customerId}`, { signal }),
    refetchInterval: LIVE_MS,
  });
}

export function profileChangesQuery(customerId: number, cursor: string | undefined) {
  const query = { cursor, pageSize: PAGE_SIZE };
  return queryOptions({
    queryKey: ['profile', customerId, 'changes', cursor],
    queryFn: async ({ signal }) =>
      request<CursorPage<MembershipChange>>(path`/v1/customers/${customerId}/changes`, { query, signal }),
    refetchInterval: LIVE_MS,
    placeholderData: keepPreviousData,
  });
}
