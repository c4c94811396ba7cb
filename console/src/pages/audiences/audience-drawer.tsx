/** Creates an audience by hand, and changes an audience's name and description. */

import { Button, Group, MultiSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type {
  Audience,
  AudienceUpdate,
  NewAudience,
} from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import { path, request } from '../../api.ts';
import { useEnvironment } from '../../environment.ts';
import { FormError, fieldErrors } from '../../parts/form-error.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { notifyDone } from '../../query-client.ts';
import { applicationsQuery } from '../applications/queries.ts';

export interface AudienceDrawerProps {
  readonly opened: boolean;
  /** The audience to change; a new one when absent. */
  readonly audience?: Audience;
  readonly onClose: () => void;
}

export function AudienceDrawer({ opened, audience, onClose }: AudienceDrawerProps) {
  const title = audience === undefined ? 'Create audience' : 'Edit audience';
  return (
    <SideDrawer opened={opened} onClose={onClose} title={title}>
      <AudienceForm audience={audience} onClose={onClose} />
    </SideDrawer>
  );
}

const FIELDS = ['name', 'description', 'integration', 'integrationId', 'subscribedApplicationsIds'] as const;

function AudienceForm({
  audience,
  onClose,
}: {
  readonly audience: Audience | undefined;
  readonly onClose: () => void;
}) {
  const { sandbox } = useEnvironment();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const applications = useQuery(applicationsQuery);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: {
      name: audience?.name ?? '',
      description: audience?.description ?? '',
      integration: '',
      integrationId: '',
      applications: (audience?.subscribedApplicationsIds ?? []).map(String),
    },
    validate: {
      name: (value) => (value.trim() === '' ? 'Enter a name' : null),
      integration: (value, { integrationId }) =>
        value.trim() === '' && integrationId !== '' ? 'Enter the platform that uses this ID' : null,
      integrationId: (value, { integration }) =>
        value === '' && integration.trim() !== '' ? 'Enter the ID that the platform sends' : null,
    },
  });
  const save = useMutation({
    mutationFn: async (body: NewAudience | AudienceUpdate) =>
      audience === undefined
        ? request<Audience>('/v1/audiences', { method: 'POST', body })
        : request<Audience>(path`/v1/audiences/${audience.id}`, { method: 'PUT', body }),
    meta: { showsError: true },
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ['audiences'] });
      notifyDone(`Audience “${saved.name}” was ${audience === undefined ? 'created' : 'changed'}`);
      if (audience !== undefined) {
        onClose();
        return;
      }
      await navigate({ to: '/audiences/$audienceId', params: { audienceId: String(saved.id) } });
    },
    onError: (error) => form.setErrors(fieldErrors(error, FIELDS)),
  });
  const submit = form.onSubmit(({ name, description, integration, integrationId, applications: chosen }) => {
    if (save.isPending) return;
    const shared = { name: name.trim(), description, subscribedApplicationsIds: chosen.map(Number) };
    if (audience !== undefined) save.mutate(shared);
    else {
      const platform = integration.trim() === '' ? {} : { integration: integration.trim(), integrationId };
      save.mutate({ ...shared, ...platform, sandbox });
    }
  });
  const known = (applications.data ?? []).filter((each) => each.sandbox === sandbox);

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          maxLength={1000}
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Textarea
          label="Description"
          maxLength={10_000}
          autosize
          minRows={2}
          key={form.key('description')}
          {...form.getInputProps('description')}
        />
        <MultiSelect
          label="Applications"
          description="The Applications it is connected to. Every Application of the environment can read it."
          data={known.map(({ id, name }) => ({ value: String(id), label: name }))}
          key={form.key('applications')}
          {...form.getInputProps('applications')}
        />
        {audience === undefined ? (
          <>
            <TextInput
              label="Platform"
              description="Only for an audience that a platform updates under its own ID. For example, Customer Data Platform."
              maxLength={255}
              key={form.key('integration')}
              {...form.getInputProps('integration')}
            />
            <TextInput
              label="Platform’s ID"
              description="The ID that the platform sends for this audience."
              maxLength={1000}
              key={form.key('integrationId')}
              {...form.getInputProps('integrationId')}
            />
          </>
        ) : null}
        <FormError error={save.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {audience === undefined ? 'Create audience' : 'Save'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
