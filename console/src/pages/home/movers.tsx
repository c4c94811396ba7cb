/** The audiences that gained or lost the most members in the last day. */

import { useQuery } from '@tanstack/react-query';
import type { AudienceMover } from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import { useEnvironment } from '../../environment.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { Time } from '../../parts/time.tsx';
import { Changes } from '../activity/changes.tsx';
import { moversQuery } from './queries.ts';

const COLUMNS: readonly Column<AudienceMover>[] = [
  {
    key: 'name',
    header: 'Audience',
    primary: true,
    cell: ({ id, name }) => (
      <TextLink to="/audiences/$audienceId" params={{ audienceId: String(id) }} size="sm" fw={500}>
        {name}
      </TextLink>
    ),
  },
  { key: 'moved', header: 'Changes', width: 140, cell: (mover) => <Changes {...mover} /> },
  {
    key: 'members',
    header: 'Members now',
    align: 'right',
    width: 120,
    cell: ({ membersCount }) => membersCount.toLocaleString(),
  },
];

export function Movers() {
  const { sandbox } = useEnvironment();
  const query = useQuery(moversQuery(sandbox));
  return (
    <Panel
      title="Audiences that changed most"
      description={
        query.data === undefined ? undefined : (
          <>
            Since <Time value={query.data.since} as="clock" />.
          </>
        )
      }
      flush
    >
      <Loaded query={query} lines={3}>
        {({ movers }) =>
          movers.length === 0 ? (
            <EmptyState title="No audience changed">Joins and leaves of the last day appear here.</EmptyState>
          ) : (
            <RecordsTable label="Audiences that changed most" columns={COLUMNS} rows={movers} rowKey={({ id }) => id} />
          )
        }
      </Loaded>
    </Panel>
  );
}
