/** How data is kept fresh: queries are soon refetched, refusals are not retried, failed changes are reported. */

import { notifications } from '@mantine/notifications';
import { MutationCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api.ts';

declare module '@tanstack/react-query' {
  interface Register {
    mutationMeta: {
      /** The page shows the error itself, without a notification. */
      readonly showsError?: boolean;
    };
  }
}

/** How often a page with live figures refetches them, in ms; only while its tab is visible. */
export const LIVE_MS = 3_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      // A refusal is final; a busy or restarting server may answer the next time.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
      retryDelay: (failures) => 500 * 2 ** failures,
    },
  },
  mutationCache: new MutationCache({
    onError: (error, _variables, _result, mutation) => {
      if (mutation.meta?.showsError !== true) notifyError(error);
    },
  }),
});

/** Reports a failure for which the page has no place of its own. */
export function notifyError(error: Error): void {
  notifications.show({ color: 'red', title: 'Something went wrong', message: error.message, autoClose: 10_000 });
}

/** Confirms something done. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'green' });
}
