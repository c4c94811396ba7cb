/** Entries of the ledger as a timeline: who joined or left which audience, when, by whom, in which request. */

import { Group, Stack, Text } from '@mantine/core';
import {
  IconArrowsExchange,
  IconLogin2,
  IconLogout2,
  IconTrash,
  IconUsersMinus,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { MembershipChange } from '../../../../src/http/surfaces/management/memberships-schemas.ts';
import { TextLink } from '../../parts/links.tsx';
import { countOf } from '../../parts/numbers.ts';
import { Time } from '../../parts/time.tsx';
import classes from './change-list.module.css';

type Action = MembershipChange['action'];

const LOOKS: Readonly<Record<Action, { readonly icon: TablerIcon; readonly color: string }>> = {
  joined: { icon: IconLogin2, color: 'green' },
  left: { icon: IconLogout2, color: 'amber' },
  deleted: { icon: IconTrash, color: 'red' },
  emptied: { icon: IconUsersMinus, color: 'red' },
  replaced: { icon: IconArrowsExchange, color: 'blue' },
};

export interface ChangeListProps {
  readonly label: string;
  readonly changes: readonly MembershipChange[];
  /** Describes what happened. */
  readonly sentence: (change: MembershipChange) => ReactNode;
}

export function ChangeList({ label, changes, sentence }: ChangeListProps) {
  return (
    <ol aria-label={label} className={classes.list}>
      {changes.map((change) => {
        const { icon: Icon, color } = LOOKS[change.action];
        return (
          <li key={`${change.id} ${change.customerId ?? ''} ${change.audienceId}`} className={classes.entry}>
            <span
              className={classes.mark}
              style={{
                color: `var(--mantine-color-${color}-light-color)`,
                background: `var(--mantine-color-${color}-light)`,
              }}
              aria-hidden
            >
              <Icon size={16} stroke={1.8} />
            </span>
            <Stack gap={0} className={classes.text}>
              <Text size="sm">{sentence(change)}</Text>
              <Group gap={6} c="dimmed" fz="xs">
                <Time value={change.time} as="precise" />
                <Origin change={change} />
              </Group>
            </Stack>
          </li>
        );
      })}
    </ol>
  );
}

/** The key and the request; requests to the back office are in the audit log, not in the access log. */
function Origin({ change }: { readonly change: MembershipChange }) {
  const { keyId, keyName, userId, userEmail, requestUuid } = change;
  if (keyId === null) {
    return (
      <span>
        {userEmail === null ? (userId === null ? 'from the command line' : 'by a deleted user') : `by ${userEmail}`}
      </span>
    );
  }
  return (
    <>
      <span>by key {keyName ?? keyId}</span>
      <TextLink to="/activity/$uuid" params={{ uuid: requestUuid }} fz="xs" title={`Request ${requestUuid}`}>
        request {requestUuid.slice(0, 8)}
      </TextLink>
    </>
  );
}

/** Describes what happened to a whole audience; undefined for a change to one customer. */
export function describeWholeAudience({ action, count }: MembershipChange): string | undefined {
  switch (action) {
    case 'deleted':
      return `was deleted with ${countOf(count, 'member')}`;
    case 'emptied':
      return `was emptied of ${countOf(count, 'member')}`;
    case 'replaced':
      return `had its list replaced, by ${countOf(count, 'member')}`;
    case 'joined':
    case 'left':
      return undefined;
  }
}
