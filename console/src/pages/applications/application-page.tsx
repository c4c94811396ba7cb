/** One Application: its name, its environment and its pages. */

import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import type { Application } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import { useEnvironmentOf } from '../../environment.ts';
import { EnvironmentBadge } from '../../parts/badges.tsx';
import { ErrorState } from '../../parts/error-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { SectionNav } from '../../parts/section-nav.tsx';
import { applicationQuery } from './queries.ts';

export function ApplicationPage() {
  const { applicationId } = useParams({ from: '/shell/applications/$applicationId' });
  const query = useQuery(applicationQuery(Number(applicationId)));
  if (query.data === undefined && query.error !== null) {
    return (
      <>
        <PageHeader
          title="Application"
          above={[
            <TextLink key="all" to="/applications">
              Applications
            </TextLink>,
          ]}
        />
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </>
    );
  }
  return <Loaded query={query}>{(application) => <ApplicationFrame application={application} />}</Loaded>;
}

function ApplicationFrame({ application }: { readonly application: Application }) {
  useEnvironmentOf(application);
  const params = { applicationId: String(application.id) };
  return (
    <>
      <Group gap={8} mb={4} wrap="wrap">
        <Text size="sm" c="dimmed" component="nav" aria-label="Breadcrumb">
          <TextLink to="/applications">Applications</TextLink>
          {' / '}
        </Text>
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {application.name}
        </Text>
        <EnvironmentBadge sandbox={application.sandbox} />
      </Group>
      <SectionNav
        label="Application"
        links={[
          { to: '/applications/$applicationId', params, label: 'Overview', exact: true },
          { to: '/applications/$applicationId/settings', params, label: 'Settings' },
        ]}
      />
      <Outlet />
    </>
  );
}
