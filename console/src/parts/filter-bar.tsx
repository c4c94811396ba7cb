/** The row of filters above a list. */

import { Group } from '@mantine/core';
import type { ReactNode } from 'react';

export function FilterBar({ children }: { readonly children: ReactNode }) {
  return (
    <Group component="search" gap="sm" p="md" pb="xs" align="flex-end">
      {children}
    </Group>
  );
}
