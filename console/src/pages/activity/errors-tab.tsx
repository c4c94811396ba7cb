/** All causes of refusals in a time range. */

import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { CauseGroups } from './causes.tsx';
import { causesQuery } from './queries.ts';
import { isSpan } from './search.ts';

const CHOICES = [
  { value: '1h', label: '1 hour' },
  { value: '24h', label: '24 hours' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
];

export function ErrorsTab() {
  const { time = '1h', application } = useSearch({ from: '/shell/activity' });
  const navigate = useNavigate({ from: '/activity' });
  const query = useQuery(causesQuery(time, application));
  return (
    <Panel
      title="Errors by cause"
      description="Most frequent first. Counts cover whole hours, starting with the hour in which the chosen time begins."
      flush
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Time"
          data={CHOICES}
          value={time}
          onChange={(value) => {
            if (isSpan(value)) void navigate({ search: (before) => ({ ...before, time: value }), replace: true });
          }}
        />
      }
    >
      <Loaded query={query}>
        {({ causes, since }) =>
          causes.length === 0 ? (
            <EmptyState title="No request was refused">
              Since <Time value={since} as="clock" />.
            </EmptyState>
          ) : (
            <CauseGroups causes={causes} since={since} />
          )
        }
      </Loaded>
    </Panel>
  );
}
