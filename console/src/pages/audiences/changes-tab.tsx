/** The membership changes of an audience, newest first. */

import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { AudienceDetail } from '../../../../src/http/surfaces/management/audiences-schemas.ts';
import type { MembershipChange } from '../../../../src/http/surfaces/management/memberships-schemas.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { actionColumn, sourceColumn, timeColumn } from '../../parts/membership-changes.tsx';
import { Paging } from '../../parts/paging.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { changesQuery } from './queries.ts';

const COLUMNS: readonly Column<MembershipChange>[] = [
  timeColumn,
  actionColumn,
  {
    key: 'customer',
    header: 'Customer',
    primary: true,
    cell: ({ customerId, integrationId }) =>
      customerId === null ? (
        '—'
      ) : (
        <TextLink to="/profiles/$profileId" params={{ profileId: String(customerId) }}>
          {integrationId ?? `Erased profile ${customerId}`}
        </TextLink>
      ),
  },
  sourceColumn,
];

export function ChangesTab({ audience }: { readonly audience: AudienceDetail }) {
  const { cursor } = useSearch({ from: '/shell/audiences/$audienceId' });
  const navigate = useNavigate({ from: '/audiences/$audienceId' });
  const query = useQuery(changesQuery(audience.id, cursor));
  const show = (next: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, cursor: next }), replace: true, resetScroll: false });
  return (
    <Loaded query={query}>
      {({ data, nextCursor }) => (
        <>
          {data.length > 0 ? (
            <RecordsTable label="Changes" columns={COLUMNS} rows={data} rowKey={({ id }) => id} />
          ) : nextCursor === undefined ? (
            <EmptyState title="No changes yet">Every join and leave is listed here, with its request.</EmptyState>
          ) : (
            <EmptyState title="No changes in this part of the ledger">The next page goes further back.</EmptyState>
          )}
          <Paging cursor={cursor} nextCursor={nextCursor} onPage={show} />
        </>
      )}
    </Loaded>
  );
}
