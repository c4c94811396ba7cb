/** The general settings of an Application: name and time zone, payload logging, Test keys. */

import { Alert, Button, Group, Radio, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Application, ApplicationUpdate } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import { path, request } from '../../api.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { FormError, fieldErrors } from '../../parts/form-error.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { notifyDone } from '../../query-client.ts';
import { useIsAdmin } from '../../session.ts';
import { applicationQuery } from './queries.ts';
import { timeZonesWith } from './time-zones.ts';
import { useApplication } from './use-application.ts';

const PAYLOAD_CHOICES = [
  {
    value: 'full',
    label: 'Full',
    description:
      'Bodies as they arrived. Refused writes are kept in full while there is room, so that they can be replayed.',
  },
  { value: 'masked', label: 'Masked', description: 'The shape of bodies, with every value replaced by its type.' },
  { value: 'off', label: 'Off', description: 'No bodies: only who called what, when, and with what outcome.' },
] as const;

export function SettingsPage() {
  const application = useApplication();
  const isAdmin = useIsAdmin();
  return (
    <>
      <PageHeader title="General settings" />
      {isAdmin ? null : (
        <Alert color="blue" mb="md">
          You can view these settings; an admin can change them.
        </Alert>
      )}
      <GeneralForm application={application} readOnly={!isAdmin} />
      <PayloadLogging application={application} readOnly={!isAdmin} />
      <TestKeys application={application} readOnly={!isAdmin} />
    </>
  );
}

interface SettingsProps {
  readonly application: Application;
  readonly readOnly: boolean;
}

function useUpdate(application: Application) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: ApplicationUpdate) =>
      request<Application>(path`/v1/applications/${application.id}`, { method: 'PUT', body }),
    onSuccess: async (changed) => {
      queries.setQueryData(applicationQuery(application.id).queryKey, changed);
      await queries.invalidateQueries({ queryKey: ['applications'], exact: true });
      notifyDone('The settings were saved');
    },
    meta: { showsError: true },
  });
}

function GeneralForm({ application, readOnly }: SettingsProps) {
  const update = useUpdate(application);
  const { name, description, timezone, currency } = application;
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name, description, timezone, currency },
    validate: {
      name: (value) => (value.trim() === '' ? 'Enter a name' : null),
      currency: (value) => (/^[A-Z]{3}$/.test(value.trim().toUpperCase()) ? null : 'Three letters, such as EUR'),
    },
  });
  const submit = form.onSubmit((values) => {
    const body = { ...values, name: values.name.trim(), currency: values.currency.trim().toUpperCase() };
    update.mutate(body, {
      onSuccess: () => form.resetDirty(),
      onError: (error) => form.setErrors(fieldErrors(error, ['name', 'description', 'timezone', 'currency'])),
    });
  });
  return (
    <Panel title="Name and region">
      <form onSubmit={submit}>
        <Stack gap="md" maw={560}>
          <TextInput
            label="Name"
            required
            readOnly={readOnly}
            maxLength={255}
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <Textarea
            label="Description"
            readOnly={readOnly}
            maxLength={1000}
            autosize
            minRows={2}
            key={form.key('description')}
            {...form.getInputProps('description')}
          />
          <Select
            label="Time zone"
            description="New keys expire at the end of a day in this zone."
            data={timeZonesWith(timezone)}
            searchable
            allowDeselect={false}
            readOnly={readOnly}
            key={form.key('timezone')}
            {...form.getInputProps('timezone')}
          />
          <TextInput
            label="Currency"
            maxLength={3}
            w={120}
            readOnly={readOnly}
            key={form.key('currency')}
            {...form.getInputProps('currency')}
          />
          <FormError error={update.error} />
          {readOnly ? null : (
            <Group>
              <Button type="submit" loading={update.isPending}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  );
}

function PayloadLogging({ application, readOnly }: SettingsProps) {
  const update = useUpdate(application);
  const [chosen, setChosen] = useState<Application['payloadLogging']>(application.payloadLogging);
  const unsaved = chosen !== application.payloadLogging;
  return (
    <Panel
      title="Payload logging"
      description="How much of request and response bodies the access log keeps. Secrets are always masked."
    >
      <Stack gap="md">
        <Radio.Group label="Keep" value={chosen} onChange={setChosen} readOnly={readOnly}>
          <Stack gap="xs" mt="xs">
            {PAYLOAD_CHOICES.map(({ value, label, description }) => (
              <Radio
                key={value}
                value={value}
                label={label}
                description={description}
                disabled={readOnly && value !== chosen}
              />
            ))}
          </Stack>
        </Radio.Group>
        {unsaved && chosen !== 'full' ? (
          <Text size="sm">Writes of this Application that are refused from then on cannot be replayed.</Text>
        ) : null}
        <FormError error={update.error} />
        {readOnly ? null : (
          <Group>
            <Button
              disabled={!unsaved}
              loading={update.isPending}
              onClick={() => update.mutate({ payloadLogging: chosen })}
            >
              Save payload logging
            </Button>
          </Group>
        )}
      </Stack>
    </Panel>
  );
}

function TestKeys({ application, readOnly }: SettingsProps) {
  const update = useUpdate(application);
  const [asked, setAsked] = useState(false);
  const on = application.enableCampaignStateManagement;
  return (
    <Panel title="Campaign staging and revisions">
      <Switch
        label="Test keys"
        description={
          on
            ? 'On permanently: this Application may have one Test key, whose calls change nothing.'
            : 'Allows one Test key, whose calls change nothing. It cannot be switched off again.'
        }
        checked={on}
        disabled={on || readOnly}
        onChange={() => setAsked(true)}
      />
      <ConfirmDialog
        opened={asked}
        title="Switch campaign staging on?"
        confirmLabel="Switch on"
        pending={update.isPending}
        error={update.error}
        onConfirm={() => update.mutate({ enableCampaignStateManagement: true }, { onSuccess: () => setAsked(false) })}
        onClose={() => setAsked(false)}
      >
        It cannot be switched off again for “{application.name}”.
      </ConfirmDialog>
    </Panel>
  );
}
