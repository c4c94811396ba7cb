/** One audience: its size and movement, its members and their history, and the actions on it. */

import { Button, SegmentedControl, SimpleGrid, Tabs, Text } from '@mantine/core';
import { IconDownload, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { AudienceDetail } from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import { path, request } from '../../api.ts';
import { useEnvironmentOf } from '../../environment.ts';
import { EnvironmentBadge } from '../../parts/badges.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { FigureTile } from '../../parts/figure-tile.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { formatCount } from '../../parts/numbers.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { notifyDone } from '../../query-client.ts';
import { useIsAdmin } from '../../session.ts';
import { AttributeJobsTab } from './attribute-jobs-tab.tsx';
import { AudienceCharts } from './audience-charts.tsx';
import { AudienceDrawer } from './audience-drawer.tsx';
import { ChangesTab } from './changes-tab.tsx';
import { ImportTab } from './import-tab.tsx';
import { MembersTab } from './members-tab.tsx';
import { audienceQuery, timelineQuery } from './queries.ts';
import { type AudienceRange, RANGES, TABS } from './search.ts';

const RANGE_LABELS: Readonly<Record<AudienceRange, string>> = {
  hours: '48 hours',
  month: '30 days',
  quarter: '90 days',
};

export function AudiencePage() {
  const { audienceId } = useParams({ from: '/shell/audiences/$audienceId' });
  const query = useQuery(audienceQuery(Number(audienceId)));
  return (
    <>
      {query.data === undefined ? <PageHeader title="Audience" above={[<AllAudiences key="all" />]} /> : null}
      <Loaded query={query}>{(audience) => <AudienceView audience={audience} />}</Loaded>
    </>
  );
}

function AllAudiences() {
  return <TextLink to="/audiences">Audiences</TextLink>;
}

function AudienceView({ audience }: { readonly audience: AudienceDetail }) {
  useEnvironmentOf(audience);
  const { tab = 'members', edit } = useSearch({ from: '/shell/audiences/$audienceId' });
  const navigate = useNavigate({ from: '/audiences/$audienceId' });
  const isAdmin = useIsAdmin();
  const shown = tab === 'import' && !isAdmin ? 'members' : tab;
  const openDrawer = (open: boolean) =>
    void navigate({ search: (before) => ({ ...before, edit: open ? (1 as const) : undefined }) });
  const showTab = (value: string | null) => {
    const next = TABS.find((each) => each === value);
    void navigate({
      search: (before) => ({ ...before, tab: next === 'members' ? undefined : next, cursor: undefined }),
      replace: true,
      resetScroll: false,
    });
  };

  return (
    <>
      <PageHeader
        title={audience.name}
        above={[<AllAudiences key="all" />]}
        badges={<EnvironmentBadge sandbox={audience.sandbox} />}
        description={<About audience={audience} />}
        actions={isAdmin ? <Actions audience={audience} onEdit={() => openDrawer(true)} /> : undefined}
      />
      <Figures audience={audience} />
      <Movement audienceId={audience.id} />
      <Panel flush>
        <Tabs value={shown} onChange={showTab} keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="members">Members</Tabs.Tab>
            <Tabs.Tab value="changes">Changes</Tabs.Tab>
            <Tabs.Tab value="attributes">Attribute updates</Tabs.Tab>
            {isAdmin ? <Tabs.Tab value="import">Import</Tabs.Tab> : null}
          </Tabs.List>
          <Tabs.Panel value="members">
            <MembersTab audience={audience} />
          </Tabs.Panel>
          <Tabs.Panel value="changes">
            <ChangesTab audience={audience} />
          </Tabs.Panel>
          <Tabs.Panel value="attributes">
            <AttributeJobsTab audience={audience} />
          </Tabs.Panel>
          {isAdmin ? (
            <Tabs.Panel value="import">
              <ImportTab audience={audience} />
            </Tabs.Panel>
          ) : null}
        </Tabs>
      </Panel>
      {isAdmin ? <AudienceDrawer opened={edit === 1} audience={audience} onClose={() => openDrawer(false)} /> : null}
    </>
  );
}

function About({ audience }: { readonly audience: AudienceDetail }) {
  const { id, integration, integrationId, description } = audience;
  return (
    <>
      {description === '' ? null : <Text size="sm">{description}</Text>}
      {integration === undefined ? 'Created by hand' : integration}
      {integrationId === undefined ? null : (
        <>
          {' · '}
          <code className="mono">{integrationId}</code>
        </>
      )}
      {` · ID ${id}`}
    </>
  );
}

function Actions({ audience, onEdit }: { readonly audience: AudienceDetail; readonly onEdit: () => void }) {
  const [deleting, setDeleting] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: async () => request<undefined>(path`/v1/audiences/${audience.id}`, { method: 'DELETE' }),
    meta: { showsError: true },
    onSuccess: async () => {
      notifyDone(`Audience “${audience.name}” was deleted`);
      await navigate({ to: '/audiences' });
      await queries.invalidateQueries({ queryKey: ['audiences', 'list'] });
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
        Edit
      </Button>
      <Button
        component="a"
        variant="default"
        href={path`/v1/audiences/${audience.id}/memberships/export`}
        download
        leftSection={<IconDownload size={16} aria-hidden />}
      >
        Export members
      </Button>
      <Button
        variant="default"
        leftSection={<IconTrash size={16} aria-hidden />}
        onClick={() => {
          remove.reset();
          setDeleting(true);
        }}
      >
        Delete
      </Button>
      <ConfirmDialog
        opened={deleting}
        title={`Delete “${audience.name}”?`}
        confirmLabel="Delete audience"
        typeToConfirm={audience.name}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setDeleting(false)}
      >
        {`All ${formatCount(audience.membersCount)} members leave it at once. Requests that name it are refused from then on. This cannot be undone.`}
      </ConfirmDialog>
    </>
  );
}

function Figures({ audience }: { readonly audience: AudienceDetail }) {
  const hours = useQuery(timelineQuery(audience.id, 'hours'));
  const lastDay = (hours.data ?? []).slice(-24);
  const sum = (name: 'joins' | 'leaves'): string =>
    hours.data === undefined ? '…' : formatCount(lastDay.reduce((total, each) => total + each[name], 0));
  // Joins and leaves are counted by the hour: the first hour counted began less than a day ago.
  const [first] = lastDay;
  const since = first === undefined ? undefined : <>since {<Time value={first.time} as="clock" />}</>;
  const { lastFedBy } = audience;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm" mb="md">
      <FigureTile label="Members" value={formatCount(audience.membersCount)} />
      <FigureTile label="Joined" value={sum('joins')} note={since} />
      <FigureTile label="Left" value={sum('leaves')} note={since} />
      <FigureTile
        label="Last updated"
        value={lastFedBy === null ? 'Never' : <Time value={lastFedBy.time} as="relative" />}
        note={lastFedBy === null ? undefined : <LastFeed fed={lastFedBy} />}
      />
    </SimpleGrid>
  );
}

function LastFeed({ fed }: { readonly fed: NonNullable<AudienceDetail['lastFedBy']> }) {
  const by = fed.keyName ?? fed.userEmail ?? (fed.userId === null ? 'command line' : 'deleted user');
  // Requests to the back office are in the audit log instead.
  if (fed.keyId === null) return `by ${by}`;
  return (
    <>
      {'by '}
      <TextLink to="/activity/$uuid" params={{ uuid: fed.requestUuid }} size="xs">
        {by}
      </TextLink>
    </>
  );
}

function Movement({ audienceId }: { readonly audienceId: number }) {
  const { range = 'month' } = useSearch({ from: '/shell/audiences/$audienceId' });
  const navigate = useNavigate({ from: '/audiences/$audienceId' });
  const query = useQuery(timelineQuery(audienceId, range));
  const showRange = (value: string) => {
    const next = RANGES.find((each) => each === value);
    void navigate({
      search: (before) => ({ ...before, range: next === 'month' ? undefined : next }),
      replace: true,
      resetScroll: false,
    });
  };
  return (
    <Panel
      title="Size over time"
      actions={
        <SegmentedControl
          aria-label="Range of the charts"
          size="xs"
          data={RANGES.map((each) => ({ value: each, label: RANGE_LABELS[each] }))}
          value={range}
          onChange={showRange}
        />
      }
    >
      <Loaded query={query}>
        {(points) => <AudienceCharts points={points} interval={range === 'hours' ? 'hour' : 'day'} />}
      </Loaded>
    </Panel>
  );
}
