/** One customer profile: its attributes, the audiences it belongs to, and how it came to be in them. */

import { Badge, Button, Tabs, Text } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { CustomerProfileById } from '../../../../src/http/surfaces/management/customers-schemas.ts';
import { useEnvironmentOf } from '../../environment.ts';
import { EnvironmentBadge } from '../../parts/badges.tsx';
import { CopyButton } from '../../parts/copy-field.tsx';
import { Facts } from '../../parts/facts.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { oneOf } from '../../parts/search-params.ts';
import { Time } from '../../parts/time.tsx';
import { useIsAdmin } from '../../session.ts';
import { EraseDialog } from './erase-dialog.tsx';
import { ProfileAttributes, ProfileAudiences } from './profile-lists.tsx';
import { profileQuery } from './queries.ts';
import { PROFILE_TABS } from './search.ts';
import { ProfileTimeline } from './timeline.tsx';

export function ProfilePage() {
  const { profileId } = useParams({ from: '/shell/profiles/$profileId' });
  const query = useQuery(profileQuery(Number(profileId)));
  return (
    <>
      {query.data === undefined ? (
        <PageHeader
          title="Customer profile"
          above={[
            <TextLink key="all" to="/profiles">
              Customer profiles
            </TextLink>,
          ]}
        />
      ) : null}
      <Loaded query={query}>{(profile) => <Profile profile={profile} />}</Loaded>
    </>
  );
}

function Profile({ profile }: { readonly profile: CustomerProfileById }) {
  useEnvironmentOf(profile);
  const { tab = 'timeline' } = useSearch({ from: '/shell/profiles/$profileId' });
  const navigate = useNavigate({ from: '/profiles/$profileId' });
  const isAdmin = useIsAdmin();
  const [erasing, setErasing] = useState(false);
  const { audienceMemberships } = profile;
  const attributeCount = Object.keys(profile.attributes).length;

  const showTab = (value: string | null) => {
    const chosen = oneOf(value, PROFILE_TABS);
    void navigate({ search: { tab: chosen === 'timeline' ? undefined : chosen } });
  };
  return (
    <>
      <PageHeader
        title={profile.erased ? 'Erased profile' : profile.integrationId}
        above={[
          <TextLink key="all" to="/profiles">
            Customer profiles
          </TextLink>,
        ]}
        badges={
          <>
            <EnvironmentBadge sandbox={profile.sandbox} />
            {profile.erased ? null : <CopyButton quiet label="Copy the integration ID" value={profile.integrationId} />}
          </>
        }
        actions={
          isAdmin && !profile.erased ? (
            <Button
              variant="default"
              leftSection={<IconEraser size={16} stroke={1.6} aria-hidden />}
              onClick={() => setErasing(true)}
            >
              Erase personal data
            </Button>
          ) : undefined
        }
      />
      <Panel>
        <Facts
          facts={[
            { label: 'Profile ID', value: profile.id },
            ...(profile.erased ? [{ label: 'In place of its ID', value: profile.integrationId }] : []),
            { label: 'Created', value: <Time value={profile.created} /> },
            { label: 'Last activity', value: <Time value={profile.lastActivity} as="relative" /> },
            { label: 'Audiences', value: audienceMemberships.length },
          ]}
        />
      </Panel>
      <Tabs value={tab} onChange={showTab} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
          <Tabs.Tab value="attributes" rightSection={<Count count={attributeCount} />}>
            Attributes
          </Tabs.Tab>
          <Tabs.Tab value="audiences" rightSection={<Count count={audienceMemberships.length} />}>
            Audiences
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="timeline">
          <Panel flush>
            <ProfileTimeline customerId={profile.id} />
          </Panel>
        </Tabs.Panel>
        <Tabs.Panel value="attributes">
          <Panel flush>
            <ProfileAttributes attributes={profile.attributes} />
          </Panel>
        </Tabs.Panel>
        <Tabs.Panel value="audiences">
          <Panel flush>
            <ProfileAudiences memberships={audienceMemberships} />
          </Panel>
        </Tabs.Panel>
      </Tabs>
      {isAdmin ? <EraseDialog profile={profile} opened={erasing} onClose={() => setErasing(false)} /> : null}
    </>
  );
}

function Count({ count }: { readonly count: number }) {
  return (
    <Badge variant="light" color="gray" size="sm" radius="sm" fw={600} className="figures">
      <Text span inherit>
        {count}
      </Text>
    </Badge>
  );
}
