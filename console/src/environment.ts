/** The environment on screen, live or sandbox. It is part of the address, so that a link shows what its sender saw. */

import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';

export type Environment = 'live' | 'sandbox';

export interface EnvironmentSearch {
  /** Live when absent. */
  env?: 'sandbox' | undefined;
}

export function environmentSearch(search: Record<string, unknown>): EnvironmentSearch {
  return search['env'] === 'sandbox' ? { env: 'sandbox' } : {};
}

export function isSandbox({ env }: EnvironmentSearch): boolean {
  return env === 'sandbox';
}

/** The environment in the address; `sandbox` in the form of the API's query parameters. */
export function useEnvironment(): { readonly environment: Environment; readonly sandbox: boolean } {
  const sandbox = isSandbox(useSearch({ from: '/shell' }));
  return { environment: sandbox ? 'sandbox' : 'live', sandbox };
}

/** A link may lead to something in the other environment: the address then switches to that environment. */
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
