/** The endpoints a management key can be granted, as the server lists them, in groups people can read. */

import { queryOptions } from '@tanstack/react-query';
import type { GrantableEndpoint } from '../../../../src/http/surfaces/management/management-keys-schemas.ts';
import { request } from '../../api.ts';

export interface Grantable extends GrantableEndpoint {
  /** `GET /v1/audiences`; identifies the endpoint in the form. */
  readonly name: string;
}

export interface GrantableGroup {
  /** Such as "Audiences". */
  readonly title: string;
  readonly endpoints: readonly Grantable[];
}

export const grantableQuery = queryOptions({
  queryKey: ['grantable'],
  queryFn: async ({ signal }) => {
    const { data } = await request<{ data: GrantableEndpoint[] }>('/v1/management_keys/endpoints', { signal });
    return groupsOf(data);
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** By the start of their path, after the version. */
function groupsOf(endpoints: readonly GrantableEndpoint[]): readonly GrantableGroup[] {
  const groups = new Map<string, Grantable[]>();
  for (const { method, path, summary } of endpoints) {
    const title = titleOf(path.split('/')[2] ?? '');
    const group = groups.get(title) ?? [];
    groups.set(title, group);
    group.push({ method, path, name: `${method} ${path}`, summary: summary.replace(/ \(ours\)$/, '') });
  }
  return [...groups]
    .map(([title, members]) => ({ title, endpoints: members }))
    .sort((a, b) => a.title.localeCompare(b.title, 'en'));
}

function titleOf(segment: string): string {
  const words = segment.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The least that known connectors need; the form offers each as a preset. */
export const PRESETS: readonly { readonly label: string; readonly matches: (endpoint: Grantable) => boolean }[] = [
  {
    label: 'Tealium',
    matches: ({ name }) => ['GET /v1/audiences', 'GET /v1/attributes', 'POST /v1/attributes'].includes(name),
  },
  {
    label: 'Hightouch',
    matches: ({ name, path }) =>
      name === 'GET /v1/audiences' || ['/v1/customer_search/no_total', '/v1/attributes'].includes(path),
  },
  { label: 'Everything read-only', matches: ({ method }) => method === 'GET' },
];
