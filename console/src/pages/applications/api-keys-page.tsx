/** The API keys of an Application, below its health, and the drawer that creates one. */

import { ActionIcon, Group, Text } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApiKey } from '../../../../src/http/surfaces/management/api-keys-schemas.ts';
import type { Application } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import { path, request } from '../../api.ts';
import { KeyStateBadge } from '../../parts/badges.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { CreateButton } from '../../parts/create-button.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { platformLabel } from '../../parts/platforms.ts';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { Time } from '../../parts/time.tsx';
import { notifyDone } from '../../query-client.ts';
import { useIsAdmin } from '../../session.ts';
import { ApiKeyDrawer } from './api-key-drawer.tsx';
import { ApiKeyOptions } from './api-key-options.tsx';
import { HealthPanel } from './health.tsx';
import { apiKeysQuery } from './queries.ts';
import { useApplication } from './use-application.ts';

export function ApiKeysPage() {
  const application = useApplication();
  const { create, options } = useSearch({ from: '/shell/applications/$applicationId/settings/api-keys' });
  const navigate = useNavigate({ from: '/applications/$applicationId/settings/api-keys' });
  const isAdmin = useIsAdmin();
  const query = useQuery(apiKeysQuery(application.id));
  const [leaving, setLeaving] = useState<ApiKey>();

  // The open drawer is part of the address: going back closes it, and a link opens it.
  const openDrawer = (open: boolean) => void navigate({ search: open ? { create: 1 } : {} });
  const openOptions = (key: ApiKey | undefined) =>
    void navigate({ search: key === undefined ? {} : { options: key.id }, resetScroll: false });
  const createButton = isAdmin ? (
    <CreateButton label="Create API Key" opened={create === 1} onOpen={() => openDrawer(true)} />
  ) : undefined;

  return (
    <>
      <PageHeader
        title="Integration API Keys"
        description="A key lets one platform or program call this Application. It is shown once, when it is created."
        // An empty list has the button in its middle.
        actions={query.data?.length === 0 ? undefined : createButton}
      />
      <HealthPanel application={application} />
      <Panel title="Keys" flush>
        <Loaded query={query}>
          {(keys) =>
            keys.length === 0 ? (
              <EmptyState title="This Application has no API keys yet" action={createButton}>
                {isAdmin
                  ? 'Create one for the platform that will send data.'
                  : 'An admin can create one for the platform that will send data.'}
              </EmptyState>
            ) : (
              <RecordsTable
                label="Keys"
                columns={columns(application, isAdmin ? { onOptions: openOptions, onDelete: setLeaving } : undefined)}
                rows={keys}
                rowKey={({ id }) => id}
              />
            )
          }
        </Loaded>
      </Panel>
      {isAdmin ? (
        <>
          <ApiKeyDrawer application={application} opened={create === 1} onClose={() => openDrawer(false)} />
          <ApiKeyOptions apiKey={query.data?.find(({ id }) => id === options)} onClose={() => openOptions(undefined)} />
          <DeleteKey apiKey={leaving} onClose={() => setLeaving(undefined)} />
        </>
      ) : null}
    </>
  );
}

interface KeyActions {
  readonly onOptions: (key: ApiKey) => void;
  readonly onDelete: (key: ApiKey) => void;
}

function columns(application: Application, actions: KeyActions | undefined): readonly Column<ApiKey>[] {
  const shown: Column<ApiKey>[] = [
    {
      key: 'title',
      header: 'Name',
      primary: true,
      cell: (apiKey) => (
        <>
          {apiKey.title}
          {switchesOf(apiKey).map((each) => (
            <Text key={each} span size="xs" c="dimmed" ml={6} style={{ whiteSpace: 'nowrap' }}>
              {each}
            </Text>
          ))}
        </>
      ),
    },
    { key: 'key', header: 'Key', nowrap: true, cell: ({ maskedKey }) => <code className="mono">{maskedKey}</code> },
    { key: 'type', header: 'Type', cell: ({ type }) => (type === 'staging' ? 'Test' : 'Production') },
    { key: 'platform', header: 'Platform', cell: ({ platform }) => platformLabel(platform) },
    { key: 'state', header: 'State', nowrap: true, cell: ({ state }) => <KeyStateBadge state={state} /> },
    {
      key: 'expires',
      header: 'Expires',
      nowrap: true,
      // The last moment the key works, not the first it does not: that may be the next day.
      cell: ({ expires }) => <Time value={justBefore(expires)} as="date" timeZone={application.timezone} />,
    },
    { key: 'creator', header: 'Created by', cell: creatorOf },
    {
      key: 'used',
      header: 'Last used',
      nowrap: true,
      cell: ({ lastUsed }) => (lastUsed === null ? 'Never' : <Time value={lastUsed} as="relative" />),
    },
  ];
  if (actions === undefined) return shown;
  const { onOptions, onDelete } = actions;
  return [
    ...shown,
    {
      key: 'actions',
      header: 'Actions',
      hideHeader: true,
      align: 'right',
      width: 84,
      cell: (key) => (
        <Group gap={4} wrap="nowrap" justify="flex-end">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Options of ${key.title}`}
            title="Options"
            onClick={() => onOptions(key)}
          >
            <IconAdjustmentsHorizontal size={18} stroke={1.6} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Delete ${key.title}`}
            title="Delete"
            onClick={() => onDelete(key)}
          >
            <IconTrash size={18} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Group>
      ),
    },
  ];
}

function switchesOf({ readOnly, lenientRows, rowReports, skipUndefinedAttributes }: ApiKey): string[] {
  return [
    ...(readOnly ? ['read-only'] : []),
    ...(lenientRows ? ['lenient rows'] : []),
    ...(rowReports ? ['row reports'] : []),
    ...(skipUndefinedAttributes ? ['skips undefined attributes'] : []),
  ];
}

function creatorOf({ createdBy, createdByEmail, created }: ApiKey) {
  return (
    <>
      {createdByEmail ?? (createdBy === null ? 'Command line' : 'Deleted user')}
      <Text size="xs" c="dimmed">
        <Time value={created} as="date" />
      </Text>
    </>
  );
}

function justBefore(time: string): string {
  return new Date(Date.parse(time) - 1).toISOString();
}

function DeleteKey({ apiKey, onClose }: { readonly apiKey: ApiKey | undefined; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: async ({ id, applicationID }: ApiKey) =>
      request<undefined>(path`/v1/applications/${applicationID}/apikeys/${id}`, { method: 'DELETE' }),
    meta: { showsError: true },
    onSuccess: async (_answer, { title, applicationID }) => {
      await queries.invalidateQueries({ queryKey: apiKeysQuery(applicationID).queryKey });
      notifyDone(`The key “${title}” was deleted`);
      onClose();
    },
  });
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      opened={apiKey !== undefined}
      title={`Delete “${apiKey?.title ?? ''}”?`}
      confirmLabel="Delete key"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => (apiKey === undefined ? undefined : remove.mutate(apiKey))}
      onClose={close}
    >
      {apiKey === undefined || apiKey.platform === 'none'
        ? 'Programs that use this key are refused at once.'
        : `${platformLabel(apiKey.platform)} is refused at once if it uses this key.`}{' '}
      This cannot be undone.
    </ConfirmDialog>
  );
}
