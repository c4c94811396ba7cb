/** Queries of the account pages. */

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Change } from '../../../../src/http/surfaces/management/changes-schemas.ts';
import type { ManagementKey } from '../../../../src/http/surfaces/management/management-keys-schemas.ts';
import type { Session } from '../../../../src/http/surfaces/management/sessions-schemas.ts';
import type { User } from '../../../../src/http/surfaces/management/users-schemas.ts';
import { request } from '../../api.ts';
import type { AuditLogSearch } from './search.ts';

interface Page<Item> {
  readonly data: readonly Item[];
}

const ALL = { pageSize: 1000 };

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => (await request<Page<User>>('/v1/users', { query: ALL, signal })).data,
});

/** @param userId defaults to the current user */
export function sessionsQuery(userId: number | undefined) {
  return queryOptions({
    queryKey: ['sessions', userId ?? 'own'],
    queryFn: async ({ signal }) =>
      (await request<Page<Session>>('/v1/sessions', { query: { ...ALL, userId }, signal })).data,
    refetchInterval: 15_000,
  });
}

export const managementKeysQuery = queryOptions({
  queryKey: ['management-keys'],
  queryFn: async ({ signal }) =>
    (await request<Page<ManagementKey>>('/v1/management_keys', { query: ALL, signal })).data,
  refetchInterval: 15_000,
});

export interface ChangesPage extends Page<Change> {
  readonly nextCursor?: string;
}

export function changesQuery({ path, user, application, key, from, until, cursor }: AuditLogSearch) {
  const query = {
    pageSize: 50,
    entityPath: path,
    userId: user,
    applicationId: application,
    managementKeyId: key,
    createdAfter: from === undefined ? undefined : new Date(`${from}T00:00:00`).toISOString(),
    createdBefore: until === undefined ? undefined : new Date(`${until}T23:59:59.999`).toISOString(),
    cursor,
  };
  return queryOptions({
    queryKey: ['changes', query],
    queryFn: async ({ signal }) => request<ChangesPage>('/v1/changes', { query, signal }),
    placeholderData: keepPreviousData,
    // New entries appear at the top of the first page.
    refetchInterval: cursor === undefined ? 5_000 : false,
  });
}
