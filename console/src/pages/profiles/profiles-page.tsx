/** The customer profiles of the environment, to browse and to search. */

import { Badge, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Attribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import type { CustomerProfile } from '../../../../src/http/surfaces/management/customers-schemas.ts';
import { useEnvironment } from '../../environment.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Loading } from '../../parts/loading.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Paging } from '../../parts/paging.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { Time } from '../../parts/time.tsx';
import { attributesQuery } from '../attributes/queries.ts';
import { AttributeValueText } from './attribute-value.tsx';
import { ProfileFilters } from './profile-filters.tsx';
import { profilesQuery } from './queries.ts';
import type { ProfilesSearch } from './search.ts';
import { criterion } from './typed-value.ts';

const FEW = 3;

const COLUMNS: readonly Column<CustomerProfile>[] = [
  {
    key: 'integrationId',
    header: 'Integration ID',
    primary: true,
    cell: ({ id, integrationId }) => (
      <TextLink to="/profiles/$profileId" params={{ profileId: String(id) }} size="sm" className="mono">
        {integrationId}
      </TextLink>
    ),
  },
  {
    key: 'attributes',
    header: 'Attributes',
    cell: ({ attributes }) => {
      const all = Object.entries(attributes);
      if (all.length === 0) return <Dash />;
      return (
        <Text size="sm" lineClamp={2}>
          {all.slice(0, FEW).map(([name, value], index) => (
            <span key={name}>
              {index === 0 ? '' : ' · '}
              <Text span c="dimmed" size="sm">
                {name}
              </Text>{' '}
              <AttributeValueText value={value} />
            </span>
          ))}
          {all.length > FEW ? ` and ${all.length - FEW} more` : ''}
        </Text>
      );
    },
  },
  {
    key: 'audiences',
    header: 'Audiences',
    cell: ({ audienceMemberships }) =>
      audienceMemberships.length === 0 ? (
        <Dash />
      ) : (
        <Group gap={4}>
          {audienceMemberships.slice(0, FEW).map(({ id, name }) => (
            <Badge key={id} variant="light" color="gray" radius="sm" size="sm" tt="none" fw={500} maw={200}>
              {name}
            </Badge>
          ))}
          {audienceMemberships.length > FEW ? (
            <Text span size="xs" c="dimmed">
              +{audienceMemberships.length - FEW}
            </Text>
          ) : null}
        </Group>
      ),
  },
  {
    key: 'activity',
    header: 'Last activity',
    nowrap: true,
    cell: ({ lastActivity }) => <Time value={lastActivity} as="relative" />,
  },
  { key: 'created', header: 'Created', nowrap: true, cell: ({ created }) => <Time value={created} as="date" /> },
];

export function ProfilesPage() {
  const search = useSearch({ from: '/shell/profiles' });
  const navigate = useNavigate({ from: '/profiles' });
  const attributes = useQuery(attributesQuery({ entity: 'CustomerProfile' }));
  const known = attributes.data?.data ?? [];
  // The type of the attribute determines how to read the typed value.
  const waits = search.attribute !== undefined && attributes.data === undefined && attributes.error === null;
  return (
    <>
      <PageHeader
        title="Customer profiles"
        description="Every customer that platforms have sent to this environment. Search by exact ID or exact attribute value."
      />
      <Panel flush>
        <ProfileFilters
          key={`${search.id} ${search.attribute} ${search.value}`}
          search={search}
          attributes={known}
          onSearch={(asked) => void navigate({ search: asked })}
        />
        {waits ? <Loading /> : <ProfileList search={search} known={known} />}
      </Panel>
    </>
  );
}

function ProfileList({ search, known }: { readonly search: ProfilesSearch; readonly known: readonly Attribute[] }) {
  const { environment, sandbox } = useEnvironment();
  const navigate = useNavigate({ from: '/profiles' });
  const query = useQuery(
    profilesQuery({ sandbox, integrationId: search.id, attributes: criterion(search, known), cursor: search.cursor }),
  );
  const filtered = search.id !== undefined || search.attribute !== undefined;
  return (
    <Loaded query={query}>
      {({ data, nextCursor }) => (
        <>
          {data.length === 0 ? (
            <EmptyState title={filtered ? 'No customer profile found' : `No ${environment} customer profiles yet`}>
              {filtered
                ? `IDs and values must match exactly, including case. Only the ${environment} environment was searched.`
                : 'A profile is created by the first request that names it: an update by a platform, or a membership.'}
            </EmptyState>
          ) : (
            <RecordsTable label="Customer profiles" columns={COLUMNS} rows={data} rowKey={({ id }) => id} />
          )}
          <Paging
            cursor={search.cursor}
            nextCursor={nextCursor}
            onPage={(cursor) => void navigate({ search: (before) => ({ ...before, cursor }) })}
          />
        </>
      )}
    </Loaded>
  );
}

function Dash() {
  return (
    <Text span c="dimmed" size="sm">
      –
    </Text>
  );
}
