/** One request and its response side by side, with what it changed, why it was refused, and how to replay it. */

import { Alert, Button, Group, Paper, SimpleGrid, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { AccessLogDetail } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { StatusBadge } from '../../parts/badges.tsx';
import { CopyField } from '../../parts/copy-field.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { formatCount } from '../../parts/numbers.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { useIsAdmin, useSession } from '../../session.ts';
import { applicationsQuery } from '../applications/queries.ts';
import { CauseText } from './cause-text.tsx';
import { Changes } from './changes.tsx';
import { curlOf, isBodyComplete } from './curl.ts';
import { FixLink } from './fix-link.tsx';
import { MarkNotice } from './marks.tsx';
import { Payload } from './payload.tsx';
import { requestQuery } from './queries.ts';
import { ReplayDrawer } from './replay-drawer.tsx';
import { duration, KeyName } from './requests-table.tsx';
import { RowReportPanel } from './row-report.tsx';

export function RequestPage() {
  const { uuid } = useParams({ from: '/shell/activity/$uuid' });
  const query = useQuery(requestQuery(uuid));
  return (
    <>
      <PageHeader
        title="Request"
        above={[
          <TextLink key="activity" to="/activity" size="sm">
            Activity
          </TextLink>,
        ]}
        {...(query.data === undefined
          ? {}
          : {
              badges: <StatusBadge status={query.data.status} />,
              description: (
                <code className="mono">
                  {query.data.method} {query.data.requestUri}
                </code>
              ),
            })}
      />
      <Loaded query={query} lines={8}>
        {(detail) => <Request detail={detail} />}
      </Loaded>
    </>
  );
}

function Request({ detail }: { readonly detail: AccessLogDetail }) {
  const isAdmin = useIsAdmin();
  const { payloadState: state } = detail;
  return (
    <>
      {detail.cause === null ? null : <Refusal detail={detail} isAdmin={isAdmin} />}
      <MarkNotice marks={detail.marks} />
      <Facts detail={detail} />
      {detail.hasReport ? <RowReportPanel detail={detail} /> : null}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" verticalSpacing={0}>
        <Payload
          title="Request"
          text={detail.requestPayload}
          bytes={detail.requestBytes}
          cut={detail.requestCut}
          state={state}
        />
        <Payload
          title="Response"
          text={detail.responsePayload}
          bytes={detail.responseBytes}
          cut={detail.responseCut}
          state={state}
        />
      </SimpleGrid>
      {isAdmin ? <Curl detail={detail} /> : null}
    </>
  );
}

function Refusal({ detail, isAdmin }: { readonly detail: AccessLogDetail; readonly isAdmin: boolean }) {
  const [replaying, setReplaying] = useState<readonly string[]>();
  const { cause, mend, replayable, replayed, uuid, status } = detail;
  return (
    <Alert color="amber" mb="md" icon={<IconAlertTriangle size={20} aria-hidden />} title="Refused" role="note">
      <Text size="sm">{cause === null ? null : <CauseText cause={cause} />}</Text>
      {replayed === null ? null : (
        <Text size="sm" mt={4}>
          It was replayed successfully <Time value={replayed} as="relative" />.
        </Text>
      )}
      <Group gap="sm" mt="sm">
        {mend === null ? null : <FixLink mend={mend} />}
        {replayable && isAdmin ? (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconArrowBackUp size={14} aria-hidden />}
            onClick={() => setReplaying([uuid])}
          >
            Replay
          </Button>
        ) : null}
        {cause === null ? null : (
          <TextLink to="/activity" search={{ cause, status }} size="sm">
            Others with this cause
          </TextLink>
        )}
      </Group>
      <ReplayDrawer uuids={replaying} onClose={() => setReplaying(undefined)} />
    </Alert>
  );
}

function Facts({ detail }: { readonly detail: AccessLogDetail }) {
  const { applicationId, keyId, time, operation, durationMs, profiles, address, uuid } = detail;
  const applications = useQuery(applicationsQuery).data ?? [];
  const application = applications.find(({ id }) => id === applicationId);
  return (
    <Paper withBorder p="md" mb="md">
      <SimpleGrid component="dl" cols={{ base: 2, sm: 4 }} m={0} spacing="md">
        <Fact label="Time">
          <Time value={time} as="precise" />
        </Fact>
        <Fact label="Operation">{operation}</Fact>
        <Fact label="Duration">{duration(durationMs)}</Fact>
        <Fact label="Joins and leaves">
          <Changes {...detail} />
        </Fact>
        <Fact label="Profiles changed">{formatCount(profiles)}</Fact>
        <Fact label="Key">
          {keyId === null ? (
            <KeyName item={detail} />
          ) : (
            <TextLink to="/activity" search={{ key: keyId }} size="sm">
              <KeyName item={detail} />
            </TextLink>
          )}
        </Fact>
        <Fact label="Application">
          {applicationId === null ? (
            'Unknown'
          ) : (
            <TextLink to="/applications/$applicationId" params={{ applicationId: String(applicationId) }} size="sm">
              {application?.name ?? `Application ${applicationId}`}
            </TextLink>
          )}
        </Fact>
        <Fact label="From">{address ?? 'Unknown'}</Fact>
      </SimpleGrid>
      <Text size="xs" c="dimmed" mt="sm">
        X-Request-Id <code className="mono">{uuid}</code>
      </Text>
    </Paper>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {label}
      </Text>
      <Text component="dd" m={0} size="sm">
        {children}
      </Text>
    </div>
  );
}

function Curl({ detail }: { readonly detail: AccessLogDetail }) {
  const { server } = useSession();
  return (
    <Panel>
      <CopyField
        label="As curl"
        description={
          isBodyComplete(detail)
            ? 'Put your key into ROLLCALL_KEY: keys and other headers are never kept.'
            : 'Put your key into ROLLCALL_KEY and the body into body.json: headers are never kept, and this body was not kept in full.'
        }
        value={curlOf(detail, server.url)}
        multiline
        copyLabel="Copy as curl"
      />
    </Panel>
  );
}
