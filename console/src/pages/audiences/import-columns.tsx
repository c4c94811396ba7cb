/** Asks which column of a list holds the members, and shows its first rows. */

import { Alert, Button, Group, ScrollArea, Select, Stack, Table, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ImportColumns, ImportPreview } from '../../../../src/http/surfaces/management/memberships-schemas.ts';
import { path, request } from '../../api.ts';
import { FormError } from '../../parts/form-error.tsx';

interface ColumnChoiceProps {
  readonly list: ImportColumns;
  readonly onPreview: (preview: ImportPreview) => void;
  readonly onGivenUp: () => void;
}

export function ColumnChoice({ list, onPreview, onGivenUp }: ColumnChoiceProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const resource = path`/v1/audiences/${list.audienceId}/memberships/import_previews/${list.id}`;
  const choose = useMutation({
    mutationFn: async (index: number) =>
      request<ImportPreview>(`${resource}/column`, { method: 'POST', body: { column: nameOrNumber(list, index) } }),
    meta: { showsError: true },
    onSuccess: onPreview,
  });
  const giveUp = useMutation({
    mutationFn: async () => request<undefined>(resource, { method: 'DELETE' }),
    onSettled: onGivenUp,
  });
  const options = list.columns.map((name, index) => ({ value: String(index), label: labelOf(name, index) }));
  return (
    <Stack gap="md">
      <Alert color="blue" title={list.columns.length === 1 ? 'Is this the header?' : 'Which column holds the members?'}>
        {list.columns.length === 1
          ? `The first line reads “${list.columns[0] ?? ''}”. If this is the name of the column, choose it and the line is not imported. If it is a member, add the header profileintegrationid to the file.`
          : 'The file has several columns. Choose the one with the integration IDs of the customers.'}
      </Alert>
      <FirstRows list={list} />
      <Select
        label="Column with the members"
        placeholder="Choose a column"
        data={options}
        value={chosen}
        onChange={setChosen}
        maw={420}
      />
      <FormError error={choose.error} />
      <Group gap="xs">
        <Button
          disabled={chosen === null}
          loading={choose.isPending}
          onClick={() => (chosen === null ? undefined : choose.mutate(Number(chosen)))}
        >
          Preview
        </Button>
        <Button
          variant="default"
          disabled={choose.isPending}
          loading={giveUp.isPending}
          onClick={() => giveUp.mutate()}
        >
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

function FirstRows({ list }: { readonly list: ImportColumns }) {
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'First rows of the file' }}>
      <Table withTableBorder withColumnBorders aria-label="First rows">
        <Table.Thead>
          <Table.Tr>
            {list.columns.map((name, index) => (
              <Table.Th key={index} scope="col">
                {labelOf(name, index)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.rows.map((row, index) => (
            <Table.Tr key={index}>
              {row.map((cell, column) => (
                <Table.Td key={column}>
                  <Text size="sm" style={{ whiteSpace: 'pre' }}>
                    {cell}
                  </Text>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function labelOf(name: string, index: number): string {
  return name === '' ? `Column ${index + 1}` : name;
}

/** How the server refers to a column: by its name, or by its number if the name is not unique. */
function nameOrNumber({ columns }: ImportColumns, index: number): string {
  const name = columns[index] ?? '';
  const isUnique = columns.filter((each) => each === name).length === 1;
  return name !== '' && isUnique ? name : String(index + 1);
}
