/** Requests of the last hour by the minute, with refused ones stacked on accepted ones. */

import type { Traffic } from '../../../../src/http/surfaces/management/traffic-schemas.ts';
import { Chart } from '../../parts/chart.tsx';

const HEIGHT = 120;
const MINUTE = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export function TrafficChart({ minutes }: { readonly minutes: Traffic['minutes'] }) {
  const [requests, errors] = minutes.reduce(([all, bad], each) => [all + each.requests, bad + each.errors], [0, 0]);
  return (
    // The figures above say the same in words.
    <div role="img" aria-label={`Requests per minute over the last hour: ${requests} in all, ${errors} refused`}>
      <Chart
        kind="stack"
        height={HEIGHT}
        moments={minutes.map(({ time }) => MINUTE.format(new Date(time)))}
        series={[
          { label: 'Accepted', color: 'pine-5', values: minutes.map((each) => each.requests - each.errors) },
          { label: 'Refused', color: 'red-5', values: minutes.map((each) => each.errors) },
        ]}
      />
    </div>
  );
}
