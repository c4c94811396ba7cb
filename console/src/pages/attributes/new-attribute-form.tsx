/** Creates an attribute; a link to this form may fill in its name. */

import { Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { RefusedValues } from '../../../../src/http/surfaces/management/access-logs-schemas.ts';
import type { Attribute, NewAttribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import { request } from '../../api.ts';
import { FormError, fieldErrors } from '../../parts/form-error.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { notifyDone } from '../../query-client.ts';
import { refusedValuesQuery } from '../activity/queries.ts';
import { RefusedValuesNote } from './refused-values-note.tsx';
import { ApplicationsField, type AttributeValues, ValueFields, valuesOnTheWire } from './value-fields.tsx';
import { ENTITY_OPTIONS, type Entity, TYPE_OPTIONS, type ValueType } from './words.ts';

export interface NewAttributeFormProps {
  readonly name: string;
  readonly onClose: () => void;
}

interface Fields {
  entity: Entity;
  name: string;
  title: string;
  /** Null until a type is chosen. */
  type: ValueType | null;
  description: string;
  values: AttributeValues;
  applicationIds: number[];
}

const WIRE_FIELDS = ['name', 'title', 'type', 'description', 'suggestions'] as const;

/** The form was opened from a refused request: the type is the one of the refused values, or the user's choice. */
export function NewAttributeForm({ name, onClose }: NewAttributeFormProps) {
  const values = useQuery({ ...refusedValuesQuery(name, true), enabled: name !== '' });
  if (name === '') return <Form name="" onClose={onClose} />;
  return <Loaded query={values}>{(refused) => <Form name={name} refused={refused} onClose={onClose} />}</Loaded>;
}

function Form({ name, refused, onClose }: NewAttributeFormProps & { readonly refused?: RefusedValues }) {
  const queries = useQueryClient();
  const initialValues: Fields = {
    entity: 'CustomerProfile',
    name,
    title: '',
    type: refused === undefined ? 'string' : refused.type,
    description: '',
    values: { source: 'any', suggestions: [], restricted: false },
    applicationIds: [],
  };
  const form = useForm<Fields>({
    initialValues,
    validate: {
      type: (value) => (value === null ? 'Choose a type' : null),
      name: (value) => (/^[A-Za-z]\w*$/.test(value.trim()) ? null : 'A letter, then letters, digits or underscores'),
      title: (value) =>
        value.trim() === '' || /^[A-Za-z][A-Za-z0-9_.!~*'() -]*$/.test(value.trim())
          ? null
          : "A letter, then letters, digits, spaces or _ . ! ~ * ' ( ) -",
    },
  });
  const create = useMutation({
    mutationFn: async (body: NewAttribute) => request<Attribute>('/v1/attributes', { method: 'POST', body }),
    meta: { showsError: true },
    onSuccess: async (attribute) => {
      await queries.invalidateQueries({ queryKey: ['attributes'] });
      notifyDone(`Attribute “${attribute.name}” was created`);
      onClose();
    },
    onError: (error) => form.setErrors(fieldErrors(error, WIRE_FIELDS)),
  });
  const submit = form.onSubmit(({ values, applicationIds, type, ...fields }) => {
    if (create.isPending || type === null) return;
    create.mutate({
      ...fields,
      type,
      name: fields.name.trim(),
      title: fields.title.trim() === '' ? fields.name.trim() : fields.title.trim(),
      editable: true,
      ...valuesOnTheWire(values),
      subscribedApplicationsIds: applicationIds,
    });
  });

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="As the platform sends it. Cannot be changed later."
          required
          maxLength={255}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
        />
        {refused === undefined ? null : <RefusedValuesNote values={refused} />}
        <Select
          label="Type"
          description="Cannot be changed later."
          data={TYPE_OPTIONS}
          allowDeselect={false}
          required
          {...form.getInputProps('type')}
        />
        <TextInput
          label="Title"
          description="What people see."
          placeholder={form.values.name.trim()}
          maxLength={255}
          {...form.getInputProps('title')}
        />
        <Textarea label="Description" autosize minRows={2} maxLength={10_000} {...form.getInputProps('description')} />
        <Select
          label="Belongs to"
          description={
            form.values.entity === 'CustomerProfile'
              ? 'Platforms send attributes of customer profiles.'
              : 'Kept only for callers that list it; nothing here uses it.'
          }
          data={ENTITY_OPTIONS}
          allowDeselect={false}
          {...form.getInputProps('entity')}
        />
        <ValueFields
          type={form.values.type ?? 'string'}
          value={form.values.values}
          onChange={(values) => form.setFieldValue('values', values)}
          error={textOrNone(form.errors['suggestions'])}
        />
        <ApplicationsField
          value={form.values.applicationIds}
          onChange={(ids) => form.setFieldValue('applicationIds', ids)}
        />
        {form.values.values.source === 'list' ? (
          <Text size="sm" c="dimmed">
            After creating the attribute, open it in the list to import the file.
          </Text>
        ) : null}
        <FormError error={create.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create attribute
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function textOrNone(error: ReactNode): string | undefined {
  return typeof error === 'string' ? error : undefined;
}
