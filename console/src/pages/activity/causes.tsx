/** Why requests are refused: each reason once, with its count, what would mend it, and the way to the requests. */

import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { AccessLogCause } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { StatusBadge } from '../../parts/badges.tsx';
import { TextLink } from '../../parts/links.tsx';
import { countOf } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import classes from './activity.module.css';
import { CauseText } from './cause-text.tsx';
import { MendLink } from './mend-link.tsx';
import { causesQuery } from './queries.ts';

const TOP = 3;

/** The most frequent reasons since the hour before this one began; nothing while there are none. */
export function TopCauses() {
  const counted = useQuery(causesQuery('1h')).data;
  if (counted === undefined || counted.causes.length === 0) return null;
  const { causes, since } = counted;
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
  /** From when on they are counted; RFC 3339. */
  readonly since: string;
}

export function CauseList({ causes, since }: CauseListProps) {
  return (
    <ul className={classes.causes} aria-label="Causes">
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
        {mend === null ? null : <MendLink mend={mend} />}
      </Group>
    </>
  );
}

/** Only writes of a known key are kept; those of unknown keys have no Application. */
function isWrite({ status, applicationId }: AccessLogCause): boolean {
  return applicationId !== null && (status === 503 || (status >= 400 && status < 500 && status !== 401));
}
