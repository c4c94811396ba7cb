/** The charts of an audience: its size, and joins and leaves per interval. Loaded when they are first shown. */

import '@mantine/charts/styles.css';
import { AreaChart, BarChart } from '@mantine/charts';
import { SimpleGrid, Text } from '@mantine/core';
import { useId } from 'react';
import type { TimelinePoint } from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import { formatCount } from '../../parts/numbers.ts';

export interface AudienceChartsProps {
  /** Oldest first, without gaps. */
  readonly points: readonly TimelinePoint[];
  readonly interval: 'hour' | 'day';
}

const SHORT = new Intl.NumberFormat(undefined, { notation: 'compact' });
const LABELS = {
  hour: new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' }),
  day: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' }),
};
const HEIGHT = 200;
// A drawing, told in words beside it: nothing in it takes the focus.
const SHARED = {
  h: HEIGHT,
  dataKey: 'label',
  withDots: false,
  tickLine: 'none',
  valueFormatter: (value: number) => formatCount(value),
  xAxisProps: { minTickGap: 24 },
  yAxisProps: { width: 48, tickFormatter: (value: number) => SHORT.format(value), allowDecimals: false },
} as const;

export function AudienceCharts({ points, interval }: AudienceChartsProps) {
  const data = points.map(({ time, ...figures }) => ({ label: LABELS[interval].format(new Date(time)), ...figures }));
  const [first, last] = [points[0]?.members ?? 0, points.at(-1)?.members ?? 0];
  const [joins, leaves] = [sum(points, 'joins'), sum(points, 'leaves')];
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Figure title="Members" told={`From ${formatCount(first)} to ${formatCount(last)} members`}>
        <AreaChart
          {...SHARED}
          data={data}
          series={[{ name: 'members', label: 'Members', color: 'pine.5' }]}
          curveType="monotone"
          areaChartProps={{ accessibilityLayer: false }}
        />
      </Figure>
      <Figure
        title={`Joins and leaves per ${interval}`}
        told={`${formatCount(joins)} joined and ${formatCount(leaves)} left`}
      >
        <BarChart
          {...SHARED}
          data={data}
          series={[
            { name: 'joins', label: 'Joined', color: 'green.5' },
            { name: 'leaves', label: 'Left', color: 'red.4' },
          ]}
          barChartProps={{ accessibilityLayer: false }}
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
      <div aria-hidden>{children}</div>
    </figure>
  );
}
