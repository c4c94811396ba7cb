/** What refused requests hold for the attribute that is about to be defined, since its type cannot be changed later. */

import { Alert, List, Text } from '@mantine/core';
import type { RefusedValues } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import { countOf } from '../../parts/numbers.ts';
import { typeLabel } from './words.ts';

export function RefusedValuesNote({ values }: { readonly values: RefusedValues }) {
  const { writes, samples, type } = values;
  if (writes === 0) {
    return (
      <Text size="sm" c="dimmed">
        No refused request with a value for this attribute is kept, so choose the type your platform sends.
      </Text>
    );
  }
  return (
    <Alert
      color={type === null ? 'amber' : 'gray'}
      p="sm"
      role="note"
      title={
        type === null
          ? 'The refused values are not all of one type'
          : `${countOf(writes, 'refused request')}: all values are of type ${typeLabel(type)}`
      }
    >
      <List size="sm">
        {samples.map((sample) => (
          <List.Item key={sample}>
            <code className="mono">{sample}</code>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
