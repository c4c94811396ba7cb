/** One attribute: its definition and, for admins, what can be changed about it. */

import { Button, Divider, Group, Stack, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Attribute, AttributeUpdate } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import { path, request } from '../../api.ts';
import { Facts } from '../../parts/facts.tsx';
import { FormError, fieldErrors } from '../../parts/form-error.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { SideDrawer } from '../../parts/side-drawer.tsx';
import { Time } from '../../parts/time.tsx';
import { notifyDone } from '../../query-client.ts';
import { useIsAdmin } from '../../session.ts';
import { AllowedListImport } from './allowed-list-import.tsx';
import { attributeQuery } from './queries.ts';
import { ApplicationsField, type AttributeValues, ValueFields, valuesOnTheWire } from './value-fields.tsx';
import { entityLabel, typeLabel } from './words.ts';

export interface AttributeDrawerProps {
  readonly attributeId: number | undefined;
  readonly onClose: () => void;
}

export function AttributeDrawer({ attributeId, onClose }: AttributeDrawerProps) {
  return (
    <SideDrawer opened={attributeId !== undefined} onClose={onClose} title="Attribute">
      {attributeId === undefined ? null : <DrawerContent attributeId={attributeId} onClose={onClose} />}
    </SideDrawer>
  );
}

function DrawerContent({ attributeId, onClose }: { readonly attributeId: number; readonly onClose: () => void }) {
  const query = useQuery(attributeQuery(attributeId));
  return (
    <Loaded query={query}>
      {(attribute) => <AttributeForm key={attribute.id} attribute={attribute} onClose={onClose} />}
    </Loaded>
  );
}

interface Fields {
  description: string;
  values: AttributeValues;
  applicationIds: number[];
}

function AttributeForm({ attribute, onClose }: { readonly attribute: Attribute; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const isAdmin = useIsAdmin();
  const { hasAllowedList, suggestions, restrictedBySuggestions } = attribute;
  const initialValues: Fields = {
    description: attribute.description,
    values: {
      source: hasAllowedList ? 'list' : suggestions.length > 0 ? 'suggestions' : 'any',
      suggestions: [...suggestions],
      restricted: restrictedBySuggestions,
    },
    applicationIds: [...attribute.subscribedApplicationsIds],
  };
  const form = useForm<Fields>({ initialValues });
  const save = useMutation({
    mutationFn: async (body: AttributeUpdate) =>
      request<Attribute>(path`/v1/attributes/${attribute.id}`, { method: 'PUT', body }),
    meta: { showsError: true },
    onSuccess: async ({ name }) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['attributes'] }),
        queries.invalidateQueries({ queryKey: attributeQuery(attribute.id).queryKey }),
      ]);
      notifyDone(`Attribute “${name}” was changed`);
      onClose();
    },
    onError: (error) => form.setErrors(fieldErrors(error, ['description', 'suggestions'])),
  });
  const submit = form.onSubmit(({ description, values, applicationIds }) => {
    if (save.isPending) return;
    const { entity, name, title, type, editable } = attribute;
    const changed = { description, ...valuesOnTheWire(values), subscribedApplicationsIds: applicationIds };
    save.mutate({ entity, name, title, type, editable, ...changed });
  });
  const mayEdit = isAdmin && attribute.editable;
  const suggestionsError = form.errors['suggestions'];

  return (
    <Stack gap="md">
      <Facts
        facts={[
          { label: 'Name', value: <code className="mono">{attribute.name}</code> },
          { label: 'Title', value: attribute.title },
          { label: 'Type', value: typeLabel(attribute.type) },
          { label: 'Belongs to', value: entityLabel(attribute.entity) },
          { label: 'Created', value: <Time value={attribute.created} as="date" /> },
          { label: 'Number', value: attribute.id },
        ]}
      />
      <form onSubmit={submit}>
        {/* For read-only users: every field is shown, and none can be changed. */}
        <fieldset disabled={!mayEdit} style={{ border: 0, margin: 0, padding: 0 }}>
          <Stack gap="md">
            <Textarea
              label="Description"
              autosize
              minRows={2}
              maxLength={10_000}
              data-autofocus
              {...form.getInputProps('description')}
            />
            <ValueFields
              type={attribute.type}
              value={form.values.values}
              onChange={(values) => form.setFieldValue('values', values)}
              error={typeof suggestionsError === 'string' ? suggestionsError : undefined}
            />
            <ApplicationsField
              value={form.values.applicationIds}
              onChange={(ids) => form.setFieldValue('applicationIds', ids)}
            />
            <FormError error={save.error} />
            {mayEdit ? (
              <Group justify="flex-end" gap="xs">
                <Button variant="default" onClick={onClose}>
                  Cancel
                </Button>
                <Button type="submit" loading={save.isPending}>
                  Save
                </Button>
              </Group>
            ) : null}
          </Stack>
        </fieldset>
      </form>
      {mayEdit && hasAllowedList ? (
        <>
          <Divider />
          <AllowedListImport attribute={attribute} />
        </>
      ) : null}
    </Stack>
  );
}
