/** Gives a user a new password, which is shown only once. */

import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { NewPassword, User } from '../../../../src/http/surfaces/management/users-schemas.ts';
import { path, request } from '../../api.ts';
import { FormError } from '../../parts/form-error.tsx';
import { ShownOnce } from '../../parts/shown-once.tsx';
import { usersQuery } from './queries.ts';

export interface ResetPasswordProps {
  readonly user: User;
  readonly onDone: () => void;
}

export function ResetPassword({ user, onDone }: ResetPasswordProps) {
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: async () =>
      request<NewPassword>(path`/v1/users/${user.id}/reset_password`, { method: 'POST', body: {} }),
    meta: { showsError: true },
    onSuccess: async () => queries.invalidateQueries({ queryKey: usersQuery.queryKey }),
  });
  if (reset.data !== undefined) {
    return (
      <ShownOnce
        title={`${user.email} has a new password`}
        label="Password"
        secret={reset.data.password}
        onDone={onDone}
      />
    );
  }
  return (
    <Stack gap="md">
      <Text size="sm">
        {user.email} is signed out everywhere and gets a new password. It is shown only once, for you to pass on, and
        must be changed at the next sign-in.
      </Text>
      <FormError error={reset.error} />
      <Group justify="flex-end">
        <Button onClick={() => reset.mutate()} loading={reset.isPending} data-autofocus>
          Reset password
        </Button>
      </Group>
    </Stack>
  );
}
