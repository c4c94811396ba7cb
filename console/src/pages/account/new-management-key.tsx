/** Creates a management key: its name, its expiration date, and what it may call. */

import { Button, Group, MultiSelect, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  CreatedManagementKey,
  NewManagementKey as NewManagementKeyBody,
} from '../../../../src/http/surfaces/management/management-keys-schemas.ts';
import { request } from '../../api.ts';
import { CopyField } from '../../parts/copy-field.tsx';
import { ExpiryDateInput } from '../../parts/expiry-date-input.tsx';
import { FormError, fieldErrors } from '../../parts/form-error.tsx';
import { ShownOnce } from '../../parts/shown-once.tsx';
import { applicationsQuery } from '../applications/queries.ts';
import { EndpointPicker } from './endpoint-picker.tsx';
import { managementKeysQuery } from './queries.ts';

interface Fields {
  name: string;
  expiryDate: string | null;
  /** `METHOD path` */
  endpoints: readonly string[];
  applications: string[];
}

export function NewManagementKey({ onDone }: { readonly onDone: () => void }) {
  const queries = useQueryClient();
  const { data: applications = [] } = useQuery(applicationsQuery);
  const form = useForm<Fields>({
    initialValues: { name: '', expiryDate: null, endpoints: [], applications: [] },
    validate: {
      name: (value) => (value.trim() === '' ? 'Enter a name' : null),
      expiryDate: (value) => (value === null ? 'Choose a date' : null),
      endpoints: (value) => (value.length === 0 ? 'Select what it may call' : null),
    },
  });
  const create = useMutation({
    mutationFn: async (body: NewManagementKeyBody) =>
      request<CreatedManagementKey>('/v1/management_keys', { method: 'POST', body }),
    meta: { showsError: true },
    onSuccess: async () => queries.invalidateQueries({ queryKey: managementKeysQuery.queryKey }),
    onError: (error) => form.setErrors(fieldErrors(error, ['name', 'expiryDate'])),
  });

  if (create.data !== undefined) {
    const { name, key } = create.data;
    return (
      <ShownOnce title={`“${name}” was created`} label="Management API key" secret={key} onDone={onDone}>
        {(onCopied) => (
          <CopyField
            label="Authorization header"
            value={`Authorization: ManagementKey-v1 ${key}`}
            quiet
            copyLabel="Copy the whole header"
            onCopied={onCopied}
          />
        )}
      </ShownOnce>
    );
  }

  const submit = form.onSubmit(({ name, expiryDate, endpoints, applications: chosen }) => {
    if (create.isPending || expiryDate === null) return;
    create.mutate({
      name: name.trim(),
      expiryDate,
      endpoints: endpoints.map(endpointOf),
      allowedApplicationIds: chosen.map(Number),
    });
  });
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <TextInput
          label="Key name"
          required
          withAsterisk={false}
          maxLength={255}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
        />
        <ExpiryDateInput
          label="Key expiration date"
          timeZone="UTC"
          value={form.values.expiryDate}
          onChange={(value) => form.setFieldValue('expiryDate', value)}
          error={typeof form.errors['expiryDate'] === 'string' ? form.errors['expiryDate'] : undefined}
        />
        <EndpointPicker
          chosen={form.values.endpoints}
          onChange={(value) => form.setFieldValue('endpoints', [...value])}
        />
        <MultiSelect
          label="Applications"
          description="Leave empty for all."
          data={applications.map(({ id, name }) => ({ value: String(id), label: `${name} (${id})` }))}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Clear the Applications' }}
          {...form.getInputProps('applications')}
        />
        <FormError error={create.error} />
        <Group justify="flex-end">
          <Button type="submit" disabled={!form.isValid()} loading={create.isPending}>
            Create Key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function endpointOf(name: string): { method: string; path: string } {
  const [method = '', path = ''] = name.split(' ');
  return { method, path };
}
