/** The Applications of the environment; each links to its keys. */

import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Application } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import { useEnvironment } from '../../environment.ts';
import { CreateButton } from '../../parts/create-button.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { Time } from '../../parts/time.tsx';
import { useIsAdmin } from '../../session.ts';
import { NewApplicationDrawer } from './new-application-drawer.tsx';
import { applicationsQuery } from './queries.ts';

const COLUMNS: readonly Column<Application>[] = [
  {
    key: 'name',
    header: 'Name',
    primary: true,
    cell: ({ id, name, description }) => (
      <>
        <div>
          <TextLink to="/applications/$applicationId" params={{ applicationId: String(id) }} inherit>
            {name}
          </TextLink>
        </div>
        {description === '' ? null : (
          <Text size="xs" c="dimmed" lineClamp={1}>
            {description}
          </Text>
        )}
      </>
    ),
  },
  { key: 'timezone', header: 'Time zone', cell: ({ timezone }) => timezone },
  { key: 'currency', header: 'Currency', cell: ({ currency }) => currency },
  { key: 'created', header: 'Created', cell: ({ created }) => <Time value={created} as="date" /> },
  {
    key: 'keys',
    header: 'Keys',
    hideHeader: true,
    align: 'right',
    cell: ({ id, name }) => (
      <TextLink
        to="/applications/$applicationId/settings/api-keys"
        params={{ applicationId: String(id) }}
        size="sm"
        aria-label={`Integration API Keys of ${name}`}
      >
        Integration API Keys
      </TextLink>
    ),
  },
];

export function ApplicationsPage() {
  const { create } = useSearch({ from: '/shell/applications' });
  const { environment, sandbox } = useEnvironment();
  const navigate = useNavigate({ from: '/applications' });
  const isAdmin = useIsAdmin();
  const query = useQuery(applicationsQuery);
  const hasNone = query.data?.every((each) => each.sandbox !== sandbox) === true;

  const openDrawer = (open: boolean) =>
    void navigate({ search: (before) => ({ ...before, create: open ? (1 as const) : undefined }) });
  const createButton = isAdmin ? (
    <CreateButton label="Create Application" opened={create === 1} onOpen={() => openDrawer(true)} />
  ) : undefined;

  return (
    <>
      <PageHeader
        title="Applications"
        description="Each Application has its own API keys. All Applications of an environment share its customer profiles and audiences. Attributes are shared by both environments, unless limited to some Applications."
        actions={hasNone ? undefined : createButton}
      />
      <Panel flush>
        <Loaded query={query}>
          {(all) => {
            const rows = all.filter((each) => each.sandbox === sandbox);
            return rows.length === 0 ? (
              <EmptyState title={`There is no ${environment} Application yet`} action={createButton}>
                {isAdmin
                  ? 'Create one, then give it an API key for the platform that will send data.'
                  : 'An admin can create one.'}
              </EmptyState>
            ) : (
              <RecordsTable label="Applications" columns={COLUMNS} rows={rows} rowKey={({ id }) => id} />
            );
          }}
        </Loaded>
      </Panel>
      {isAdmin ? <NewApplicationDrawer opened={create === 1} onClose={() => openDrawer(false)} /> : null}
    </>
  );
}
