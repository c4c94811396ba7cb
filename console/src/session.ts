/** Who is signed in: the session as the server reports it, and what follows from the role. */

import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import type { ConsoleSession } from '../../src/http/surfaces/management/sessions-schemas.ts';
import { ApiError, request, SESSION } from './api.ts';

/** The session of this browser; null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['console-session'],
  queryFn: async ({ signal }): Promise<ConsoleSession | null> => {
    try {
      return await request<ConsoleSession>(SESSION, { signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** The session, for everything inside the shell, which is only shown to a signed-in user. */
export function useSession(): ConsoleSession {
  const { data } = useSuspenseQuery(sessionQuery);
  if (data === null) throw new ApiError('You are signed out', 401);
  return data;
}

/** Whether the user may change things, see payloads and export. */
export function useIsAdmin(): boolean {
  return useSession().isAdmin;
}
