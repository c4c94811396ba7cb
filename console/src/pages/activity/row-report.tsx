/** The outcome of each row of a request: the refused ones first, with their replay. */

import { Button, Group, Text } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AccessLogDetail, RowReport } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { countOf } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { useIsAdmin } from '../../session.ts';
import { rowReportQuery } from './queries.ts';
import { ReplayDrawer } from './replay-drawer.tsx';

type Row = RowReport['rows'][number];

// The number of rows per page; the refused ones, which most people look for, come first.
const PAGE_ROWS = 50;

const COLUMNS: readonly Column<Row>[] = [
  { key: 'row', header: 'Row', width: 80, cell: ({ row }) => row },
  { key: 'profile', header: 'Profile', primary: true, cell: ({ integrationId }) => integrationId ?? '—' },
  { key: 'verdict', header: 'Verdict', width: 110, cell: ({ verdict }) => VERDICTS[verdict] },
  { key: 'message', header: 'Why', cell: ({ message, code }) => message ?? code ?? '—' },
];

const VERDICTS: Readonly<Record<Row['verdict'], string>> = {
  applied: 'Applied',
  unchanged: 'Unchanged',
  refused: 'Refused',
};

export function RowReportPanel({ detail }: { readonly detail: AccessLogDetail }) {
  const query = useQuery(rowReportQuery(detail.uuid));
  return (
    <Panel title="Rows" flush>
      <Loaded query={query}>{(report) => <Report report={report} detail={detail} />}</Loaded>
    </Panel>
  );
}

function Report({ report, detail }: { readonly report: RowReport; readonly detail: AccessLogDetail }) {
  const [shown, setShown] = useState(PAGE_ROWS);
  const [replaying, setReplaying] = useState<readonly string[]>();
  const isAdmin = useIsAdmin();
  const { rows, applied, unchanged, refused, isCut } = report;
  return (
    <>
      <Group px="md" pb="sm" justify="space-between">
        <Text size="sm">
          {countOf(applied, 'row')} applied, {unchanged} unchanged, {refused} refused. Rows are counted from 0.
        </Text>
        {/* A request that was refused as a whole offers its replay beside the reason. */}
        {detail.cause === null && detail.replayable && isAdmin ? (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconArrowBackUp size={14} aria-hidden />}
            onClick={() => setReplaying([detail.uuid])}
          >
            Replay the refused rows
          </Button>
        ) : null}
      </Group>
      <RecordsTable label="Rows" columns={COLUMNS} rows={rows.slice(0, shown)} rowKey={({ row }) => row} />
      {shown < rows.length ? (
        <Group px="md" py="sm">
          <Button variant="default" size="xs" onClick={() => setShown(shown + PAGE_ROWS)}>
            Show more
          </Button>
        </Group>
      ) : null}
      {isCut ? (
        <Text size="sm" c="dimmed" px="md" py="sm">
          There was no room for the other rows.
        </Text>
      ) : null}
      <ReplayDrawer uuids={replaying} onClose={() => setReplaying(undefined)} />
    </>
  );
}
