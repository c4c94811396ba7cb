/** Incoming traffic: three current rates, and the last hour as a chart. */

import { SimpleGrid, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Traffic } from '../../../../src/http/surfaces/management/traffic-schemas.ts';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { countOf } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { trafficQuery } from './queries.ts';
import { TrafficChart } from './traffic-chart.tsx';

export function TrafficPanel() {
  const query = useQuery(trafficQuery);
  return (
    <Panel
      title="Traffic"
      description="All Applications, live and sandbox."
      actions={
        <TextLink to="/activity" size="sm">
          Watch live
        </TextLink>
      }
    >
      <Loaded query={query} lines={8}>
        {(traffic) => <Figures traffic={traffic} />}
      </Loaded>
    </Panel>
  );
}

function Figures({ traffic }: { readonly traffic: Traffic }) {
  const { now, minutes } = traffic;
  const sum = (of: (minute: Traffic['minutes'][number]) => number) =>
    minutes.reduce((total, minute) => total + of(minute), 0);
  const requests = sum((minute) => minute.requests);
  const errors = sum((minute) => minute.errors);
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md" mb="md">
        <Rate label="Requests per second" value={now.requestsPerSecond}>
          {countOf(requests, 'request')} in the last hour
        </Rate>
        <Rate
          label="Refused per second"
          value={now.errorsPerSecond}
          {...(now.errorsPerSecond > 0 ? { color: 'red' } : {})}
        >
          {errors === 0 ? (
            'None in the last hour'
          ) : (
            <TextLink to="/activity" search={{ status: 'error', time: '1h' }} size="xs">
              {countOf(errors, 'refusal')} in the last hour
            </TextLink>
          )}
        </Rate>
        <Rate label="Membership changes per second" value={now.changesPerSecond}>
          {countOf(
            sum((minute) => minute.joins),
            'join',
          )}
          ,{' '}
          {countOf(
            sum((minute) => minute.leaves),
            'leave',
          )}{' '}
          in the last hour
        </Rate>
      </SimpleGrid>
      <TrafficChart minutes={minutes} />
    </>
  );
}

interface RateProps {
  readonly label: string;
  readonly value: number;
  readonly color?: string;
  readonly children: ReactNode;
}

function Rate({ label, value, color, children }: RateProps) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text
        fz={28}
        fw={650}
        lh={1.2}
        className="figures"
        {...(color === undefined ? {} : { c: `var(--mantine-color-${color}-light-color)` })}
      >
        {rate(value)}
      </Text>
      <Text size="xs" c="dimmed" component="div">
        {children}
      </Text>
    </div>
  );
}

function rate(value: number): string {
  const digits = value === 0 || value >= 100 ? 0 : 1;
  return value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
