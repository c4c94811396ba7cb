/** The fields of a new API key, in the order people know from Talon.One. */

import { Anchor, Button, Group, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey, CreatedApiKey, NewApiKey } from '../../../../src/http/surfaces/management/api-keys-schemas.ts';
import type { Application } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import { path, request } from '../../api.ts';
import { ExpiryDateInput } from '../../parts/expiry-date-input.tsx';
import { FormError, fieldErrors } from '../../parts/form-error.tsx';
import { KEY_PLATFORMS, platformLabel } from '../../parts/platforms.ts';
import { useSession } from '../../session.ts';
import { type KeySwitches, KeySwitchesFields } from './api-key-switches.tsx';
import { apiKeysQuery } from './queries.ts';

interface Fields extends KeySwitches {
  type: 'production' | 'test';
  title: string;
  expires: string | null;
  thirdParty: 'yes' | 'no';
  platform: (typeof KEY_PLATFORMS)[number] | null;
}

/** Platforms with their own setup page. */
const OWN_PAGES: readonly string[] = ['segment', 'mparticle', 'emarsys'];

const PLATFORM_OPTIONS = KEY_PLATFORMS.map((value) => ({ value, label: platformLabel(value) }));

export interface ApiKeyFormProps {
  readonly application: Application;
  readonly onCreated: (key: CreatedApiKey) => void;
}

export function ApiKeyForm({ application, onCreated }: ApiKeyFormProps) {
  const { server } = useSession();
  const { data: keys = [] } = useQuery(apiKeysQuery(application.id));
  const noTestKey = whyNoTestKey(application, keys);
  const form = useForm<Fields>({
    initialValues: {
      type: 'production',
      title: '',
      expires: null,
      thirdParty: 'no',
      platform: null,
      lenientRows: false,
      rowReports: false,
      skipUndefinedAttributes: false,
    },
    validate: {
      title: (value) => (value.trim() === '' ? 'Enter a name' : null),
      expires: (value) => (value === null ? 'Choose a date' : null),
      platform: (value, { type, thirdParty }) =>
        type === 'production' && thirdParty === 'yes' && value === null ? 'Choose a platform' : null,
    },
  });
  // Set by the click itself: a second click right after it must not create a second key.
  const [underway, setUnderway] = useState(false);
  const create = useMutation({
    mutationFn: async (body: NewApiKey) =>
      request<CreatedApiKey>(path`/v1/applications/${application.id}/apikeys`, { method: 'POST', body }),
    meta: { showsError: true },
    onSuccess: onCreated,
    onError: (error) => form.setErrors(fieldErrors(error, ['title', 'expires', 'platform', 'type'])),
    onSettled: () => setUnderway(false),
  });

  const submit = form.onSubmit(({ type, title, expires, thirdParty, platform, ...switches }) => {
    if (underway || expires === null) return;
    setUnderway(true);
    const isTest = type === 'test';
    create.mutate({
      title: title.trim(),
      expires,
      type: isTest ? 'staging' : '',
      platform: isTest || thirdParty === 'no' || platform === null ? 'none' : platform,
      ...(isTest ? {} : switches),
    });
  });

  const { type, thirdParty } = form.values;
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <Radio.Group label="Key type" {...form.getInputProps('type')}>
          <Stack mt={8} gap={8}>
            <Radio value="production" label="Production" />
            <Radio
              value="test"
              label="Test"
              disabled={noTestKey !== undefined}
              {...(noTestKey === undefined ? {} : { description: noTestKey })}
            />
          </Stack>
        </Radio.Group>
        <TextInput
          label="Key name"
          description="Say who will use it, such as the platform and the environment."
          required
          withAsterisk={false}
          maxLength={255}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('title')}
        />
        <ExpiryDateInput
          label="Key expiration date"
          timeZone={application.timezone}
          value={form.values.expires}
          onChange={(value) => form.setFieldValue('expires', value)}
          error={typeof form.errors['expires'] === 'string' ? form.errors['expires'] : undefined}
        />
        {type === 'test' ? null : (
          <Radio.Group
            label="Third-party integration"
            description="Yes, if a customer data platform or another product of a third party will use the key."
            {...form.getInputProps('thirdParty')}
          >
            <Group mt={8} gap="lg">
              <Radio value="yes" label="Yes" />
              <Radio value="no" label="No" />
            </Group>
          </Radio.Group>
        )}
        {type === 'test' || thirdParty === 'no' ? null : (
          <Select
            label="Platform"
            placeholder="Choose a platform"
            required
            withAsterisk={false}
            data={PLATFORM_OPTIONS}
            comboboxProps={{ keepMounted: false }}
            allowDeselect={false}
            // The link comes after the choice, by keyboard too.
            inputWrapperOrder={['label', 'input', 'error', 'description']}
            {...(server.docs ? { description: <SetupLink platform={form.values.platform} /> } : {})}
            {...form.getInputProps('platform')}
          />
        )}
        {type === 'test' ? null : (
          <KeySwitchesFields values={form.values} onChange={(name, isOn) => form.setFieldValue(name, isOn)} />
        )}
        <FormError error={create.error} />
        <Group justify="flex-end">
          <Button type="submit" disabled={!form.isValid()} loading={underway}>
            Create API Key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Links to the platform's setup page, in a new tab, so that the form stays open. */
function SetupLink({ platform }: { readonly platform: string | null }) {
  const page = platform !== null && OWN_PAGES.includes(platform) ? `/${platform}` : '';
  return (
    <Anchor href={`/docs/connect${page}`} target="_blank" rel="noopener" inherit>
      How to set up the platform (new tab)
    </Anchor>
  );
}

/** Why a Test key cannot be created; undefined when it can. */
function whyNoTestKey(application: Application, keys: readonly ApiKey[]): string | undefined {
  if (!application.enableCampaignStateManagement) {
    return 'Only for Applications with campaign staging and revisions, which can be switched on in the general settings.';
  }
  return keys.some(({ type, state }) => type === 'staging' && state !== 'Expired')
    ? 'This Application already has its one Test key.'
    : undefined;
}
