/** The requests: filters, the list that grows while it is shown, and pages of older requests. */

import { Alert, Button, Group, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { AccessLogItem } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import type { CursorPage } from '../../api.ts';
import { StateBadge } from '../../parts/badges.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { countOf } from '../../parts/numbers.ts';
import { Paging, useTrail } from '../../parts/paging.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TopCauses } from './causes.tsx';
import { Filters } from './filters.tsx';
import { includesNow, requestsQuery } from './queries.ts';
import { RequestsTable } from './requests-table.tsx';
import type { LogFilters } from './search.ts';
import { type LiveLog, useLiveLog } from './use-live-log.ts';

export function RequestsTab() {
  const { tab: _tab, cursor, ...rest } = useSearch({ from: '/shell/activity' });
  const filters: LogFilters = rest;
  const key = JSON.stringify(filters);
  return <FilteredRequests key={key} filters={filters} cursor={cursor} />;
}

function FilteredRequests({ filters, cursor }: Omit<RequestsProps, 'way'>) {
  const way = useTrail();
  return (
    <>
      {cursor === undefined ? <TopCauses /> : null}
      <Filters filters={filters} />
      <Requests key={cursor} filters={filters} cursor={cursor} way={way} />
    </>
  );
}

interface RequestsProps {
  readonly filters: LogFilters;
  readonly cursor: string | undefined;
  readonly way: ReturnType<typeof useTrail>;
}

function Requests({ filters, cursor, way }: RequestsProps) {
  const navigate = useNavigate({ from: '/activity' });
  const followed = cursor === undefined && includesNow(filters);
  const query = useQuery({ ...requestsQuery(filters, cursor), placeholderData: keepPreviousData });
  const live = useLiveLog(followed ? filters : undefined);
  // The entries the list showed when it was paused.
  const [paused, setPaused] = useState<readonly AccessLogItem[]>();
  const current = useMemo(() => merged(live.items, query.data?.data ?? []), [live.items, query.data]);
  const shown = paused ?? current;
  const waiting = paused === undefined ? 0 : newIn(current, paused);

  return (
    <Panel
      title={cursor === undefined ? 'Requests' : 'Older requests'}
      flush
      actions={
        followed ? (
          <Group gap="xs">
            <LiveState live={live} paused={paused !== undefined} />
            <Button
              size="xs"
              variant="default"
              leftSection={
                paused === undefined ? (
                  <IconPlayerPause size={14} aria-hidden />
                ) : (
                  <IconPlayerPlay size={14} aria-hidden />
                )
              }
              onClick={() => setPaused(paused === undefined ? current : undefined)}
            >
              {paused === undefined ? 'Pause' : waiting === 0 ? 'Resume' : `Resume (${waiting} new)`}
            </Button>
          </Group>
        ) : null
      }
    >
      <GapNotice missed={live.missed} />
      <Loaded query={query}>
        {(page) =>
          shown.length === 0 ? (
            <NoRequests filters={filters} page={page} />
          ) : (
            <RequestsTable label="Requests" requests={shown} />
          )
        }
      </Loaded>
      <Paging
        cursor={cursor}
        nextCursor={query.data?.nextCursor}
        way={way}
        onPage={(next) => void navigate({ search: (before) => ({ ...before, cursor: next }) })}
      />
    </Panel>
  );
}

/** Newest first, each request once, as the fetched list describes it: that may be more recent. */
function merged(live: readonly AccessLogItem[], listed: readonly AccessLogItem[]): readonly AccessLogItem[] {
  const known = new Set(listed.map(({ uuid }) => uuid));
  const added = live.filter(({ uuid }) => !known.has(uuid));
  if (added.length === 0) return listed;
  return [...added, ...listed].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
}

function newIn(current: readonly AccessLogItem[], before: readonly AccessLogItem[]): number {
  const known = new Set(before.map(({ uuid }) => uuid));
  return current.filter(({ uuid }) => !known.has(uuid)).length;
}

function LiveState({ live, paused }: { readonly live: LiveLog; readonly paused: boolean }) {
  return (
    <span role="status">
      {paused ? (
        <StateBadge color="amber" label="Paused" />
      ) : live.state === 'live' ? (
        <StateBadge color="green" label="Live" />
      ) : live.state === 'lost' ? (
        <StateBadge color="red" label="Connection lost, reconnecting" />
      ) : (
        <StateBadge color="gray" label="Connecting" />
      )}
    </span>
  );
}

function GapNotice({ missed }: { readonly missed: number }) {
  if (missed === 0) return null;
  return (
    <Alert color="amber" p="xs" mx="md" mb="xs" role="status">
      <Text size="sm">
        {countOf(missed, 'request')} arrived too fast to be shown individually. They are in the log: reload the page or
        use the filters.
      </Text>
    </Alert>
  );
}

function NoRequests({ filters, page }: { readonly filters: LogFilters; readonly page: CursorPage<AccessLogItem> }) {
  if (page.hasMore) {
    return (
      <EmptyState title="No matches so far">
        The log is long and few requests match the filters. Continue searching with Next.
      </EmptyState>
    );
  }
  if (Object.keys(filters).length > 0) {
    return (
      <EmptyState title="No request matches these filters">Choose a longer time, or clear the filters.</EmptyState>
    );
  }
  return (
    <EmptyState title="No request has arrived yet">
      As soon as a platform calls this server, its requests appear here, including refused ones.
    </EmptyState>
  );
}
