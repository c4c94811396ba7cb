/** Entries of the ledger in readable form: who joined or left which audience, when, and by which request. */

import { Text } from '@mantine/core';
import type { MembershipChange } from '../../../src/http/surfaces/management/memberships-schemas.ts';
import { StateBadge } from './badges.tsx';
import { TextLink } from './links.tsx';
import { countOf } from './numbers.ts';
import type { Column } from './records-table.tsx';
import { Time } from './time.tsx';

const ACTIONS: Readonly<Record<MembershipChange['action'], readonly [label: string, color: string]>> = {
  joined: ['Joined', 'green'],
  left: ['Left', 'red'],
  deleted: ['Audience deleted', 'gray'],
  emptied: ['Audience emptied', 'gray'],
  replaced: ['Members replaced', 'blue'],
};

export function ActionBadge({ action }: { readonly action: MembershipChange['action'] }) {
  const [label, color] = ACTIONS[action];
  return <StateBadge color={color} label={label} />;
}

export const timeColumn: Column<MembershipChange> = {
  key: 'time',
  header: 'When',
  nowrap: true,
  cell: ({ time }) => <Time value={time} as="precise" />,
};

export const actionColumn: Column<MembershipChange> = {
  key: 'action',
  header: 'What',
  cell: ({ action, count }) => (
    <>
      <ActionBadge action={action} />
      {action === 'joined' || action === 'left' ? null : (
        <Text span size="xs" c="dimmed" ml={6}>
          {countOf(count, 'member')}
        </Text>
      )}
    </>
  ),
};

/** The actor and the request of a change. */
export const sourceColumn: Column<MembershipChange> = {
  key: 'by',
  header: 'By',
  cell: ({ keyId, keyName, userId, userEmail, requestUuid }) => {
    // Requests to the back office are in the audit log, not in the access log.
    if (keyId === null) return userEmail ?? (userId === null ? 'Command line' : 'Deleted user');
    return (
      <TextLink to="/activity/$uuid" params={{ uuid: requestUuid }} title={`Request ${requestUuid}`}>
        {keyName ?? `Key ${keyId}`}
      </TextLink>
    );
  },
};
