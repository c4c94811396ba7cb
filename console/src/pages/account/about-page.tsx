/** Which server this is, how platforms reach it, and its licence. */

import { Anchor, Group, Stack, Text } from '@mantine/core';
import { StateBadge } from '../../parts/badges.tsx';
import { CopyField } from '../../parts/copy-field.tsx';
import { Facts } from '../../parts/facts.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useSession } from '../../session.ts';

export function AboutPage() {
  const { server } = useSession();
  return (
    <>
      <PageHeader title="About" />
      <Panel title="Rollcall">
        <Facts
          facts={[
            { label: 'Version', value: server.version },
            {
              label: 'Licence',
              value: (
                <>
                  {server.licence}, and{' '}
                  <Anchor href={`${import.meta.env.BASE_URL}third-party-licences.txt`} inherit>
                    licences of the packages in the console
                  </Anchor>
                </>
              ),
            },
            { label: 'Account ID', value: server.accountId },
            {
              label: 'Strict mode',
              value: <StateBadge color={server.strict ? 'pine' : 'gray'} label={server.strict ? 'On' : 'Off'} />,
            },
          ]}
        />
        <Text size="sm" c="dimmed" mt="md">
          {server.strict
            ? 'Strict mode is on: the published limits and required headers are enforced.'
            : 'Strict mode is off: the limits of the hosted product do not apply, and missing headers are tolerated.'}
        </Text>
      </Panel>
      <Panel title="For integrations">
        <Stack gap="md">
          <CopyField label="Base URL" description="Give this to your platforms." value={server.url} copyLabel="Copy" />
          {server.docs ? (
            <Group gap="lg">
              <Anchor href="/docs" size="sm">
                API documentation
              </Anchor>
              <Anchor href="/docs/connect" size="sm">
                Connect a platform
              </Anchor>
              <Anchor href="/openapi.json" size="sm">
                OpenAPI document
              </Anchor>
            </Group>
          ) : null}
        </Stack>
      </Panel>
    </>
  );
}
