/** The fields about an attribute's values, shared by the forms that create and change an attribute. */

import { Checkbox, MultiSelect, Radio, Stack, TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { applicationsQuery } from '../applications/queries.ts';
import type { ValueType } from './words.ts';

/** Where suggested values come from. */
export type ValueSource = 'any' | 'suggestions' | 'list';

export interface AttributeValues {
  readonly source: ValueSource;
  readonly suggestions: string[];
  readonly restricted: boolean;
}

export interface ValueFieldsProps {
  readonly type: ValueType;
  readonly value: AttributeValues;
  readonly onChange: (value: AttributeValues) => void;
  readonly error?: string | undefined;
}

const MOST_SUGGESTIONS = 50;

export function ValueFields({ type, value, onChange, error }: ValueFieldsProps) {
  // There is nothing to suggest: both values of a boolean are known, and nobody types a location.
  if (type === 'boolean' || type === 'location' || type === '(list location)') return null;
  return (
    <Stack gap="sm">
      <Radio.Group
        label="Allowed values"
        value={value.source}
        onChange={(source) => onChange({ ...value, source, restricted: source !== 'any' && value.restricted })}
      >
        <Stack gap={8} mt={6}>
          <Radio value="any" label="Any" />
          <Radio value="suggestions" label="A short list, entered here" />
          <Radio value="list" label="A long list, imported from a file" />
        </Stack>
      </Radio.Group>
      {value.source === 'suggestions' ? (
        <TagsInput
          label="Values"
          description="Enter adds a value; at most 50."
          maxTags={MOST_SUGGESTIONS}
          value={value.suggestions}
          onChange={(suggestions) => onChange({ ...value, suggestions })}
          error={error}
          clearable={false}
          acceptValueOnBlur
        />
      ) : null}
      {value.source === 'any' ? null : (
        <Checkbox
          label="Refuse any other value"
          description="Requests with any other value are refused with 400. Existing values of profiles stay."
          checked={value.restricted}
          onChange={(event) => onChange({ ...value, restricted: event.currentTarget.checked })}
        />
      )}
    </Stack>
  );
}

export interface ApplicationsFieldProps {
  readonly value: readonly number[];
  readonly onChange: (ids: number[]) => void;
  readonly error?: string | undefined;
}

/** The Applications that something is limited to. */
export function ApplicationsField({ value, onChange, error }: ApplicationsFieldProps) {
  const { data = [] } = useQuery(applicationsQuery);
  const options = data.map(({ id, name, sandbox }) => ({
    value: String(id),
    label: sandbox ? `${name} (sandbox)` : name,
  }));
  return (
    <MultiSelect
      label="Applications"
      description="Limits the attribute to these Applications. Leave empty for all."
      placeholder={value.length === 0 ? 'All Applications' : ''}
      data={options}
      value={value.map(String)}
      onChange={(ids) => onChange(ids.map(Number))}
      searchable
      hidePickedOptions
      error={error}
    />
  );
}

/** In the form the API expects. */
export function valuesOnTheWire({ source, suggestions, restricted }: AttributeValues) {
  return {
    suggestions: source === 'suggestions' ? suggestions : [],
    hasAllowedList: source === 'list',
    restrictedBySuggestions: source !== 'any' && restricted,
  };
}
