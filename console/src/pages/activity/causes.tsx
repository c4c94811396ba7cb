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
import { SPANS, type Span } from './search.ts';

const TOP = 3;

/** The most frequent reasons of the last hour; nothing while there are none. */
export function TopCauses() {
  const causes = useQuery(causesQuery('1h')).data ?? [];
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
      <CauseList causes={causes.slice(0, TOP)} span="1h" />
    </Panel>
  );
}

export function CauseList({ causes, span }: { readonly causes: readonly AccessLogCause[]; readonly span: Span }) {
  return (
    <ul className={classes.causes} aria-label="Causes">
      {causes.map((cause) => (
        <li key={`${cause.status} ${cause.operation} ${cause.applicationId ?? ''} ${cause.cause}`}>
          <Cause cause={cause} span={span} />
        </li>
      ))}
    </ul>
  );
}

function Cause({ cause: each, span }: { readonly cause: AccessLogCause; readonly span: Span }) {
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
              , {countOf(count, 'time')} in {SPANS[span].label}
            </Text>
            <Text size="xs" c="dimmed">
              {operation} · latest: <Time value={lastTime} as="relative" />
            </Text>
          </div>
        </Group>
      </div>
      <Group gap="md">
        <TextLink to="/activity" search={{ cause, status, ...(span === '1h' ? {} : { time: span }) }} size="sm">
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
  return applicationId !== null && status >= 400 && status < 500 && status !== 401;
}
