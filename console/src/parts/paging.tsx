/** Moves through a list that is too long to count: forward by the server's cursor, back along the way one came. */

import { Button, Group } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';

export interface PagingProps {
  /** Of the page shown; undefined on the first. Belongs into the address. */
  readonly cursor: string | undefined;
  readonly nextCursor: string | undefined;
  readonly onPage: (cursor: string | undefined) => void;
  /** Where the list is mounted anew for each page, the way back is kept above it. */
  readonly way?: WayBack;
}

/** The cursors of the pages one came by. */
type WayBack = readonly [
  trail: readonly (string | undefined)[],
  setTrail: (trail: readonly (string | undefined)[]) => void,
];

// Somebody who came by a link has no way back along it, but to the start.
export function useWayBack(): WayBack {
  return useState<readonly (string | undefined)[]>([]);
}

export function Paging({ cursor, nextCursor, onPage, way }: PagingProps) {
  const own = useWayBack();
  const [trail, setTrail] = way ?? own;
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
