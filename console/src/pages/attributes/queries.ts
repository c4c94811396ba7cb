/** Queries of the attribute pages. */

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Attribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import { path, request } from '../../api.ts';
import { LIVE_MS } from '../../query-client.ts';
import type { AttributesSearch } from './search.ts';

interface AttributesPage {
  readonly totalResultSize: number;
  readonly data: readonly Attribute[];
}

const MOST_SHOWN = 1000;

export function attributesQuery({ q, entity, type, sort = 'name' }: AttributesSearch = {}) {
  const query = { search: q, entity, type, sort, pageSize: MOST_SHOWN };
  return queryOptions({
    queryKey: ['attributes', query],
    queryFn: async ({ signal }) => request<AttributesPage>('/v1/attributes', { query, signal }),
    refetchInterval: LIVE_MS,
    placeholderData: keepPreviousData,
  });
}

/** Not refetched while it is edited, so that typed text is not overwritten. */
export function attributeQuery(attributeId: number) {
  return queryOptions({
    queryKey: ['attribute', attributeId],
    queryFn: async ({ signal }) => request<Attribute>(path`/v1/attributes/${attributeId}`, { signal }),
    staleTime: 0,
  });
}
