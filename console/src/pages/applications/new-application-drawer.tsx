/** Creates an Application, then leads to its keys. */

import { Button, Group, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Application, NewApplication } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import { request } from '../../api.ts';
import { useEnvironment } from '../../environment.ts';
import { FormError, fieldErrors } from '../../parts/form-error.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { notifyDone } from '../../query-client.ts';
import { OWN_TIME_ZONE, timeZonesWith } from './time-zones.ts';

export interface NewApplicationDrawerProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function NewApplicationDrawer({ opened, onClose }: NewApplicationDrawerProps) {
  return (
    <SideDrawer opened={opened} onClose={onClose} title="Create Application">
      <NewApplicationForm onClose={onClose} />
    </SideDrawer>
  );
}

function NewApplicationForm({ onClose }: { readonly onClose: () => void }) {
  const { environment } = useEnvironment();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', environment, timezone: OWN_TIME_ZONE, currency: 'EUR', description: '' },
    validate: {
      name: (value) => (value.trim() === '' ? 'Enter a name' : null),
      currency: (value) => (/^[A-Z]{3}$/.test(value.trim().toUpperCase()) ? null : 'Three letters, such as EUR'),
    },
  });
  const create = useMutation({
    mutationFn: async (body: NewApplication) => request<Application>('/v1/applications', { method: 'POST', body }),
    meta: { showsError: true },
    onSuccess: async (application) => {
      await queries.invalidateQueries({ queryKey: ['applications'] });
      notifyDone(`Application “${application.name}” was created`);
      await navigate({
        to: '/applications/$applicationId/settings/api-keys',
        params: { applicationId: String(application.id) },
        search: { env: application.sandbox ? 'sandbox' : undefined },
      });
    },
    onError: (error) => form.setErrors(fieldErrors(error, ['name', 'timezone', 'currency', 'description'])),
  });

  const submit = form.onSubmit(({ environment: chosen, name, currency, ...rest }) => {
    if (create.isPending) return;
    create.mutate({
      ...rest,
      name: name.trim(),
      currency: currency.trim().toUpperCase(),
      sandbox: chosen === 'sandbox',
    });
  });

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          maxLength={255}
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Radio.Group
          label="Environment"
          description="Cannot be changed later. Live and sandbox never see each other's profiles and audiences."
          key={form.key('environment')}
          {...form.getInputProps('environment')}
        >
          <Group mt="xs" gap="lg">
            <Radio value="live" label="Live" />
            <Radio value="sandbox" label="Sandbox" />
          </Group>
        </Radio.Group>
        <Select
          label="Time zone"
          description="API keys expire at the end of a day in this zone."
          data={timeZonesWith(OWN_TIME_ZONE)}
          searchable
          allowDeselect={false}
          required
          key={form.key('timezone')}
          {...form.getInputProps('timezone')}
        />
        <TextInput
          label="Currency"
          required
          maxLength={3}
          w={120}
          key={form.key('currency')}
          {...form.getInputProps('currency')}
        />
        <Textarea
          label="Description"
          maxLength={1000}
          autosize
          minRows={2}
          key={form.key('description')}
          {...form.getInputProps('description')}
        />
        <FormError error={create.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create Application
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
