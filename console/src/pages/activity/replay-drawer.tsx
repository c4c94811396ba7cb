/** Replays refused writes: previews the outcome, asks for confirmation, then shows the outcome. */

import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReplayResult } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { StatusBadge } from '../../parts/badges.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { countOf, formatCount } from '../../parts/numbers.ts';
import { type Column, RecordsTable } from '../../parts/records-table.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { Changes } from './changes.tsx';
import { replay } from './queries.ts';
import { SkippedEffects } from './skipped-effects.tsx';

export interface ReplayDrawerProps {
  /** The writes to replay; closed when undefined. */
  readonly uuids: readonly string[] | undefined;
  readonly onClose: () => void;
}

export function ReplayDrawer({ uuids, onClose }: ReplayDrawerProps) {
  return (
    <SideDrawer opened={uuids !== undefined} title="Replay refused writes" size="xl" onClose={onClose}>
      {uuids === undefined ? null : <Replay uuids={uuids} onClose={onClose} />}
    </SideDrawer>
  );
}

function Replay({ uuids, onClose }: { readonly uuids: readonly string[]; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [override, setOverride] = useState(false);
  const preview = useQuery({
    queryKey: ['replay-preview', uuids, override],
    queryFn: async () => replay(uuids, { dry: true, override }),
    placeholderData: keepPreviousData,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const send = useMutation({
    mutationFn: async (each: readonly string[]) => replay(each, { dry: false, override }),
    meta: { showsError: true },
    // The replay changed profiles, audiences and the log, so everything shown of them is fetched again.
    onSettled: async () => queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'replay-preview' }),
  });
  if (send.data !== undefined) return <Outcome results={send.data} override={override} onClose={onClose} />;
  return (
    <Loaded query={preview}>
      {(results) => {
        const able = results.filter(({ status, replayed }) => status < 400 && !replayed);
        return (
          <Stack gap="md">
            <Text size="sm">
              Nothing has been sent yet. This is what would happen: {told(able)}
              {able.length === results.length
                ? ''
                : ` ${countOf(results.length - able.length, 'request')} would not be sent.`}
            </Text>
            <SkippedEffects results={results} override={override} onOverride={setOverride} />
            <Results results={results} />
            <FormError error={send.error} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button
                disabled={able.length === 0 || preview.isPlaceholderData}
                loading={send.isPending}
                onClick={() => send.mutate(able.map(({ uuid }) => uuid))}
              >
                {able.length === 0 ? 'Nothing to send' : `Send ${countOf(able.length, 'request')}`}
              </Button>
            </Group>
          </Stack>
        );
      }}
    </Loaded>
  );
}

interface OutcomeProps {
  readonly results: readonly ReplayResult[];
  readonly override: boolean;
  readonly onClose: () => void;
}

function Outcome({ results, override, onClose }: OutcomeProps) {
  const done = results.filter(({ replayed }) => replayed);
  const all = done.length === results.length;
  return (
    <Stack gap="md">
      <Alert
        color={all ? 'green' : 'amber'}
        icon={all ? <IconCircleCheck size={20} aria-hidden /> : <IconAlertTriangle size={20} aria-hidden />}
        title={all ? 'Replayed and accepted' : `${done.length} of ${results.length} were accepted`}
        role="status"
      >
        {told(done)}
      </Alert>
      <SkippedEffects results={results} override={override} />
      <Results results={results} />
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}

const COLUMNS: readonly Column<ReplayResult>[] = [
  {
    key: 'request',
    header: 'Request',
    primary: true,
    cell: ({ uuid }) => <code className="mono">{uuid.slice(0, 8)}</code>,
  },
  { key: 'status', header: 'Answer', width: 80, cell: ({ status }) => <StatusBadge status={status} /> },
  { key: 'changes', header: 'Changes', width: 110, cell: (result) => <Changes {...result} /> },
  {
    key: 'skipped',
    header: 'Left out',
    width: 90,
    cell: ({ skippedCount }) => (skippedCount === 0 ? '—' : formatCount(skippedCount)),
  },
  { key: 'message', header: 'Why not', cell: ({ message, rows }) => message ?? reasonsOf(rows) },
];

/** The outcome of a request whose rows are judged one by one. */
function reasonsOf(rows: ReplayResult['rows']): string {
  if (rows === null || rows.refused === 0) return '—';
  const [first] = rows.reasons;
  const judged = rows.applied + rows.unchanged + rows.refused;
  return `${rows.refused} of ${countOf(judged, 'row')} refused${first === undefined ? '' : `: ${first.message}`}`;
}

function Results({ results }: { readonly results: readonly ReplayResult[] }) {
  return <RecordsTable label="Outcome by request" columns={COLUMNS} rows={results} rowKey={({ uuid }) => uuid} />;
}

function told(results: readonly ReplayResult[]): string {
  const sum = (of: 'joins' | 'leaves') => results.reduce((total, each) => total + each[of], 0);
  const changes = `${countOf(sum('joins'), 'join')} and ${countOf(sum('leaves'), 'leave')}`;
  return `${countOf(results.length, 'request')} accepted, with ${changes}.`;
}
