/** Joins and leaves, distinguished by sign and colour. */

import { Group, Text } from '@mantine/core';
import { formatCount } from '../../parts/numbers.ts';

export function Changes({ joins, leaves }: { readonly joins: number; readonly leaves: number }) {
  if (joins === 0 && leaves === 0) {
    return (
      <Text span size="sm" c="dimmed">
        –
      </Text>
    );
  }
  return (
    <Group gap={8} wrap="nowrap" component="span" className="figures">
      {joins === 0 ? null : (
        <Text span size="sm" c="var(--mantine-color-green-light-color)" title={`${joins} joined`}>
          +{formatCount(joins)}
        </Text>
      )}
      {leaves === 0 ? null : (
        <Text span size="sm" c="var(--mantine-color-red-light-color)" title={`${leaves} left`}>
          −{formatCount(leaves)}
        </Text>
      )}
    </Group>
  );
}
