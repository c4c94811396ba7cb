/** API keys of the environment that expire within a week. */

import { useQueries, useQuery } from '@tanstack/react-query';
import type { ApiKey } from '../../../../src/http/surfaces/management/api-keys-schemas.ts';
import type { Application } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import { useEnvironment } from '../../environment.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ErrorState } from '../../parts/error-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Panel } from '../../parts/panel.tsx';
import { platformLabel } from '../../parts/platforms.ts';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { Time } from '../../parts/time.tsx';
import { apiKeysQuery, applicationsQuery } from '../applications/queries.ts';

// Keys expire at the end of a day, so there is no need to ask every few seconds.
const EVERY_MS = 60_000;

const COLUMNS: readonly Column<ApiKey>[] = [
  {
    key: 'name',
    header: 'Key',
    primary: true,
    cell: ({ title, applicationID }) => (
      <TextLink
        to="/applications/$applicationId/settings/api-keys"
        params={{ applicationId: String(applicationID) }}
        size="sm"
        fw={500}
      >
        {title}
      </TextLink>
    ),
  },
  { key: 'platform', header: 'Platform', cell: ({ platform }) => platformLabel(platform) },
  {
    key: 'expires',
    header: 'Expires',
    width: 130,
    nowrap: true,
    cell: ({ expires }) => <Time value={expires} as="relative" />,
  },
];

export function ExpiringKeys() {
  const { sandbox } = useEnvironment();
  const query = useQuery(applicationsQuery);
  return (
    <Panel title="Keys that expire soon" description="Within seven days." flush>
      <Loaded query={query} lines={3}>
        {(all) => <Keys applications={all.filter((each) => each.sandbox === sandbox)} />}
      </Loaded>
    </Panel>
  );
}

function Keys({ applications }: { readonly applications: readonly Application[] }) {
  const queries = useQueries({
    queries: applications.map(({ id }) => ({ ...apiKeysQuery(id), refetchInterval: EVERY_MS })),
  });
  const failed = queries.find(({ error, data }) => error !== null && data === undefined);
  if (failed !== undefined) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (queries.some(({ data }) => data === undefined)) return <Loading lines={3} />;
  const soon = queries
    .flatMap(({ data }) => data ?? [])
    .filter(({ state }) => state === 'Expires Soon')
    .sort((a, b) => (a.expires < b.expires ? -1 : 1));
  return soon.length === 0 ? (
    <EmptyState title="No key expires soon">Keys appear here in time to replace them.</EmptyState>
  ) : (
    <RecordsTable label="Keys that expire soon" columns={COLUMNS} rows={soon} rowKey={({ id }) => id} />
  );
}
