/** Keys of the Management API: who created them, what they may call, whether they still work. */

import { Menu, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { ManagementKey } from '../../../../src/http/surfaces/management/management-keys-schemas.ts';
import { path, request } from '../../api.ts';
import { KeyStateBadge } from '../../parts/badges.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { CreateButton } from '../../parts/create-button.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { RowMenu } from '../../parts/row-menu.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { Time } from '../../parts/time.tsx';
import { notifyDone } from '../../query-client.ts';
import { useIsAdmin } from '../../session.ts';
import { NewManagementKey } from './new-management-key.tsx';
import { managementKeysQuery } from './queries.ts';

const FEW = 3;

const COLUMNS: readonly Column<ManagementKey>[] = [
  { key: 'name', header: 'Name', primary: true, cell: ({ name }) => name },
  { key: 'key', header: 'Key', nowrap: true, cell: ({ maskedKey }) => <code className="mono">{maskedKey}</code> },
  {
    key: 'state',
    header: 'State',
    nowrap: true,
    cell: ({ state, disabled }) => (
      <>
        <KeyStateBadge state={state} />
        {disabled ? (
          <Text size="xs" c="dimmed">
            switched off
          </Text>
        ) : null}
      </>
    ),
  },
  {
    key: 'endpoints',
    header: 'May call',
    cell: ({ endpoints }) => (
      <>
        {endpoints.slice(0, FEW).map(({ method, path: at }) => (
          <Text key={`${method} ${at}`} size="xs" className="mono">
            {method} {at}
          </Text>
        ))}
        {endpoints.length > FEW ? (
          <details>
            <Text component="summary" size="xs" c="dimmed">
              {endpoints.length - FEW} more
            </Text>
            {endpoints.slice(FEW).map(({ method, path: at }) => (
              <Text key={`${method} ${at}`} size="xs" className="mono">
                {method} {at}
              </Text>
            ))}
          </details>
        ) : null}
      </>
    ),
  },
  {
    key: 'expires',
    header: 'Expires',
    nowrap: true,
    // The last moment it works; the day is one of UTC.
    cell: ({ expiryDate }) => (
      <Time value={new Date(Date.parse(expiryDate) - 1).toISOString()} as="date" timeZone="UTC" />
    ),
  },
  {
    key: 'creator',
    header: 'Created by',
    cell: ({ createdByEmail, created }) => (
      <>
        {createdByEmail ?? 'Deleted user'}
        <Text size="xs" c="dimmed">
          <Time value={created} as="date" />
        </Text>
      </>
    ),
  },
  {
    key: 'used',
    header: 'Last used',
    nowrap: true,
    cell: ({ lastUsed }) => (lastUsed === null ? 'Never' : <Time value={lastUsed} as="relative" />),
  },
];

function actions(
  onToggle: (key: ManagementKey) => void,
  onDelete: (key: ManagementKey) => void,
): Column<ManagementKey> {
  return {
    key: 'actions',
    header: 'Actions',
    hideHeader: true,
    align: 'right',
    width: 60,
    cell: (key) => (
      <RowMenu of={key.name}>
        <Menu.Item onClick={() => onToggle(key)}>Switch {key.disabled ? 'on' : 'off'}</Menu.Item>
        <Menu.Item color="red" onClick={() => onDelete(key)}>
          Delete…
        </Menu.Item>
      </RowMenu>
    ),
  };
}

export function ManagementKeysPage() {
  const { create } = useSearch({ from: '/shell/account/management-keys' });
  const navigate = useNavigate({ from: '/account/management-keys' });
  const isAdmin = useIsAdmin();
  const query = useQuery(managementKeysQuery);
  const queries = useQueryClient();
  const [leaving, setLeaving] = useState<ManagementKey>();
  const refresh = async () => queries.invalidateQueries({ queryKey: managementKeysQuery.queryKey });
  const toggle = useMutation({
    mutationFn: async ({ id, disabled }: ManagementKey) =>
      request<ManagementKey>(path`/v1/management_keys/${id}`, { method: 'PUT', body: { disabled: !disabled } }),
    onSuccess: async ({ name, disabled }) => {
      await refresh();
      notifyDone(`The key “${name}” was switched ${disabled ? 'off' : 'on'}`);
    },
  });
  const remove = useMutation({
    mutationFn: async ({ id }: ManagementKey) =>
      request<undefined>(path`/v1/management_keys/${id}`, { method: 'DELETE' }),
    meta: { showsError: true },
    onSuccess: async (_answer, { name }) => {
      await refresh();
      notifyDone(`The key “${name}” was deleted`);
      setLeaving(undefined);
    },
  });

  const openDrawer = (open: boolean) =>
    void navigate({ search: (before) => ({ ...before, create: open ? (1 as const) : undefined }) });
  const createButton = isAdmin ? (
    <CreateButton label="Create Key" opened={create === 1} onOpen={() => openDrawer(true)} />
  ) : undefined;
  return (
    <>
      <PageHeader
        title="Management API Keys"
        description="For programs that read or change audiences, attributes and other back-office data. A key may call the endpoints selected for it, with the rights of its creator."
        actions={query.data?.length === 0 ? undefined : createButton}
      />
      <Panel flush>
        <Loaded query={query}>
          {(keys) =>
            keys.length === 0 ? (
              <EmptyState title="No management keys yet" action={createButton}>
                Connectors such as Tealium and Hightouch need one in addition to an API key.
              </EmptyState>
            ) : (
              <RecordsTable
                label="Management API keys"
                columns={isAdmin ? [...COLUMNS, actions((key) => toggle.mutate(key), setLeaving)] : COLUMNS}
                rows={keys}
                rowKey={({ id }) => id}
              />
            )
          }
        </Loaded>
      </Panel>
      {isAdmin ? (
        <>
          <SideDrawer opened={create === 1} onClose={() => openDrawer(false)} title="Create Key" size="lg">
            <NewManagementKey onDone={() => openDrawer(false)} />
          </SideDrawer>
          <ConfirmDialog
            opened={leaving !== undefined}
            title={`Delete “${leaving?.name ?? ''}”?`}
            confirmLabel="Delete key"
            pending={remove.isPending}
            error={remove.error}
            onConfirm={() => (leaving === undefined ? undefined : remove.mutate(leaving))}
            onClose={() => {
              remove.reset();
              setLeaving(undefined);
            }}
          >
            Programs that use this key are refused at once. This cannot be undone.
          </ConfirmDialog>
        </>
      ) : null}
    </>
  );
}
