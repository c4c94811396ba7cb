/**
 * Pages through a list that is too long to count: forward by the server's cursor, back along the pages already seen.
 */

import { Button, Group } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';

export interface PagingProps {
  /** Cursor of the page shown; undefined on the first. Keep it in the address. */
  readonly cursor: string | undefined;
  readonly nextCursor: string | undefined;
  readonly onPage: (cursor: string | undefined) => void;
  /** The way back, kept above a list that is mounted anew for each page. */
  readonly way?: Trail;
}

/** The cursors of the pages already seen. */
type Trail = readonly [
  trail: readonly (string | undefined)[],
  setTrail: (trail: readonly (string | undefined)[]) => void,
];

// After arriving by a link there is no way back except to the first page.
export function useTrail(): Trail {
  return useState<readonly (string | undefined)[]>([]);
}

export function Paging({ cursor, nextCursor, onPage, way }: PagingProps) {
  const own = useTrail();
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
