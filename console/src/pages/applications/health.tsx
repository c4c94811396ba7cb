/** The outcome of an Application's requests in the last five minutes. */

import { Group, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  type TablerIcon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Application } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import type { HealthReport } from '../../../../src/http/surfaces/management/traffic-schemas.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { healthQuery } from './queries.ts';

interface Reading {
  readonly title: string;
  readonly meaning: string;
  readonly color: string;
  readonly icon: TablerIcon;
}

const READINGS: Readonly<Record<HealthReport['summary'], Reading>> = {
  OK: {
    title: 'Healthy',
    meaning: 'Every request in the last five minutes succeeded.',
    color: 'green',
    icon: IconCircleCheck,
  },
  WARNING: {
    title: 'Some requests fail',
    meaning: 'At least one request in the last five minutes was refused.',
    color: 'amber',
    icon: IconAlertTriangle,
  },
  ERROR: {
    title: 'Most requests fail',
    meaning: 'More than half of the requests in the last five minutes were refused.',
    color: 'red',
    icon: IconAlertTriangle,
  },
  CRITICAL: {
    title: 'All requests fail',
    meaning: 'Every request in the last five minutes was refused.',
    color: 'red',
    icon: IconCircleX,
  },
  NONE: {
    title: 'No traffic',
    meaning: 'There was no request in the last five minutes.',
    color: 'gray',
    icon: IconCircleDashed,
  },
};

export function HealthPanel({ application }: { readonly application: Application }) {
  const query = useQuery(healthQuery(application.id));
  return (
    <Panel title="Application health">
      <Loaded query={query} lines={2}>
        {(report) => <Health report={report} application={application} />}
      </Loaded>
    </Panel>
  );
}

function Health({ report, application }: { readonly report: HealthReport; readonly application: Application }) {
  const { title, meaning, color, icon: Icon } = READINGS[report.summary];
  // Where there was never a request, the server gives the time the Application was created.
  const used = report.lastUsed !== application.created;
  return (
    <Group justify="space-between" gap="sm">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Icon
          size={24}
          stroke={1.8}
          aria-hidden
          color={`var(--mantine-color-${color}-light-color)`}
          style={{ flex: 'none' }}
        />
        <div>
          <Text fw={600}>{title}</Text>
          <Text size="sm" c="dimmed">
            {meaning}
          </Text>
        </div>
      </Group>
      <Text size="sm" c="dimmed">
        {used ? (
          <>
            Last request <Time value={report.lastUsed} as="relative" />
          </>
        ) : (
          'No requests yet'
        )}
      </Text>
    </Group>
  );
}
