/** The filters for requests; each is in the address. */

import { Button, Group, Select, TextInput } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type SubmitEvent, useState } from 'react';
import { StateBadge } from '../../parts/badges.tsx';
import { apiKeysQuery, applicationsQuery } from '../applications/queries.ts';
import classes from './activity.module.css';
import { isSpan, type LogFilters, SPANS, type StatusFilter } from './search.ts';

const STATUSES = [
  { value: 'success', label: 'Succeeded' },
  { value: 'error', label: 'Refused' },
  { value: '400', label: '400 Bad request' },
  { value: '401', label: '401 Wrong key' },
  { value: '404', label: '404 Not found' },
  { value: '409', label: '409 Conflict' },
  { value: '413', label: '413 Too large' },
  { value: '429', label: '429 Too many' },
  { value: '503', label: '503 Overload' },
];

const TIMES = [
  ...Object.entries(SPANS).map(([value, { label }]) => ({ value, label: label.replace('the last', 'Last') })),
  { value: 'custom', label: 'From … to …' },
];

export function Filters({ filters }: { readonly filters: LogFilters }) {
  const navigate = useNavigate({ from: '/activity' });
  // A change of filter goes back to the newest requests.
  const change = (changed: LogFilters) => {
    void navigate({ search: ({ cursor: _cursor, ...before }) => ({ ...before, ...changed }), replace: true });
  };
  const { status, path, key, application, cause, time, from, to } = filters;
  const [custom, setCustom] = useState(from !== undefined || to !== undefined);
  return (
    <section aria-label="Filters" className={classes.filters}>
      <Select
        label="Status"
        placeholder="Any"
        clearable
        data={withOwn(STATUSES, status)}
        value={status === undefined ? null : String(status)}
        onChange={(value) => change({ status: toStatus(value) })}
        w={160}
      />
      <PathFilter path={path} onChange={(value) => change({ path: value })} />
      <KeyFilter value={key} onChange={(value) => change({ key: value })} />
      <ApplicationFilter value={application} onChange={(value) => change({ application: value })} />
      <Select
        label="Time"
        placeholder="Any"
        clearable
        data={TIMES}
        value={time ?? (custom ? 'custom' : null)}
        onChange={(value) => {
          setCustom(value === 'custom');
          change({ time: isSpan(value) ? value : undefined, from: undefined, to: undefined });
        }}
        w={160}
      />
      {custom ? (
        <>
          <MomentFilter label="From" value={from} onChange={(value) => change({ from: value, time: undefined })} />
          <MomentFilter label="To" value={to} onChange={(value) => change({ to: value, time: undefined })} />
        </>
      ) : null}
      {cause === undefined ? null : (
        <Group gap={6} className={classes.cause}>
          <StateBadge color="amber" label={`Cause: ${cause.length > 60 ? `${cause.slice(0, 60)}…` : cause}`} />
          <Button size="compact-xs" variant="subtle" onClick={() => change({ cause: undefined })}>
            Any cause
          </Button>
        </Group>
      )}
      {Object.keys(filters).length === 0 ? null : (
        <Button variant="subtle" color="gray" onClick={() => void navigate({ search: {}, replace: true })}>
          Clear filters
        </Button>
      )}
    </section>
  );
}

interface FilterProps<Value> {
  readonly value: Value | undefined;
  readonly onChange: (value: Value | undefined) => void;
}

function PathFilter({
  path,
  onChange,
}: {
  readonly path: string | undefined;
  readonly onChange: (path?: string) => void;
}) {
  const [text, setText] = useState(path ?? '');
  const apply = () => {
    if (text !== (path ?? '')) onChange(text === '' ? undefined : text);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    apply();
  };
  return (
    <form onSubmit={submit} className={classes.path}>
      <TextInput
        label="Path"
        placeholder="Substring or regular expression"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={apply}
        maxLength={200}
        spellCheck={false}
        autoComplete="off"
      />
    </form>
  );
}

function KeyFilter({ value, onChange }: FilterProps<number>) {
  const applications = useQuery(applicationsQuery).data ?? [];
  const keys = useQueries({
    queries: applications.map(({ id }) => ({ ...apiKeysQuery(id), refetchInterval: false as const })),
  });
  const known = keys.flatMap(({ data }) => data ?? []).map(({ id, title }) => ({ value: String(id), label: title }));
  return (
    <Select
      label="Key"
      placeholder="Any"
      clearable
      searchable
      data={withOwn(known, value, (id) => `Key ${id}`)}
      value={value === undefined ? null : String(value)}
      onChange={(id) => onChange(id === null ? undefined : Number(id))}
      nothingFoundMessage="No such key"
      w={200}
    />
  );
}

/** Shown when there is more than one to choose from. */
function ApplicationFilter({ value, onChange }: FilterProps<number>) {
  const applications = useQuery(applicationsQuery).data ?? [];
  if (applications.length < 2 && value === undefined) return null;
  const known = applications.map(({ id, name, sandbox }) => ({
    value: String(id),
    label: sandbox ? `${name} (sandbox)` : name,
  }));
  return (
    <Select
      label="Application"
      placeholder="Any"
      clearable
      searchable
      data={withOwn(known, value, (id) => `Application ${id}`)}
      value={value === undefined ? null : String(value)}
      onChange={(id) => onChange(id === null ? undefined : Number(id))}
      w={180}
    />
  );
}

/** A moment in the viewer's time zone. */
function MomentFilter({ label, value, onChange }: FilterProps<string> & { readonly label: string }) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={value === undefined ? '' : toLocal(value)}
      onChange={({ currentTarget: { value: typed } }) => {
        onChange(typed === '' ? undefined : new Date(typed).toISOString());
      }}
      w={210}
    />
  );
}

interface Choice {
  readonly value: string;
  readonly label: string;
}

/** A link may name a value that is not among the choices, such as a rare status or a deleted key. */
function withOwn(
  choices: readonly Choice[],
  own: string | number | undefined,
  labelOf: (own: string | number) => string = String,
): Choice[] {
  if (own === undefined || choices.some(({ value }) => value === String(own))) return [...choices];
  return [...choices, { value: String(own), label: labelOf(own) }];
}

function toStatus(value: string | null): StatusFilter | undefined {
  if (value === 'success' || value === 'error') return value;
  return value === null ? undefined : Number(value);
}

function toLocal(time: string): string {
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
