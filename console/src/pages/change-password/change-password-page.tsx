/** Changes one's own password; required at the first sign-in with a password that somebody else has seen. */

import { Button, Group, PasswordInput, Stack, VisuallyHidden } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import type { PasswordChange } from '../../../../src/http/surfaces/management/users-schemas.ts';
import { path, request } from '../../api.ts';
import { FormError, fieldErrors } from '../../parts/form-error.tsx';
import { notifyDone, queryClient } from '../../query-client.ts';
import { sessionQuery, useSession } from '../../session.ts';
import { AuthCard } from '../../shell/auth-card.tsx';
import { safeReturn } from '../../shell/return-path.ts';
import { SignOutButton } from '../../shell/sign-out-button.tsx';

const MIN_LENGTH = 10;

export function ChangePasswordPage() {
  const session = useSession();
  const router = useRouter();
  const search = useSearch({ from: '/change-password' });
  const forced = session.mustChangePassword;
  const leave = () => router.history.push(`/console${safeReturn(search.return)}`);

  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { currentPassword: '', newPassword: '', repeated: '' },
    validate: {
      newPassword: (value, { currentPassword }) => {
        if (value.length < MIN_LENGTH) return `Use at least ${MIN_LENGTH} characters`;
        return value === currentPassword ? 'Choose a password that differs from the current one' : null;
      },
      repeated: (value, { newPassword }) => (value === newPassword ? null : 'The passwords do not match'),
    },
  });
  const change = useMutation({
    mutationFn: async (body: PasswordChange) =>
      request<undefined>(path`/v1/users/${session.userId}/password`, { method: 'POST', body }),
    meta: { showsError: true },
    onSuccess: async () => {
      await queryClient.refetchQueries({ queryKey: sessionQuery.queryKey });
      leave();
      notifyDone('Your password was changed. Your other sessions have ended.');
    },
    onError: (error) => form.setErrors(fieldErrors(error, ['currentPassword', 'newPassword'])),
  });

  return (
    <AuthCard
      title={forced ? 'Choose a password' : 'Change password'}
      description={
        forced
          ? 'Somebody else has seen the password you signed in with. Choose one that only you know.'
          : 'Changing the password ends your other sessions.'
      }
    >
      <form
        onSubmit={form.onSubmit(({ currentPassword, newPassword }) => change.mutate({ currentPassword, newPassword }))}
      >
        <Stack gap="md">
          {/* Tells password managers whose password this is. */}
          <VisuallyHidden>
            <input type="email" autoComplete="username" value={session.email} readOnly tabIndex={-1} aria-hidden />
          </VisuallyHidden>
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            required
            key={form.key('currentPassword')}
            {...form.getInputProps('currentPassword')}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the current password' }}
          />
          <PasswordInput
            label="New password"
            description={`At least ${MIN_LENGTH} characters`}
            autoComplete="new-password"
            required
            key={form.key('newPassword')}
            {...form.getInputProps('newPassword')}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the new password' }}
          />
          <PasswordInput
            label="Repeat new password"
            autoComplete="new-password"
            required
            key={form.key('repeated')}
            {...form.getInputProps('repeated')}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the repeated password' }}
          />
          <FormError error={change.error} />
          <Group justify="space-between">
            {forced ? (
              <SignOutButton />
            ) : (
              <Button variant="default" onClick={leave}>
                Cancel
              </Button>
            )}
            <Button type="submit" loading={change.isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </AuthCard>
  );
}
