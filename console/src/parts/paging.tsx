/** Moves through a list that is too long to count: forward by the server's cursor, back along the way one came. */

import { Button, Group } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';

export interface PagingProps {
  /** Of the page shown; undefined on the first. Belongs into the address. */
  readonly cursor: string | undefined;
  readonly nextCursor: string | undefined;
  readonly onPage: (cursor: string | undefined) => void;
}

export function Paging({ cursor, nextCursor, onPage }: PagingProps) {
  // Somebody who came by a link has no way back along it, but to the start.
  const [trail, setTrail] = useState<readonly (string | undefined)[]>([]);
  if (cursor === undefined && nextCursor === undefined) return null;
  const back = () => {
    onPage(trail.at(-1));
    setTrail(trail.slice(0, -1));
  };
  const forward = () => {
    setTrail([...trail, cursor]);
    onPage(nextCursor);
  };
  return (
    <Group component="nav" aria-label="Pages" justify="flex-end" gap="xs" p="sm">
      <Button
        variant="default"
        size="xs"
        disabled={cursor === undefined}
        leftSection={<IconChevronLeft size={14} aria-hidden />}
        onClick={back}
      >
        {cursor !== undefined && trail.length === 0 ? 'First page' : 'Previous'}
      </Button>
      <Button
        variant="default"
        size="xs"
        disabled={nextCursor === undefined}
        rightSection={<IconChevronRight size={14} aria-hidden />}
        onClick={forward}
      >
        Next
      </Button>
    </Group>
  );
}
