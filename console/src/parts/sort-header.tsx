/** A column header that sorts; it shows the direction, and reverses it when pressed. */

import { UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';

export type SortDirection = 'ascending' | 'descending' | 'none';

export interface SortHeaderProps {
  readonly label: string;
  readonly direction: SortDirection;
  readonly onSort: () => void;
}

const ICONS = { ascending: IconArrowUp, descending: IconArrowDown, none: IconArrowsSort };

export function SortHeader({ label, direction, onSort }: SortHeaderProps) {
  const Icon = ICONS[direction];
  return (
    <UnstyledButton
      onClick={onSort}
      fz="xs"
      fw={600}
      c={direction === 'none' ? 'dimmed' : 'var(--mantine-color-text)'}
      style={{ display: 'inline-flex', alignItems: 'center', gap: 4 }}
    >
      {label}
      <Icon size={13} stroke={2} aria-hidden />
    </UnstyledButton>
  );
}
