/** The environment being looked at, live or sandbox: part of the address, so that a link shows what its sender saw. */

import { useSearch } from '@tanstack/react-router';

export type Environment = 'live' | 'sandbox';

export interface EnvironmentSearch {
  /** Absent: live. */
  env?: 'sandbox' | undefined;
}

export function environmentSearch(search: Record<string, unknown>): EnvironmentSearch {
  return search['env'] === 'sandbox' ? { env: 'sandbox' } : {};
}

/** The environment in the address; `sandbox` as the API's query parameters want it. */
export function useEnvironment(): { readonly environment: Environment; readonly sandbox: boolean } {
  const { env } = useSearch({ from: '/shell' });
  const sandbox = env === 'sandbox';
  return { environment: sandbox ? 'sandbox' : 'live', sandbox };
}
