/** The first steps, from an API key to the first customer profile, with calls ready to copy. */

import { Group, List, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useEnvironment } from '../../environment.ts';
import { CopyField } from '../../parts/copy-field.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useIsAdmin, useSession } from '../../session.ts';
import { attributeNamesQuery } from '../activity/queries.ts';
import { apiKeysQuery, applicationsQuery } from '../applications/queries.ts';

export function GettingStarted() {
  const { environment, sandbox } = useEnvironment();
  const { server } = useSession();
  const isAdmin = useIsAdmin();
  const applications = useQuery(applicationsQuery).data;
  const first = applications?.find((each) => each.sandbox === sandbox);
  const keys = useQuery({ ...apiKeysQuery(first?.id ?? 0), enabled: first !== undefined }).data ?? [];
  const attributes = [...(useQuery(attributeNamesQuery).data ?? [])];
  if (applications === undefined) return null;
  const usable = keys.filter(({ platform, state }) => platform === 'customer_data' && state !== 'Expired');
  return (
    <Panel title="Getting started" description={`The ${environment} environment has no customer profiles yet.`}>
      <List type="ordered" listStyleType="none" spacing="lg">
        <Step
          number={1}
          title={usable.length > 0 ? 'API key created' : 'Create an API key'}
          done={usable.length > 0}
          action={
            isAdmin && first === undefined ? (
              <ButtonLink to="/applications" search={{ create: 1 }} size="xs">
                Create Application
              </ButtonLink>
            ) : isAdmin && first !== undefined ? (
              <ButtonLink
                to="/applications/$applicationId/settings/api-keys"
                params={{ applicationId: String(first.id) }}
                search={{ create: 1 }}
                size="xs"
                variant={usable.length > 0 ? 'default' : 'filled'}
              >
                Create API Key
              </ButtonLink>
            ) : null
          }
        >
          {first === undefined
            ? 'Keys belong to an Application: create one first.'
            : 'Choose Third-party integration: Yes, and the platform Customer Data Platform. The key is shown only once.'}
        </Step>
        <Step
          number={2}
          title={attributes.length > 0 ? 'Attributes defined' : 'Define the attributes your platform sends'}
          done={attributes.length > 0}
          action={
            <TextLink to="/attributes" size="sm">
              Attributes
            </TextLink>
          }
        >
          {attributes.length > 0
            ? `${listed(attributes)}: requests with other attributes are refused, and Activity shows how to fix that.`
            : 'Requests with undefined attributes are refused, unless they ask to skip them.'}
        </Step>
        <Step number={3} title="Send the first customer profile" done={false}>
          <Stack gap="sm" mt={6}>
            <Text size="sm" c="dimmed">
              Enter the base URL and the key in your platform, or try it from a terminal:
            </Text>
            <CopyField label="Base URL" value={server.url} quiet copyLabel="Copy the URL" />
            <CopyField label="With curl" value={curl(server.url)} multiline quiet copyLabel="Copy the command" />
          </Stack>
        </Step>
        <Step
          number={4}
          title="Watch it arrive"
          done={false}
          action={
            <TextLink to="/activity" size="sm">
              Activity
            </TextLink>
          }
        >
          Every request appears there at once; a refused one shows its cause.
        </Step>
      </List>
    </Panel>
  );
}

/** The first few names, and how many more there are. */
function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}

function curl(url: string): string {
  return [
    `curl -X PUT '${url}/cdp/customer_profile/ada'`,
    '-H "Authorization: ApiKey-v1 $ROLLCALL_KEY"',
    `-H 'Content-Type: application/json'`,
    `-d '{"attributes":{}}'`,
  ].join(' \\\n  ');
}

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly done: boolean;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

function Step({ number, title, done, action, children }: StepProps) {
  return (
    <List.Item
      styles={{ itemWrapper: { display: 'flex', alignItems: 'flex-start' }, itemLabel: { flex: 1, minWidth: 0 } }}
      icon={
        <ThemeIcon size={26} radius="xl" variant={done ? 'filled' : 'light'} aria-hidden>
          {done ? (
            <IconCheck size={16} />
          ) : (
            <Text size="sm" fw={650}>
              {number}
            </Text>
          )}
        </ThemeIcon>
      }
    >
      <Group justify="space-between" gap="xs" wrap="wrap">
        <Text fw={600} size="sm">
          {title}
        </Text>
        {action}
      </Group>
      <Text size="sm" c="dimmed" component="div">
        {children}
      </Text>
    </List.Item>
  );
}
