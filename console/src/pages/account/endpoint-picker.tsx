/** Selects what a management key may call: by operation, by group, or from a preset for a known connector. */

import { Button, Checkbox, Fieldset, Group, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Loaded } from '../../parts/loaded.tsx';
import { type Grantable, type GrantableGroup, grantableQuery, PRESETS } from './grantable.ts';

export interface EndpointPickerProps {
  /** Each has the form `METHOD path`. */
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

export function EndpointPicker({ chosen, onChange }: EndpointPickerProps) {
  const query = useQuery(grantableQuery);
  return (
    <Fieldset
      variant="unstyled"
      legend={
        <Text span size="sm" fw={600}>
          Endpoints it may call
        </Text>
      }
    >
      <Loaded query={query}>
        {(groups) => <Choices groups={groups} chosen={new Set(chosen)} onChange={onChange} />}
      </Loaded>
    </Fieldset>
  );
}

interface ChoicesProps {
  readonly groups: readonly GrantableGroup[];
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (chosen: readonly string[]) => void;
}

function Choices({ groups, chosen, onChange }: ChoicesProps) {
  const [sought, setSought] = useState('');
  const all = groups.flatMap(({ endpoints }) => endpoints);
  const set = (endpoints: readonly Grantable[], ticked: boolean) => {
    const next = new Set(chosen);
    for (const { name } of endpoints) {
      if (ticked) next.add(name);
      else next.delete(name);
    }
    onChange([...next]);
  };
  const shown = groups
    .map(({ title, endpoints }) => ({ title, endpoints: endpoints.filter((each) => matches(each, sought)) }))
    .filter(({ endpoints }) => endpoints.length > 0);

  return (
    <Stack gap="xs" mt={4}>
      <Group gap={6} role="group" aria-label="Start from">
        {PRESETS.map((preset) => (
          <Button
            key={preset.label}
            size="compact-sm"
            variant="default"
            fw={500}
            onClick={() => onChange(all.filter(preset.matches).map(({ name }) => name))}
          >
            {preset.label}
          </Button>
        ))}
        <Button size="compact-sm" variant="subtle" disabled={chosen.size === 0} onClick={() => onChange([])}>
          None
        </Button>
      </Group>
      <TextInput
        aria-label="Find an endpoint"
        placeholder="Find an endpoint"
        type="search"
        value={sought}
        onChange={(event) => setSought(event.currentTarget.value)}
      />
      <ScrollArea.Autosize
        mah={320}
        type="auto"
        offsetScrollbars
        viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': 'Endpoints' }}
      >
        <Stack gap="md" py={4}>
          {shown.map(({ title, endpoints }) => (
            <EndpointGroup key={title} title={title} endpoints={endpoints} chosen={chosen} onSet={set} />
          ))}
          {shown.length === 0 ? (
            <Text size="sm" c="dimmed">
              No endpoint matches.
            </Text>
          ) : null}
        </Stack>
      </ScrollArea.Autosize>
      <Text size="sm" c="dimmed" role="status">
        {chosen.size === 0 ? 'Nothing selected yet.' : `${chosen.size} of ${all.length} selected.`}
      </Text>
    </Stack>
  );
}

interface EndpointGroupProps extends GrantableGroup {
  readonly chosen: ReadonlySet<string>;
  readonly onSet: (endpoints: readonly Grantable[], ticked: boolean) => void;
}

function EndpointGroup({ title, endpoints, chosen, onSet }: EndpointGroupProps) {
  const ticked = endpoints.filter(({ name }) => chosen.has(name)).length;
  return (
    <div role="group" aria-label={title}>
      <Checkbox
        label={title}
        fw={600}
        checked={ticked === endpoints.length}
        indeterminate={ticked > 0 && ticked < endpoints.length}
        onChange={(event) => onSet(endpoints, event.currentTarget.checked)}
      />
      <Stack gap={6} pl={28} pt={8}>
        {endpoints.map((endpoint) => (
          <Checkbox
            key={endpoint.name}
            size="xs"
            label={<span className="mono">{endpoint.name}</span>}
            description={endpoint.summary}
            checked={chosen.has(endpoint.name)}
            onChange={(event) => onSet([endpoint], event.currentTarget.checked)}
          />
        ))}
      </Stack>
    </div>
  );
}

function matches({ name, summary }: Grantable, sought: string): boolean {
  return `${name} ${summary}`.toLowerCase().includes(sought.trim().toLowerCase());
}
