/** Ends the current session. */

import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { request, SESSION } from '../api.ts';

export function useSignOut() {
  return useMutation({
    mutationFn: async () => request<undefined>(SESSION, { method: 'DELETE' }),
    // Everything read under this session is discarded with the page.
    onSuccess: () => globalThis.location.assign('/console/sign-in'),
  });
}

export function SignOutButton() {
  const signOut = useSignOut();
  return (
    <Button variant="default" loading={signOut.isPending} onClick={() => signOut.mutate()}>
      Sign out
    </Button>
  );
}
