/** The button that opens the drawer in which something is made. */

import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';

export interface CreateButtonProps {
  readonly label: string;
  /** The drawer is open: the page behind it is out of reach, and its button must not be taken for the drawer's own. */
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
