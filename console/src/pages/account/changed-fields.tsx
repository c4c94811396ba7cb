/** The state before and after a change, side by side, with differences highlighted. */

import { Switch, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { State } from './change-words.ts';
import classes from './changed-fields.module.css';

export interface ChangedFieldsProps {
  /** Undefined when it did not exist. */
  readonly before: State | undefined;
  readonly after: State | undefined;
}

export function ChangedFields({ before, after }: ChangedFieldsProps) {
  const [all, setAll] = useState(false);
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const differs = (name: string) => textOf(before?.[name]) !== textOf(after?.[name]);
  const isChange = before !== undefined && after !== undefined;
  const shown = isChange && !all ? names.filter(differs) : names;
  if (names.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No details were recorded.
      </Text>
    );
  }
  return (
    <>
      <Table withTableBorder className={classes.table} aria-label="Before and after">
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes.field}>Field</Table.Th>
            {before === undefined ? null : <Table.Th>Before</Table.Th>}
            {after === undefined ? null : <Table.Th>After</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((name) => (
            <Table.Tr key={name} data-differs={(isChange && differs(name)) || undefined}>
              <Table.Th scope="row">{name}</Table.Th>
              {before === undefined ? null : <Table.Td className={classes.before}>{textOf(before[name])}</Table.Td>}
              {after === undefined ? null : <Table.Td className={classes.after}>{textOf(after[name])}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {isChange && names.some((name) => !differs(name)) ? (
        <Switch
          mt="xs"
          size="xs"
          label="Show unchanged fields"
          checked={all}
          onChange={(event) => setAll(event.currentTarget.checked)}
        />
      ) : null}
    </>
  );
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '—';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
