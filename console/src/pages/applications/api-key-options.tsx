/** The drawer that changes the options of an existing key; nothing else about a key can be changed. */

import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey } from '../../../../src/http/surfaces/management/api-keys-schemas.ts';
import { path, request } from '../../api.ts';
import { FormError } from '../../parts/form-error.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { notifyDone } from '../../query-client.ts';
import { type KeySwitches, KeySwitchesFields } from './api-key-switches.tsx';
import { apiKeysQuery } from './queries.ts';

export interface ApiKeyOptionsProps {
  /** Undefined while the drawer is closed. */
  readonly apiKey: ApiKey | undefined;
  readonly onClose: () => void;
}

export function ApiKeyOptions({ apiKey, onClose }: ApiKeyOptionsProps) {
  return (
    <SideDrawer opened={apiKey !== undefined} onClose={onClose} title={`Options of “${apiKey?.title ?? ''}”`}>
      {apiKey === undefined ? null : <OptionsForm key={apiKey.id} apiKey={apiKey} onClose={onClose} />}
    </SideDrawer>
  );
}

function OptionsForm({ apiKey, onClose }: { readonly apiKey: ApiKey; readonly onClose: () => void }) {
  const { id, applicationID, title, lenientRows, rowReports, skipUndefinedAttributes } = apiKey;
  const [values, setValues] = useState<KeySwitches>({ lenientRows, rowReports, skipUndefinedAttributes });
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: async (body: KeySwitches) =>
      request<ApiKey>(path`/v1/applications/${applicationID}/apikeys/${id}`, { method: 'PUT', body }),
    meta: { showsError: true },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: apiKeysQuery(applicationID).queryKey });
      notifyDone(`The options of “${title}” were saved`);
      onClose();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(values);
      }}
    >
      <Stack gap="lg">
        <Text size="sm" c="dimmed">
          They take effect with the next request. Name, platform and expiry of a key cannot be changed: create a new key
          for that.
        </Text>
        <KeySwitchesFields
          values={values}
          onChange={(name, isOn) => setValues((before) => ({ ...before, [name]: isOn }))}
        />
        <FormError error={save.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
