/** Signs in with e-mail and password, then leads back to the page that was asked for. */

import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import type { ConsoleSession } from '../../../../src/http/surfaces/management/sessions-schemas.ts';
import { request, SESSION } from '../../api.ts';
import { FormError } from '../../parts/form-error.tsx';
import { queryClient } from '../../query-client.ts';
import { sessionQuery } from '../../session.ts';
import { AuthCard } from '../../shell/auth-card.tsx';
import { safeReturn } from '../../shell/return-path.ts';

interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** The token in the link printed by `rollcall user unlock`; it makes this browser a known one. */
function deviceFromLink(): string | undefined {
  return new URLSearchParams(window.location.hash.slice(1)).get('device') ?? undefined;
}

export function SignInPage() {
  const router = useRouter();
  const search = useSearch({ from: '/sign-in' });
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', password: '' } });
  const signIn = useMutation({
    mutationFn: async (credentials: Credentials) =>
      request<ConsoleSession>(SESSION, { method: 'POST', body: { ...credentials, device: deviceFromLink() } }),
    meta: { showsError: true },
    onSuccess: (session) => {
      // Nothing may remain of whoever was signed in here before.
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, session);
      router.history.push(`/console${safeReturn(search.return)}`);
    },
    onError: () => {
      form.setFieldValue('password', '');
      form.getInputNode('password')?.focus();
    },
  });

  return (
    <AuthCard title="Sign in">
      <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
        <Stack gap="md">
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            key={form.key('password')}
            {...form.getInputProps('password')}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
          />
          <FormError error={signIn.error} />
          <Button type="submit" loading={signIn.isPending} fullWidth>
            Sign in
          </Button>
        </Stack>
      </form>
    </AuthCard>
  );
}
