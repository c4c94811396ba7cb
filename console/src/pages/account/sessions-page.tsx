/** The current user's sessions, and those of others; each can be ended. */

import { Button, Select, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Session } from '../../../../src/http/surfaces/management/sessions-schemas.ts';
import { path, request } from '../../api.ts';
import { StateBadge } from '../../parts/badges.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { Time } from '../../parts/time.tsx';
import { notifyDone } from '../../query-client.ts';
import { useIsAdmin, useSession } from '../../session.ts';
import { useSignOut } from '../../shell/sign-out-button.tsx';
import { sessionsQuery, usersQuery } from './queries.ts';
import { clientName } from './user-agent.ts';

export function SessionsPage() {
  const { user } = useSearch({ from: '/shell/account/sessions' });
  const own = useSession().userId;
  const isAdmin = useIsAdmin();
  const query = useQuery(sessionsQuery(isAdmin ? user : undefined));
  const queries = useQueryClient();
  const signOut = useSignOut();
  const end = useMutation({
    mutationFn: async (sessions: readonly Session[]) =>
      Promise.all(sessions.map(async ({ id }) => request<undefined>(path`/v1/sessions/${id}`, { method: 'DELETE' }))),
    onSuccess: (ended) => notifyDone(ended.length === 1 ? 'Session ended' : 'Sessions ended'),
    onSettled: async () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  const others = query.data?.filter(({ current }) => !current) ?? [];

  return (
    <>
      <PageHeader
        title="Sessions"
        description="A console session ends after 12 hours without use, and after 7 days at the latest. End any session you do not recognise, then change the password."
        actions={
          others.length > 1 ? (
            <Button variant="default" loading={end.isPending} onClick={() => end.mutate(others)}>
              End all others
            </Button>
          ) : undefined
        }
      />
      {isAdmin ? <WhoseSessions userId={user ?? own} /> : null}
      <Panel flush>
        <Loaded query={query}>
          {(sessions) =>
            sessions.length === 0 ? (
              <EmptyState title="This user is not signed in anywhere" />
            ) : (
              <RecordsTable
                label="Sessions"
                columns={columns((session) => (session.current ? signOut.mutate() : end.mutate([session])))}
                rows={sessions}
                rowKey={({ id }) => id}
              />
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}

function columns(onEnd: (session: Session) => void): readonly Column<Session>[] {
  return [
    {
      key: 'client',
      header: 'Client',
      primary: true,
      cell: ({ kind, userAgent, current }) => (
        <>
          {kind === 'api' ? 'API token' : clientName(userAgent)}{' '}
          {current ? <StateBadge color="green" label="This session" /> : null}
          <Text size="xs" c="dimmed" lineClamp={1} title={userAgent}>
            {userAgent}
          </Text>
        </>
      ),
    },
    { key: 'address', header: 'Signed in from', cell: ({ address }) => <span className="mono">{address}</span> },
    { key: 'created', header: 'Signed in', nowrap: true, cell: ({ created }) => <Time value={created} /> },
    {
      key: 'seen',
      header: 'Last used',
      nowrap: true,
      cell: ({ lastSeen }) => <Time value={lastSeen} as="relative" />,
    },
    {
      key: 'expires',
      header: 'Ends no later than',
      nowrap: true,
      cell: ({ expires }) => <Time value={expires} as="relative" />,
    },
    {
      key: 'actions',
      header: 'Actions',
      hideHeader: true,
      align: 'right',
      cell: (session) => (
        <Button
          size="compact-sm"
          variant="default"
          fw={500}
          aria-label={session.current ? 'Sign out here' : `End the session of ${clientName(session.userAgent)}`}
          onClick={() => onEnd(session)}
        >
          {session.current ? 'Sign out' : 'End'}
        </Button>
      ),
    },
  ];
}

function WhoseSessions({ userId }: { readonly userId: number }) {
  const own = useSession();
  const navigate = useNavigate({ from: '/account/sessions' });
  const { data: users = [] } = useQuery(usersQuery);
  const options = users.map(({ id, email }) => ({
    value: String(id),
    label: id === own.userId ? `${email} (you)` : email,
  }));
  const choose = (value: string | null) => {
    const chosen = value === null || Number(value) === own.userId ? undefined : Number(value);
    void navigate({ search: (before) => ({ ...before, user: chosen }) });
  };
  return (
    <Select
      label="Sessions of"
      data={options}
      value={String(userId)}
      onChange={choose}
      allowDeselect={false}
      searchable
      mb="md"
      maw={360}
    />
  );
}
