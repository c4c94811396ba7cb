/** Finds profiles by exact integration ID, by the exact value of an attribute, or by both. */

import { Button, Select, TextInput } from '@mantine/core';
import type { SubmitEvent } from 'react';
import { useState } from 'react';
import type { Attribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import { FilterBar } from '../../parts/filter-bar.tsx';
import type { ProfilesSearch } from './search.ts';
import { typedValue, valueHint } from './typed-value.ts';

export interface ProfileFiltersProps {
  readonly search: ProfilesSearch;
  /** Attributes that profiles can have. */
  readonly attributes: readonly Attribute[];
  readonly onSearch: (search: ProfilesSearch) => void;
}

/** The fields take their first values from the address; pass a new `key` when it changes. */
export function ProfileFilters({ search, attributes, onSearch }: ProfileFiltersProps) {
  const [id, setId] = useState(search.id ?? '');
  const [name, setName] = useState<string | null>(search.attribute ?? null);
  const [text, setText] = useState(search.value ?? '');
  const attribute = attributes.find((each) => each.name === name);
  const typed = attribute === undefined || text.trim() === '' ? undefined : typedValue(attribute.type, text);
  const problem = typed !== undefined && 'problem' in typed ? typed.problem : undefined;
  const hint = attribute === undefined ? undefined : valueHint(attribute.type);
  const filtered = search.id !== undefined || search.attribute !== undefined;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (problem !== undefined) return;
    const value = text.trim();
    const byAttribute = name !== null && value !== '';
    onSearch({
      id: id.trim() === '' ? undefined : id.trim(),
      attribute: byAttribute ? name : undefined,
      value: byAttribute ? value : undefined,
    });
  };

  return (
    <form onSubmit={submit}>
      <FilterBar>
        <TextInput
          label="Integration ID"
          placeholder="The complete ID"
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
          maxLength={1000}
          spellCheck={false}
          autoComplete="off"
          flex={1}
          miw={200}
          maw={340}
        />
        <Select
          label="Attribute"
          placeholder="None"
          data={attributes.map((each) => each.name)}
          value={name}
          onChange={setName}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Clear attribute' }}
          w={190}
        />
        {name === null ? null : (
          <TextInput
            label="Exact value"
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={problem}
            {...(hint === undefined || problem !== undefined ? {} : { description: hint })}
            {...(attribute === undefined || attribute.suggestions.length === 0
              ? {}
              : { placeholder: `For example, ${attribute.suggestions[0]}` })}
            autoComplete="off"
            spellCheck={false}
            w={220}
          />
        )}
        <Button type="submit">Find</Button>
        {filtered ? (
          <Button variant="subtle" onClick={() => onSearch({})}>
            Show all
          </Button>
        ) : null}
      </FilterBar>
    </form>
  );
}
