/** The button that opens the drawer in which something is created. */

import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';

export interface CreateButtonProps {
  readonly label: string;
  /**
   * Whether the drawer is open: the page behind it is then out of reach, and this button must not be mistaken for the
   * drawer's.
   */
  readonly opened: boolean;
  readonly onOpen: () => void;
}

export function CreateButton({ label, opened, onOpen }: CreateButtonProps) {
  return (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={onOpen}
      {...(opened ? { 'aria-hidden': true, tabIndex: -1 } : {})}
    >
      {label}
    </Button>
  );
}
