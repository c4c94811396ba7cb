/** Requests as rows: the request, its outcome, its key and its time. */

import { Text } from '@mantine/core';
import type { AccessLogItem } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { StatusBadge } from '../../parts/badges.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { Time } from '../../parts/time.tsx';
import { Changes } from './changes.tsx';
import { MarkBadges } from './marks.tsx';
import { RequestName } from './request-name.tsx';

const COLUMNS: readonly Column<AccessLogItem>[] = [
  {
    key: 'request',
    header: 'Request',
    primary: true,
    cell: (item) => (
      <>
        <RequestName {...item} />
        <MarkBadges marks={item.marks} />
      </>
    ),
  },
  { key: 'status', header: 'Status', width: 80, cell: ({ status }) => <StatusBadge status={status} /> },
  { key: 'key', header: 'Key', width: '16%', cell: (item) => <KeyName item={item} /> },
  { key: 'changes', header: 'Changes', width: 100, nowrap: true, cell: (item) => <Changes {...item} /> },
  {
    key: 'duration',
    header: 'Duration',
    align: 'right',
    width: 96,
    nowrap: true,
    cell: ({ durationMs }) => duration(durationMs),
  },
  {
    key: 'time',
    header: 'Time',
    width: 110,
    nowrap: true,
    cell: ({ time }) => <Time value={time} as="clock" />,
  },
];

export function RequestsTable({
  label,
  requests,
}: {
  readonly label: string;
  readonly requests: readonly AccessLogItem[];
}) {
  return <RecordsTable label={label} columns={COLUMNS} rows={requests} rowKey={({ uuid }) => uuid} />;
}

/** The key's name, or what is known of a key that this server did not issue. */
export function KeyName({ item }: { readonly item: Pick<AccessLogItem, 'keyId' | 'keyName' | 'keyPrefix'> }) {
  const { keyId, keyName, keyPrefix } = item;
  if (keyName !== null && keyName !== '') return keyName;
  if (keyId !== null) return `Key ${keyId}`;
  return (
    <Text span size="sm" c="dimmed">
      {keyPrefix === null || keyPrefix === '' ? 'None' : `Unknown, ${keyPrefix}…`}
    </Text>
  );
}

/** @param milliseconds as measured by the server */
export function duration(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 10_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
