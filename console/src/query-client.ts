/** How data is kept fresh: what is read is asked again soon, refusals are not retried, failed changes are told. */

import { notifications } from '@mantine/notifications';
import { MutationCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './api.ts';

declare module '@tanstack/react-query' {
  interface Register {
    mutationMeta: {
      /** The page shows the error itself; no notification. */
      readonly showsError?: boolean;
    };
  }
}

/** How often a page that shows living figures asks again, in ms; only while its tab is visible. */
export const LIVE_MS = 3_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      // A refusal stays a refusal; a server that is busy or restarting may answer next time.
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

/** Tells of a failure that no part of the page has a place for. */
export function notifyError(error: Error): void {
  notifications.show({ color: 'red', title: 'That did not work', message: error.message, autoClose: 10_000 });
}

/** Tells of something done. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'green' });
}
