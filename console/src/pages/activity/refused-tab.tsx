/** Refused writes that are kept in full: selected here, and replayed once their cause is fixed. */

import { Alert, Button, Checkbox, Group, Text } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { RefusedWrite } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { StateBadge, StatusBadge } from '../../parts/badges.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Paging } from '../../parts/paging.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { Time } from '../../parts/time.tsx';
import { useIsAdmin } from '../../session.ts';
import { refusedQuery } from './queries.ts';
import { ReplayDrawer } from './replay-drawer.tsx';
import { RequestName } from './request-name.tsx';

export function RefusedTab() {
  const { cause, application, cursor } = useSearch({ from: '/shell/activity' });
  const navigate = useNavigate({ from: '/activity' });
  const isAdmin = useIsAdmin();
  const query = useQuery({ ...refusedQuery({ cause, application }, cursor), placeholderData: keepPreviousData });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [replaying, setReplaying] = useState<readonly string[]>();

  const open = (query.data?.data ?? []).filter(({ replayed }) => replayed === null).map(({ uuid }) => uuid);
  const picked = open.filter((uuid) => chosen.has(uuid));
  const choose = (uuids: readonly string[], isChosen: boolean) => {
    const others = [...chosen].filter((uuid) => !uuids.includes(uuid));
    setChosen(new Set(isChosen ? [...others, ...uuids] : others));
  };
  return (
    <>
      {cause === undefined ? null : (
        <Group gap="xs" mb="sm">
          <StateBadge color="amber" label={`Cause: ${cause.length > 60 ? `${cause.slice(0, 60)}…` : cause}`} />
          <TextLink to="/activity" search={{ tab: 'refused' }} size="sm">
            Any cause
          </TextLink>
        </Group>
      )}
      <Panel
        title="Refused writes"
        description="They are kept in full; the oldest are removed when space runs out. Fix the cause, then replay them."
        flush
        actions={
          isAdmin && open.length > 0 ? (
            <Button
              size="xs"
              disabled={picked.length === 0}
              leftSection={<IconArrowBackUp size={14} aria-hidden />}
              onClick={() => setReplaying(picked)}
            >
              {picked.length === 0 ? 'Replay' : `Replay ${picked.length}`}
            </Button>
          ) : null
        }
      >
        <Loaded query={query}>
          {({ data }) =>
            data.length === 0 ? (
              <EmptyState title="No refused writes">
                {cause === undefined
                  ? 'Refused writes appear here if they used a known key and their Application logs payloads in full.'
                  : 'None was refused for this cause, or all have been replayed and removed since.'}
              </EmptyState>
            ) : (
              <>
                {isAdmin && open.length > 0 ? (
                  <Checkbox
                    label="Select all on this page"
                    size="sm"
                    px="md"
                    pb="xs"
                    checked={picked.length === open.length}
                    indeterminate={picked.length > 0 && picked.length < open.length}
                    onChange={(event) => choose(open, event.currentTarget.checked)}
                  />
                ) : null}
                <RecordsTable
                  label="Refused writes"
                  columns={isAdmin ? [chooser(chosen, choose), ...COLUMNS] : COLUMNS}
                  rows={data}
                  rowKey={({ uuid }) => uuid}
                />
              </>
            )
          }
        </Loaded>
        <Paging
          cursor={cursor}
          nextCursor={query.data?.nextCursor}
          onPage={(next) => void navigate({ search: (before) => ({ ...before, cursor: next }) })}
        />
      </Panel>
      {isAdmin ? null : (
        <Alert color="gray" role="note">
          <Text size="sm">An admin can replay refused writes.</Text>
        </Alert>
      )}
      <ReplayDrawer uuids={replaying} onClose={() => setReplaying(undefined)} />
    </>
  );
}

const COLUMNS: readonly Column<RefusedWrite>[] = [
  {
    key: 'request',
    header: 'Request',
    primary: true,
    cell: (item) => <RequestName {...item} />,
  },
  { key: 'status', header: 'Status', width: 80, cell: ({ status }) => <StatusBadge status={status} /> },
  { key: 'key', header: 'Key', width: '18%', cell: ({ keyId, keyName }) => keyName ?? `Key ${keyId}` },
  {
    key: 'time',
    header: 'Arrived',
    width: 150,
    nowrap: true,
    cell: ({ time }) => <Time value={time} as="clock" />,
  },
  {
    key: 'replayed',
    header: 'Replayed',
    width: 130,
    nowrap: true,
    cell: ({ replayed }) => (replayed === null ? 'Not yet' : <Time value={replayed} as="relative" />),
  },
];

function chooser(
  chosen: ReadonlySet<string>,
  choose: (uuids: readonly string[], isChosen: boolean) => void,
): Column<RefusedWrite> {
  return {
    key: 'choose',
    header: 'Choose',
    hideHeader: true,
    width: 44,
    cell: ({ uuid, method, requestUri, replayed }) =>
      replayed === null ? (
        <Checkbox
          size="sm"
          aria-label={`Select ${method} ${requestUri}`}
          checked={chosen.has(uuid)}
          onChange={(event) => choose([uuid], event.currentTarget.checked)}
        />
      ) : null,
  };
}
