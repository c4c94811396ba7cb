/** Why requests are refused: each cause once, with its count, its remedy, and a link to the requests. */

import { Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { AccessLogCause } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { StatusBadge } from '../../parts/badges.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { countOf } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import classes from './activity.module.css';
import { CauseText } from './cause-text.tsx';
import { FixLink } from './fix-link.tsx';
import { causesQuery } from './queries.ts';

const TOP = 3;

/** The most frequent causes since the start of the previous hour; nothing when there are none. */
export function TopCauses() {
  const counted = useQuery(causesQuery('1h')).data;
  if (counted === undefined) return null;
  const { since } = counted;
  const causes = counted.causes.filter(({ mark }) => mark === null);
  if (causes.length === 0) return null;
  return (
    <Panel
      title="Why requests are refused"
      flush
      actions={
        <TextLink to="/activity" search={{ tab: 'errors' }} size="sm">
          {causes.length > TOP ? `All ${causes.length} causes` : 'Errors by cause'}
        </TextLink>
      }
    >
      <CauseList causes={causes.slice(0, TOP)} since={since} />
    </Panel>
  );
}

interface CauseListProps {
  readonly causes: readonly AccessLogCause[];
  /** The time from which they are counted; RFC 3339. */
  readonly since: string;
}

/** Refusals, followed by accepted requests that are worth a look. */
export function CauseGroups({ causes, since }: CauseListProps) {
  const refusals = causes.filter(({ mark }) => mark === null);
  const marked = causes.filter(({ mark }) => mark !== null);
  return (
    <>
      {refusals.length === 0 ? (
        <EmptyState title="No request was refused">
          Since <Time value={since} as="clock" />.
        </EmptyState>
      ) : (
        <CauseList causes={refusals} since={since} />
      )}
      {marked.length === 0 ? null : (
        <>
          <Title order={3} size="h5" px="md" pt="md">
            Worth a look
          </Title>
          <Text size="sm" c="dimmed" px="md" pb="xs">
            Names that were sent and ignored, updates without a body, and clients that disconnected before their
            response.
          </Text>
          <CauseList causes={marked} since={since} label="Marks" />
        </>
      )}
    </>
  );
}

function CauseList({ causes, since, label = 'Causes' }: CauseListProps & { readonly label?: string }) {
  return (
    <ul className={classes.causes} aria-label={label}>
      {causes.map((cause) => (
        <li key={`${cause.status} ${cause.operation} ${cause.applicationId ?? ''} ${cause.cause}`}>
          <Cause cause={cause} since={since} />
        </li>
      ))}
    </ul>
  );
}

function Cause({ cause: each, since }: { readonly cause: AccessLogCause; readonly since: string }) {
  const { cause, status, operation, count, lastTime, mend } = each;
  return (
    <>
      <div className={classes.reason}>
        <Group gap={8} wrap="nowrap" align="baseline">
          <StatusBadge status={status} />
          <div>
            <Text size="sm" component="p" m={0}>
              <Text span fw={600} size="sm">
                <CauseText cause={cause} />
              </Text>
              , {countOf(count, 'time')} since <Time value={since} as="clock" />
            </Text>
            <Text size="xs" c="dimmed">
              {operation} · latest: <Time value={lastTime} as="relative" />
            </Text>
          </div>
        </Group>
      </div>
      <Group gap="md">
        <TextLink to="/activity" search={{ cause, status, from: since }} size="sm">
          Show requests
        </TextLink>
        {isWrite(each) ? (
          <TextLink to="/activity" search={{ tab: 'refused', cause }} size="sm">
            Refused writes
          </TextLink>
        ) : null}
        {mend === null ? null : <FixLink mend={mend} />}
      </Group>
    </>
  );
}

/** Only writes with a known key are kept; those with an unknown key belong to no Application. */
function isWrite({ status, applicationId, mark }: AccessLogCause): boolean {
  if (applicationId === null || mark !== null) return false;
  return status === 503 || (status >= 400 && status < 500 && status !== 401);
}
