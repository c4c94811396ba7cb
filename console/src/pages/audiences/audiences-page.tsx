/** The audiences of the environment: search, filter, sort by size or last change, and the drawer that creates one. */

import { Button, Group, Select, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Audience } from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import { useEnvironment } from '../../environment.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { formatCount } from '../../parts/numbers.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { type SortDirection, SortHeader } from '../../parts/sort-header.tsx';
import { Time } from '../../parts/time.tsx';
import { useIsAdmin } from '../../session.ts';
import { AudienceDrawer } from './audience-drawer.tsx';
import { audiencesQuery, PAGE_SIZE, platformsQuery } from './queries.ts';
import { type AudienceSort, type AudiencesSearch, SORTS } from './search.ts';

// Where the table becomes cards it has no headers to sort by.
const SORT_LABELS: readonly { value: AudienceSort; label: string }[] = [
  { value: '-membersCount', label: 'Largest first' },
  { value: 'membersCount', label: 'Smallest first' },
  { value: '-lastUpdate', label: 'Last changed first' },
  { value: 'lastUpdate', label: 'Longest unchanged first' },
  { value: 'name', label: 'By name' },
  { value: '-name', label: 'By name, reversed' },
];

export function AudiencesPage() {
  const search = useSearch({ from: '/shell/audiences' });
  const { q, platform, sort = '-membersCount', skip = 0, create } = search;
  const { environment, sandbox } = useEnvironment();
  const navigate = useNavigate({ from: '/audiences' });
  const isAdmin = useIsAdmin();
  const query = useQuery(audiencesQuery(sandbox, search));
  const platforms = useQuery(platformsQuery(sandbox));

  const show = (change: AudiencesSearch) =>
    void navigate({ search: (before) => ({ ...before, skip: undefined, ...change }), replace: true });
  const openDrawer = (open: boolean) =>
    void navigate({ search: (before) => ({ ...before, create: open ? (1 as const) : undefined }) });
  const createButton = isAdmin ? (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => openDrawer(true)}>
      Create audience
    </Button>
  ) : undefined;
  const isFiltered = q !== undefined || platform !== undefined;

  return (
    <>
      <PageHeader
        title="Audiences"
        description="Platforms create audiences and add customers to them; you can also do both by hand."
        actions={createButton}
      />
      <Panel flush>
        <FilterBar>
          <SearchField
            label="Search audiences"
            placeholder="Name, description or ID"
            value={q ?? ''}
            onSearch={(text) => show({ q: text === '' ? undefined : text })}
          />
          <Select
            aria-label="Platform"
            placeholder="All platforms"
            data={platforms.data ?? (platform === undefined ? [] : [platform])}
            value={platform ?? null}
            onChange={(value) => show({ platform: value ?? undefined })}
            clearable
            clearButtonProps={{ 'aria-label': 'All platforms' }}
            w={{ base: '100%', sm: 220 }}
          />
          <Select
            aria-label="Sort by"
            data={SORT_LABELS}
            value={sort}
            onChange={(value) => show({ sort: SORTS.find((each) => each === value) })}
            allowDeselect={false}
            hiddenFrom="sm"
            w="100%"
          />
        </FilterBar>
        <Loaded query={query}>
          {({ data, totalResultSize }) =>
            data.length === 0 ? (
              <NoAudiences isFiltered={isFiltered} environment={environment} action={createButton} />
            ) : (
              <>
                <RecordsTable
                  label="Audiences"
                  columns={columns(sort, (next) => show({ sort: next }))}
                  rows={data}
                  rowKey={({ id }) => id}
                />
                <Pages
                  skip={skip}
                  shown={data.length}
                  total={totalResultSize}
                  onSkip={(next) => show({ skip: next === 0 ? undefined : next })}
                />
              </>
            )
          }
        </Loaded>
      </Panel>
      {isAdmin ? <AudienceDrawer opened={create === 1} onClose={() => openDrawer(false)} /> : null}
    </>
  );
}

function NoAudiences({
  isFiltered,
  environment,
  action,
}: {
  readonly isFiltered: boolean;
  readonly environment: string;
  readonly action: React.ReactNode;
}) {
  return isFiltered ? (
    <EmptyState title="No audience matches">Change the search or the platform above.</EmptyState>
  ) : (
    <EmptyState title={`No ${environment} audiences yet`} action={action}>
      They appear here when a platform creates them. First give your platform an Application's API key.
    </EmptyState>
  );
}

function columns(sort: AudienceSort, onSort: (sort: AudienceSort) => void): readonly Column<Audience>[] {
  const field = sort.replace('-', '');
  const direction = (name: string): SortDirection =>
    field !== name ? 'none' : sort.startsWith('-') ? 'descending' : 'ascending';
  const header = (name: 'name' | 'membersCount' | 'lastUpdate', label: string) => {
    const now = direction(name);
    // Names start at A, sizes and times with the largest.
    const first: AudienceSort = name === 'name' ? 'name' : `-${name}`;
    const turned: AudienceSort = sort === name ? `-${name}` : name;
    return <SortHeader label={label} direction={now} onSort={() => onSort(now === 'none' ? first : turned)} />;
  };
  return [
    {
      key: 'name',
      header: header('name', 'Name'),
      sort: direction('name'),
      primary: true,
      cell: ({ id, name, description }) => (
        <>
          <TextLink to="/audiences/$audienceId" params={{ audienceId: String(id) }}>
            {name}
          </TextLink>
          {description === '' ? null : (
            <Text size="xs" c="dimmed" lineClamp={1}>
              {description}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'members',
      label: 'Members',
      header: header('membersCount', 'Members'),
      sort: direction('membersCount'),
      align: 'right',
      width: 110,
      cell: ({ membersCount }) => formatCount(membersCount),
    },
    {
      key: 'platform',
      header: 'Platform',
      cell: ({ integration }) =>
        integration ?? (
          <Text span c="dimmed" size="sm">
            Created by hand
          </Text>
        ),
    },
    {
      key: 'externalId',
      header: 'Platform’s ID',
      cell: ({ integrationId }) => (integrationId === undefined ? '—' : <code className="mono">{integrationId}</code>),
    },
    {
      key: 'changed',
      label: 'Last change',
      header: header('lastUpdate', 'Last change'),
      sort: direction('lastUpdate'),
      nowrap: true,
      cell: ({ lastUpdate }) => <Time value={lastUpdate} as="relative" />,
    },
  ];
}

interface PagesProps {
  readonly skip: number;
  readonly shown: number;
  readonly total: number;
  readonly onSkip: (skip: number) => void;
}

function Pages({ skip, shown, total, onSkip }: PagesProps) {
  return (
    <Group justify="space-between" p="sm" px="md">
      <Text size="sm" c="dimmed" className="figures" role="status">
        {`${formatCount(skip + 1)}–${formatCount(skip + shown)} of ${formatCount(total)}`}
      </Text>
      {total <= PAGE_SIZE ? null : (
        <Group component="nav" aria-label="Pages" gap="xs">
          <Button
            variant="default"
            size="xs"
            disabled={skip === 0}
            onClick={() => onSkip(Math.max(skip - PAGE_SIZE, 0))}
          >
            Previous
          </Button>
          <Button variant="default" size="xs" disabled={skip + shown >= total} onClick={() => onSkip(skip + PAGE_SIZE)}>
            Next
          </Button>
        </Group>
      )}
    </Group>
  );
}
