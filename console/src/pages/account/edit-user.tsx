/** Changes a user's name and role. */

import { Button, Group, Radio, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { User, UserUpdate } from '../../../../src/http/surfaces/management/users-schemas.ts';
import { path, request } from '../../api.ts';
import { FormError, fieldErrors } from '../../parts/form-error.tsx';
import { notifyDone } from '../../query-client.ts';
import { sessionQuery } from '../../session.ts';
import { usersQuery } from './queries.ts';
import { RoleChoice } from './role-choice.tsx';

export interface EditUserProps {
  readonly user: User;
  readonly onDone: () => void;
}

export function EditUser({ user, onDone }: EditUserProps) {
  const queries = useQueryClient();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: user.name, role: user.isAdmin ? 'admin' : 'read-only' },
    validate: { name: (value) => (value.trim() === '' ? 'Enter a name' : null) },
  });
  const update = useMutation({
    mutationFn: async (body: UserUpdate) => request<User>(path`/v1/users/${user.id}`, { method: 'PUT', body }),
    meta: { showsError: true },
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: usersQuery.queryKey }),
        queries.invalidateQueries({ queryKey: sessionQuery.queryKey }),
      ]);
      notifyDone(`${user.email} was saved`);
      onDone();
    },
    onError: (error) => form.setErrors(fieldErrors(error, ['name'])),
  });
  return (
    <form onSubmit={form.onSubmit(({ name, role }) => update.mutate({ name: name.trim(), isAdmin: role === 'admin' }))}>
      <Stack gap="md">
        <TextInput label="E-mail" value={user.email} readOnly />
        <TextInput
          label="Name"
          required
          maxLength={255}
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Radio.Group label="Role" key={form.key('role')} {...form.getInputProps('role')}>
          <RoleChoice />
        </Radio.Group>
        <FormError error={update.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={update.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
