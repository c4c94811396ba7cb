/** Shown in place of data that does not exist yet: one sentence, and what to do next. */

import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export interface EmptyStateProps {
  readonly title: string;
  /** What to do next, or why there is nothing. */
  readonly children?: ReactNode;
  /** The button for it. */
  readonly action?: ReactNode;
}

export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <Text fw={600}>{title}</Text>
      {children === undefined ? null : (
        <Text c="dimmed" size="sm" maw={520} component="div">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
