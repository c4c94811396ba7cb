/** Shown in place of data that is loading. */

import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

export function Loading({ lines = 4, label = 'Loading' }: { readonly lines?: number; readonly label?: string }) {
  return (
    <Stack gap="sm" role="status" py="xs">
      <VisuallyHidden>{label}…</VisuallyHidden>
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={18} width={`${96 - ((index * 17) % 45)}%`} aria-hidden />
      ))}
    </Stack>
  );
}
