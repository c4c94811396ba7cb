/** Requests of the last hour, minute by minute: accepted and refused ones upon each other. */

import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import type { Traffic } from '../../../../src/http/surfaces/management/traffic-schemas.ts';

const MINUTE = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export interface TrafficChartProps {
  readonly minutes: Traffic['minutes'];
  readonly height: number;
}

export function TrafficChart({ minutes, height }: TrafficChartProps) {
  const data = minutes.map(({ time, requests, errors }) => ({
    time: MINUTE.format(new Date(time)),
    Accepted: requests - errors,
    Refused: errors,
  }));
  const [requests, errors] = minutes.reduce(([all, bad], each) => [all + each.requests, bad + each.errors], [0, 0]);
  return (
    // The figures above tell the same in words. The chart follows its frame a moment later and must not widen it meanwhile.
    <div
      style={{ overflow: 'hidden' }}
      role="img"
      aria-label={`Requests per minute over the last hour: ${requests} in all, ${errors} refused`}
    >
      <BarChart
        h={height}
        data={data}
        dataKey="time"
        type="stacked"
        series={[
          { name: 'Accepted', color: 'pine.5' },
          { name: 'Refused', color: 'red.5' },
        ]}
        gridAxis="x"
        tickLine="none"
        withLegend
        legendProps={{ verticalAlign: 'bottom', height: 50 }}
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false }}
        xAxisProps={{ minTickGap: 40 }}
        yAxisProps={{ allowDecimals: false, width: 44 }}
      />
    </div>
  );
}
