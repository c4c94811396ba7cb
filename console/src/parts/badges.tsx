/** Small badges that show a state in words and colour. */

import { Badge } from '@mantine/core';

export type KeyState = 'Valid' | 'Expires Soon' | 'Expired' | 'Invalid';

const KEY_COLOURS: Readonly<Record<KeyState, string>> = {
  Valid: 'green',
  'Expires Soon': 'amber',
  Expired: 'red',
  Invalid: 'red',
};

export function KeyStateBadge({ state }: { readonly state: KeyState }) {
  return <StateBadge color={KEY_COLOURS[state]} label={state} />;
}

export function EnvironmentBadge({ sandbox }: { readonly sandbox: boolean }) {
  return <StateBadge color={sandbox ? 'amber' : 'pine'} label={sandbox ? 'Sandbox' : 'Live'} />;
}

/** An HTTP status. */
export function StatusBadge({ status }: { readonly status: number }) {
  const color = status < 400 ? 'green' : status < 500 ? 'amber' : 'red';
  return <StateBadge color={color} label={String(status)} />;
}

export function StateBadge({ color, label }: { readonly color: string; readonly label: string }) {
  return (
    <Badge
      variant="light"
      color={color}
      radius="sm"
      size="sm"
      tt="none"
      fw={600}
      style={{ flex: 'none' }}
      miw="max-content"
    >
      {label}
    </Badge>
  );
}
