/** Home: what arrives now, what moved, what needs attention; the first steps while the environment is empty. */

import { Alert, SimpleGrid, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEnvironment } from '../../environment.ts';
import { formatCount } from '../../parts/numbers.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { TopCauses } from '../activity/causes.tsx';
import { ExpiringKeys } from './expiring-keys.tsx';
import { GettingStarted } from './getting-started.tsx';
import { Movers } from './movers.tsx';
import { anyProfileQuery, trafficQuery } from './queries.ts';
import { TrafficPanel } from './traffic-panel.tsx';

export function HomePage() {
  const { sandbox } = useEnvironment();
  const isEmpty = useQuery(anyProfileQuery(sandbox)).data === false;
  return (
    <>
      <PageHeader title="Home" />
      {isEmpty ? <GettingStarted /> : null}
      <DroppedNotice />
      <TopCauses />
      <TrafficPanel />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" verticalSpacing={0}>
        <Movers />
        <ExpiringKeys />
      </SimpleGrid>
    </>
  );
}

/** Under load the log drops entries so that requests are not delayed; anyone looking for a request should know. */
function DroppedNotice() {
  const traffic = useQuery(trafficQuery).data;
  const { droppedPayloads = 0, droppedEntries = 0 } = traffic ?? {};
  if (droppedPayloads === 0 && droppedEntries === 0) return null;
  return (
    <Alert
      color="amber"
      mb="md"
      icon={<IconAlertTriangle size={20} aria-hidden />}
      title="The access log is incomplete"
      role="note"
    >
      <Text size="sm">
        Since the server started, {formatCount(droppedPayloads)} requests were logged without their payloads, and{' '}
        {formatCount(droppedEntries)} were not logged, because of load. All of them were handled normally.
      </Text>
    </Alert>
  );
}
