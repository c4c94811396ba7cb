/** The charts of an audience: its size, and its joins and leaves per interval. */

import { SimpleGrid, Text } from '@mantine/core';
import { useId } from 'react';
import type { TimelinePoint } from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import { Chart } from '../../parts/chart.tsx';
import { formatCount } from '../../parts/numbers.ts';

export interface AudienceChartsProps {
  /** Oldest first, without gaps. */
  readonly points: readonly TimelinePoint[];
  readonly interval: 'hour' | 'day';
}

const HEIGHT = 160;
const LABELS = {
  hour: new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' }),
  day: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' }),
};

export function AudienceCharts({ points, interval }: AudienceChartsProps) {
  const moments = points.map(({ time }) => LABELS[interval].format(new Date(time)));
  const last = points.at(-1)?.members ?? 0;
  const [joins, leaves] = [sum(points, 'joins'), sum(points, 'leaves')];
  // A point stands for the end of its interval. The size before the first point follows from the joins and leaves.
  const first = last - joins + leaves;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Figure title="Members" told={`From ${formatCount(first)} to ${formatCount(last)} members`}>
        <Chart
          kind="area"
          height={HEIGHT}
          moments={moments}
          series={[{ label: 'Members', color: 'pine-5', values: points.map((each) => each.members) }]}
        />
      </Figure>
      <Figure
        title={`Joins and leaves per ${interval}`}
        told={`${formatCount(joins)} joined and ${formatCount(leaves)} left`}
      >
        <Chart
          kind="bars"
          height={HEIGHT}
          moments={moments}
          series={[
            { label: 'Joined', color: 'green-5', values: points.map((each) => each.joins) },
            { label: 'Left', color: 'red-4', values: points.map((each) => each.leaves) },
          ]}
        />
      </Figure>
    </SimpleGrid>
  );
}

function sum(points: readonly TimelinePoint[], name: 'joins' | 'leaves'): number {
  return points.reduce((total, each) => total + each[name], 0);
}

function Figure({
  title,
  told,
  children,
}: {
  readonly title: string;
  readonly told: string;
  readonly children: React.ReactNode;
}) {
  const id = useId();
  return (
    <figure style={{ margin: 0, minWidth: 0 }} aria-labelledby={id}>
      <Text component="figcaption" id={id} size="sm" mb="xs">
        <Text span fw={600} size="sm">
          {title}
        </Text>
        <Text span c="dimmed" size="sm">{` · ${told}`}</Text>
      </Text>
      {/* The caption says the same in words. */}
      <div aria-hidden>{children}</div>
    </figure>
  );
}
