/** Who may use the console, and in which role. */

import { Menu, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { User, UserUpdate } from '../../../../src/http/surfaces/management/users-schemas.ts';
import { path, request } from '../../api.ts';
import { StateBadge } from '../../parts/badges.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { CreateButton } from '../../parts/create-button.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { RowMenu } from '../../parts/row-menu.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { Time } from '../../parts/time.tsx';
import { notifyDone } from '../../query-client.ts';
import { useIsAdmin, useSession } from '../../session.ts';
import { EditUser } from './edit-user.tsx';
import { NewUser } from './new-user.tsx';
import { usersQuery } from './queries.ts';
import { ResetPassword } from './reset-password.tsx';
import type { UsersSearch } from './search.ts';

const STATES: Readonly<Record<User['state'], { readonly label: string; readonly color: string }>> = {
  active: { label: 'Active', color: 'green' },
  invited: { label: 'Invited', color: 'blue' },
  deactivated: { label: 'Deactivated', color: 'gray' },
};

export function UsersPage() {
  const { create, edit, reset } = useSearch({ from: '/shell/account/users' });
  const navigate = useNavigate({ from: '/account/users' });
  const { userId } = useSession();
  const isAdmin = useIsAdmin();
  const query = useQuery(usersQuery);
  const [ending, setEnding] = useState<Ending>();
  const byId = (id: number | undefined) => query.data?.find((each) => each.id === id);

  // The open drawer is part of the address: going back closes it.
  const show = (open: UsersSearch) =>
    void navigate({
      search: ({ env }) => ({ env, create: undefined, edit: undefined, reset: undefined, ...open }),
    });
  const close = () => show({});
  const edited = byId(edit);
  const resetUser = byId(reset);

  return (
    <>
      <PageHeader
        title="Users"
        description="Admins may do everything. Read-only users see everything except payloads, and cannot change or export anything."
        actions={
          isAdmin ? (
            <CreateButton label="Create user" opened={create === 1} onOpen={() => show({ create: 1 })} />
          ) : undefined
        }
      />
      <Panel flush>
        <Loaded query={query}>
          {(users) => (
            <RecordsTable
              label="Users"
              columns={isAdmin ? [...columns(userId), actions(userId, show, setEnding)] : columns(userId)}
              rows={users}
              rowKey={({ id }) => id}
            />
          )}
        </Loaded>
      </Panel>
      {isAdmin ? (
        <>
          <SideDrawer opened={create === 1} onClose={close} title="Create user">
            <NewUser onDone={close} />
          </SideDrawer>
          <SideDrawer opened={edited !== undefined} onClose={close} title="Edit user">
            {edited === undefined ? null : <EditUser key={edited.id} user={edited} onDone={close} />}
          </SideDrawer>
          <SideDrawer opened={resetUser !== undefined} onClose={close} title="Reset password">
            {resetUser === undefined ? null : <ResetPassword key={resetUser.id} user={resetUser} onDone={close} />}
          </SideDrawer>
          <EndUser ending={ending} onClose={() => setEnding(undefined)} />
        </>
      ) : null}
    </>
  );
}

function columns(ownId: number): Column<User>[] {
  return [
    {
      key: 'user',
      header: 'User',
      primary: true,
      cell: ({ id, name, email }) => (
        <>
          {name}
          {id === ownId ? (
            <Text span size="xs" c="dimmed" ml={6}>
              you
            </Text>
          ) : null}
          <Text size="xs" c="dimmed">
            {email}
          </Text>
        </>
      ),
    },
    { key: 'role', header: 'Role', nowrap: true, cell: (user) => (user.isAdmin ? 'Admin' : 'Read-only') },
    { key: 'state', header: 'State', nowrap: true, cell: ({ state }) => <StateBadge {...STATES[state]} /> },
    {
      key: 'signedIn',
      header: 'Last signed in',
      nowrap: true,
      cell: ({ lastSignedIn }) => (lastSignedIn === undefined ? 'Never' : <Time value={lastSignedIn} as="relative" />),
    },
    { key: 'created', header: 'Created', nowrap: true, cell: ({ created }) => <Time value={created} as="date" /> },
  ];
}

function actions(ownId: number, show: (open: UsersSearch) => void, setEnding: (ending: Ending) => void): Column<User> {
  return {
    key: 'actions',
    header: 'Actions',
    hideHeader: true,
    align: 'right',
    width: 60,
    cell: (user) => (
      <RowMenu of={user.email}>
        <Menu.Item onClick={() => show({ edit: user.id })}>Edit…</Menu.Item>
        {user.id === ownId ? null : (
          <>
            <Menu.Item onClick={() => show({ reset: user.id })}>Reset password…</Menu.Item>
            <Menu.Divider />
            <Menu.Item
              onClick={() => setEnding({ user, what: user.state === 'deactivated' ? 'activate' : 'deactivate' })}
            >
              {user.state === 'deactivated' ? 'Activate…' : 'Deactivate…'}
            </Menu.Item>
            <Menu.Item color="red" onClick={() => setEnding({ user, what: 'delete' })}>
              Delete…
            </Menu.Item>
          </>
        )}
      </RowMenu>
    ),
  };
}

interface Ending {
  readonly user: User;
  readonly what: 'activate' | 'deactivate' | 'delete';
}

const WORDS = {
  activate: {
    title: 'Activate',
    text: 'The user can sign in again, and management keys the user created work again.',
    done: 'was activated',
  },
  deactivate: {
    title: 'Deactivate',
    text: 'The user is signed out and cannot sign in. Management keys the user created stop working until the user is activated again. API keys of Applications keep working.',
    done: 'was deactivated',
  },
  delete: {
    title: 'Delete',
    text: 'The user is signed out, and management keys the user created stop working. API keys of Applications keep working. This cannot be undone.',
    done: 'was deleted',
  },
} as const;

function EndUser({ ending, onClose }: { readonly ending: Ending | undefined; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: async ({ user, what }: Ending) => {
      const resource = path`/v1/users/${user.id}`;
      if (what === 'delete') return request<undefined>(resource, { method: 'DELETE' });
      const body: UserUpdate = { state: what === 'activate' ? 'active' : 'deactivated' };
      return request<User>(resource, { method: 'PUT', body });
    },
    meta: { showsError: true },
    onSuccess: async (_answer, { user, what }) => {
      await queries.invalidateQueries({ queryKey: usersQuery.queryKey });
      notifyDone(`${user.email} ${WORDS[what].done}`);
      onClose();
    },
  });
  const words = WORDS[ending?.what ?? 'delete'];
  const close = () => {
    end.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      opened={ending !== undefined}
      title={`${words.title} ${ending?.user.email ?? ''}?`}
      confirmLabel={words.title}
      pending={end.isPending}
      error={end.error}
      onConfirm={() => (ending === undefined ? undefined : end.mutate(ending))}
      onClose={close}
    >
      {words.text}
    </ConfirmDialog>
  );
}
