/** An Application at a glance: its health, what it is, and a link to its keys. */

import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Facts } from '../../parts/facts.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { HealthPanel } from './health.tsx';
import { apiKeysQuery } from './queries.ts';
import { useApplication } from './use-application.ts';

export function OverviewPage() {
  const application = useApplication();
  const keys = useQuery(apiKeysQuery(application.id));
  const params = { applicationId: String(application.id) };
  return (
    <>
      <PageHeader
        title={application.name}
        {...(application.description === '' ? {} : { description: application.description })}
      />
      <HealthPanel application={application} />
      <Panel
        title="Integration API Keys"
        actions={
          <ButtonLink to="/applications/$applicationId/settings/api-keys" params={params} variant="default" size="xs">
            Show keys
          </ButtonLink>
        }
      >
        <Loaded query={keys} lines={1}>
          {(all) => {
            const usable = all.filter(({ state }) => state !== 'Expired');
            const soon = usable.filter(({ state }) => state === 'Expires Soon');
            return (
              <Group gap="xl">
                <Figure label="Usable" value={usable.length} />
                <Figure label="Expire within 7 days" value={soon.length} />
                <Figure label="Expired" value={all.length - usable.length} />
              </Group>
            );
          }}
        </Loaded>
      </Panel>
      <Panel title="About this Application">
        <Facts
          facts={[
            { label: 'Application ID', value: application.id },
            { label: 'Environment', value: application.sandbox ? 'Sandbox' : 'Live' },
            { label: 'Time zone', value: application.timezone },
            { label: 'Currency', value: application.currency },
            { label: 'Payload logging', value: PAYLOADS[application.payloadLogging] },
            { label: 'Created', value: <Time value={application.created} as="date" /> },
          ]}
        />
      </Panel>
    </>
  );
}

const PAYLOADS = { off: 'Off', masked: 'Masked', full: 'Full' } as const;

function Figure({ label, value }: { readonly label: string; readonly value: number }) {
  return (
    <div>
      <Text fz={24} fw={650} lh={1.2} className="figures">
        {value}
      </Text>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
    </div>
  );
}
