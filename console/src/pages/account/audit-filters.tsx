/** Narrows the audit log by actor, Application, entity and time. */

import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DayInput } from '../../parts/day-input.tsx';
import { applicationsQuery } from '../applications/queries.ts';
import { managementKeysQuery, usersQuery } from './queries.ts';
import type { AuditLogSearch } from './search.ts';

export interface AuditFiltersProps {
  readonly search: AuditLogSearch;
  readonly onFilter: (change: AuditLogSearch) => void;
}

const NO_FILTER: AuditLogSearch = {
  path: undefined,
  user: undefined,
  application: undefined,
  key: undefined,
  from: undefined,
  until: undefined,
};
const TYPING_MS = 300;

export function AuditFilters({ search, onFilter }: AuditFiltersProps) {
  const { data: users = [] } = useQuery(usersQuery);
  const { data: applications = [] } = useQuery(applicationsQuery);
  const { data: keys = [] } = useQuery(managementKeysQuery);
  // Fields keep half-typed text; clearing the filters remounts them.
  const [cleared, setCleared] = useState(0);
  const seek = useDebouncedCallback((text: string) => {
    onFilter({ path: text.trim() === '' ? undefined : text.trim() });
  }, TYPING_MS);
  const isFiltered = Object.keys(NO_FILTER).some((name) => search[name as keyof AuditLogSearch] !== undefined);

  return (
    <Group key={cleared} component="search" align="flex-end" gap="sm" mb="md">
      <TextInput
        label="What"
        placeholder="For example, apikeys"
        defaultValue={search.path ?? ''}
        onChange={(event) => seek(event.currentTarget.value)}
        w={{ base: '100%', xs: 190 }}
      />
      <Choice
        label="Who"
        options={[{ id: 0, name: 'The command line' }, ...users.map(({ id, email }) => ({ id, name: email }))]}
        value={search.user}
        onChange={(user) => onFilter({ user })}
      />
      <Choice
        label="Application"
        options={applications}
        value={search.application}
        onChange={(application) => onFilter({ application })}
      />
      {keys.length === 0 && search.key === undefined ? null : (
        <Choice label="Management key" options={keys} value={search.key} onChange={(key) => onFilter({ key })} />
      )}
      <Group gap="sm" align="flex-end" wrap="nowrap" w={{ base: '100%', xs: 292 }}>
        <DayInput
          label="From"
          value={search.from ?? null}
          onChange={(day) => onFilter({ from: day ?? undefined })}
          {...(search.until === undefined ? {} : { max: search.until })}
        />
        <DayInput
          label="Until"
          value={search.until ?? null}
          onChange={(day) => onFilter({ until: day ?? undefined })}
          {...(search.from === undefined ? {} : { min: search.from })}
        />
      </Group>
      {isFiltered ? (
        <Button
          variant="subtle"
          onClick={() => {
            onFilter(NO_FILTER);
            setCleared(cleared + 1);
          }}
        >
          Clear filters
        </Button>
      ) : null}
    </Group>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly options: readonly { readonly id: number; readonly name: string }[];
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

function Choice({ label, options, value, onChange }: ChoiceProps) {
  const data = options.map(({ id, name }) => ({ value: String(id), label: name }));
  // A link may name something that has since been deleted.
  if (value !== undefined && !options.some(({ id }) => id === value)) {
    data.push({ value: String(value), label: `Number ${value}` });
  }
  return (
    <Select
      label={label}
      placeholder="Any"
      data={data}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': `Clear ${label}` }}
      value={value === undefined ? null : String(value)}
      onChange={(chosen) => onChange(chosen === null ? undefined : Number(chosen))}
      w={{ base: '100%', xs: 160 }}
    />
  );
}
