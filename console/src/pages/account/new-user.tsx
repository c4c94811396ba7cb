/** Creates a user, whose first password is shown only once. */

import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CreatedUser, NewUser as NewUserBody } from '../../../../src/http/surfaces/management/users-schemas.ts';
import { request } from '../../api.ts';
import { FormError, fieldErrors } from '../../parts/form-error.tsx';
import { ShownOnce } from '../../parts/shown-once.tsx';
import { usersQuery } from './queries.ts';
import { RoleChoice } from './role-choice.tsx';

export function NewUser({ onDone }: { readonly onDone: () => void }) {
  const queries = useQueryClient();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', name: '', role: 'read-only' },
    validate: { email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : 'Enter an e-mail address') },
  });
  const create = useMutation({
    mutationFn: async (body: NewUserBody) => request<CreatedUser>('/v1/users', { method: 'POST', body }),
    meta: { showsError: true },
    onSuccess: async () => queries.invalidateQueries({ queryKey: usersQuery.queryKey }),
    onError: (error) => form.setErrors(fieldErrors(error, ['email', 'name'])),
  });

  if (create.data !== undefined) {
    const { email, password } = create.data;
    return (
      <ShownOnce title={`${email} was created`} label="Password" secret={password} onDone={onDone}>
        {() => (
          <Text size="sm">
            Pass it to the user over a private channel; no e-mail is sent. It must be changed at the first sign-in.
          </Text>
        )}
      </ShownOnce>
    );
  }
  const submit = form.onSubmit(({ email, name, role }) => {
    if (create.isPending) return;
    create.mutate({
      email: email.trim(),
      isAdmin: role === 'admin',
      ...(name.trim() === '' ? {} : { name: name.trim() }),
    });
  });
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="E-mail"
          required
          maxLength={254}
          autoComplete="off"
          data-autofocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <TextInput
          label="Name"
          maxLength={255}
          autoComplete="off"
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Radio.Group label="Role" key={form.key('role')} {...form.getInputProps('role')}>
          <RoleChoice />
        </Radio.Group>
        <FormError error={create.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            Create user
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
