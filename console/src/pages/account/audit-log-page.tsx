/** Who changed what in the back office, with the state before and after. */

import { Accordion, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Change } from '../../../../src/http/surfaces/management/changes-schemas.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Paging } from '../../parts/paging.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { describeChange, statesOf } from './change-words.ts';
import { ChangedFields } from './changed-fields.tsx';
import { changesQuery } from './queries.ts';
import type { AuditLogSearch } from './search.ts';

export function AuditLogPage() {
  const search = useSearch({ from: '/shell/account/audit-log' });
  const navigate = useNavigate({ from: '/account/audit-log' });
  const query = useQuery(changesQuery(search));
  const isFiltered = Object.keys(search).some((name) => name !== 'env' && name !== 'cursor');

  // A change of filter goes back to the newest entry.
  const filter = (change: AuditLogSearch) =>
    void navigate({ search: (before) => ({ ...before, cursor: undefined, ...change }), replace: true });
  const showPage = (cursor: string | undefined) => void navigate({ search: (before) => ({ ...before, cursor }) });

  return (
    <>
      <PageHeader
        title="Audit log"
        description="Every change made by users, by management keys and on the command line. Viewing payloads, exporting members and replaying refused writes are recorded too. Attributes that a platform’s key creates are recorded too; other requests from platforms are in Activity."
      />
      <AuditFilters search={search} onFilter={filter} />
      <Panel flush>
        <Loaded query={query} lines={8}>
          {({ data, nextCursor }) =>
            data.length === 0 ? (
              <EmptyState title={isFiltered ? 'No change matches these filters' : 'Nothing has been changed yet'} />
            ) : (
              <>
                <Accordion multiple chevronPosition="left" variant="default" order={2} keepMounted={false}>
                  {data.map((change) => (
                    <ChangeItem key={change.id} change={change} />
                  ))}
                </Accordion>
                <Paging cursor={search.cursor} nextCursor={nextCursor} onPage={showPage} />
              </>
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}

function ChangeItem({ change }: { readonly change: Change }) {
  const { id, created, entity, managementKeyId } = change;
  return (
    <Accordion.Item value={String(id)}>
      <Accordion.Control>
        <Group justify="space-between" gap={4} wrap="wrap">
          <Text size="sm" component="span" style={{ overflowWrap: 'anywhere' }}>
            <Text span inherit fw={600}>
              {actorOf(change)}
            </Text>{' '}
            {describeChange(change)}
          </Text>
          <Text size="xs" c="dimmed" component="span">
            <Time value={created} as="precise" />
          </Text>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Text size="xs" c="dimmed" className="mono" mb="xs">
          {entity}
          {managementKeyId === undefined ? '' : ` · management key ${managementKeyId}`}
        </Text>
        <ChangedFields {...statesOf(change)} />
      </Accordion.Panel>
    </Accordion.Item>
  );
}

function actorOf({ userId, userEmail, new: after }: Change): string {
  if (userEmail !== undefined) return userEmail;
  // For attributes that a platform creates by using them.
  const { createdWithApiKey: keyId } = (after ?? {}) as { readonly createdWithApiKey?: unknown };
  if (userId === 0 && typeof keyId === 'number') return `API key ${keyId}`;
  return userId === 0 ? 'The command line' : `Deleted user ${userId}`;
}
