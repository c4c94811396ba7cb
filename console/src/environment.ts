/** The environment being looked at, live or sandbox: part of the address, so that a link shows what its sender saw. */

import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';

export type Environment = 'live' | 'sandbox';

export interface EnvironmentSearch {
  /** Absent: live. */
  env?: 'sandbox' | undefined;
}

export function environmentSearch(search: Record<string, unknown>): EnvironmentSearch {
  return search['env'] === 'sandbox' ? { env: 'sandbox' } : {};
}

export function isSandbox({ env }: EnvironmentSearch): boolean {
  return env === 'sandbox';
}

/** The environment in the address; `sandbox` as the API's query parameters want it. */
export function useEnvironment(): { readonly environment: Environment; readonly sandbox: boolean } {
  const sandbox = isSandbox(useSearch({ from: '/shell' }));
  return { environment: sandbox ? 'sandbox' : 'live', sandbox };
}

/** A link may lead to something of the environment one is not in: the address follows what is shown. */
export function useEnvironmentOf({ sandbox }: { readonly sandbox: boolean }): void {
  const shown = useEnvironment();
  const { history } = useRouter();
  useEffect(() => {
    if (shown.sandbox === sandbox) return;
    const address = new URL(globalThis.location.href);
    if (sandbox) address.searchParams.set('env', 'sandbox');
    else address.searchParams.delete('env');
    history.replace(address.pathname + address.search);
  }, [shown.sandbox, sandbox, history]);
}
