/** One figure and what it counts, for a row of such tiles. */

import { Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export interface FigureTileProps {
  readonly label: string;
  readonly value: ReactNode;
  /** Anything else worth knowing about it. */
  readonly note?: ReactNode;
}

export function FigureTile({ label, value, note }: FigureTileProps) {
  return (
    <Paper withBorder p="md" component="dl" m={0}>
      <Text component="dt" size="xs" c="dimmed" fw={600}>
        {label}
      </Text>
      <Text component="dd" m={0} fz={22} fw={650} className="figures" style={{ overflowWrap: 'anywhere' }}>
        {value}
      </Text>
      {note === undefined ? null : (
        <Text component="dd" m={0} size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Paper>
  );
}
