/** Attribute updates of everyone in an audience, newest first, with their progress in the background. */

import { Progress, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { AttributeJob } from '../../../../src/http/surfaces/management/attribute-jobs-schemas.ts';
import type { AudienceDetail } from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import { StateBadge } from '../../parts/badges.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { countOf, formatCount } from '../../parts/numbers.ts';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { Time } from '../../parts/time.tsx';
import { attributeJobsQuery } from './queries.ts';

const COLUMNS: readonly Column<AttributeJob>[] = [
  {
    key: 'attributes',
    header: 'Attributes',
    primary: true,
    cell: ({ attributeNames }) => <span className="mono">{attributeNames.join(', ')}</span>,
  },
  { key: 'state', header: 'State', nowrap: true, cell: (job) => <JobState job={job} /> },
  { key: 'progress', header: 'Members written', cell: (job) => <JobProgress job={job} /> },
  { key: 'recorded', header: 'Recorded', nowrap: true, cell: ({ created }) => <Time value={created} as="precise" /> },
  {
    key: 'finished',
    header: 'Finished',
    nowrap: true,
    cell: ({ finished }) => (finished === null ? '—' : <Time value={finished} as="precise" />),
  },
  {
    key: 'request',
    header: 'Request',
    cell: ({ requestUuid, keyId }) => (
      <TextLink to="/activity/$uuid" params={{ uuid: requestUuid }} title={`Request ${requestUuid}`}>
        {keyId === null ? 'Request' : `Key ${keyId}`}
      </TextLink>
    ),
  },
];

export function AttributeJobsTab({ audience }: { readonly audience: AudienceDetail }) {
  const query = useQuery(attributeJobsQuery(audience.id));
  return (
    <Loaded query={query}>
      {({ data, hasMore }) =>
        data.length === 0 ? (
          <EmptyState title="No attribute updates yet">
            Applications set attributes of everyone in an audience with{' '}
            <code className="mono">PUT /v2/audience_customers/{audience.id}/attributes</code>. The values are in effect
            at once; here you see how far they are written.
          </EmptyState>
        ) : (
          <>
            <RecordsTable label="Attribute updates" columns={COLUMNS} rows={data} rowKey={({ id }) => id} />
            {hasMore ? (
              <Text size="sm" c="dimmed" p="md">
                {`Only the last ${data.length} are shown.`}
              </Text>
            ) : null}
          </>
        )
      }
    </Loaded>
  );
}

function handledOf({ doneCount, tooLargeCount }: AttributeJob): number {
  return doneCount + tooLargeCount;
}

function JobState({ job }: { readonly job: AttributeJob }) {
  if (job.finished !== null) return <StateBadge color="green" label="Done" />;
  return handledOf(job) === 0 ? (
    <StateBadge color="gray" label="Waiting" />
  ) : (
    <StateBadge color="blue" label="In progress" />
  );
}

function JobProgress({ job }: { readonly job: AttributeJob }) {
  const { membersCount, doneCount, tooLargeCount, finished } = job;
  return (
    <>
      {`${formatCount(doneCount)} of ${countOf(membersCount, 'member')}`}
      {tooLargeCount === 0 ? null : (
        <Text size="xs" c="red">
          {`${countOf(tooLargeCount, 'member')} left as they were: too large`}
        </Text>
      )}
      {finished !== null || membersCount === 0 ? null : (
        <Progress value={(100 * handledOf(job)) / membersCount} size="xs" mt={4} aria-label="Members written" />
      )}
    </>
  );
}
