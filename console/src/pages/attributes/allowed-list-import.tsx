/** Replaces the allowed values of an attribute with those of a file. */

import { Button, Checkbox, Group, Stack, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Attribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import type { Import } from '../../../../src/http/surfaces/management/imports-schemas.ts';
import { ApiError, path, request } from '../../api.ts';
import { FormError } from '../../parts/form-error.tsx';
import { countOf } from '../../parts/numbers.ts';
import { UploadField, uploadForm } from '../../parts/upload-field.tsx';
import { notifyDone } from '../../query-client.ts';

/** Whether the server asks for a parameter that this form sends. */
function isAbout(error: unknown, parameter: 'column' | 'asWritten'): boolean {
  const pattern = parameter === 'column' ? /^column: |as the column/ : /asWritten=true/;
  return error instanceof ApiError && error.problems.some(({ details }) => pattern.test(details));
}

export function AllowedListImport({ attribute }: { readonly attribute: Attribute }) {
  const [file, setFile] = useState<File | null>(null);
  const [column, setColumn] = useState('');
  const [asWritten, setAsWritten] = useState(false);
  const upload = useMutation({
    mutationFn: async (list: File) =>
      request<Import>(path`/v1/attributes/${attribute.id}/allowed_list/import`, {
        method: 'POST',
        query: { column: column === '' ? undefined : column, asWritten: asWritten || undefined },
        body: uploadForm(list),
      }),
    meta: { showsError: true },
    onSuccess: ({ amount }) => {
      notifyDone(`“${attribute.name}” now allows the ${countOf(amount, 'value')} of the file`);
      setFile(null);
      setColumn('');
      setAsWritten(false);
    },
  });
  const choose = (chosen: File | null) => {
    upload.reset();
    setColumn('');
    setAsWritten(false);
    setFile(chosen);
  };
  return (
    <Stack gap="sm">
      <Title order={3}>Imported list</Title>
      <UploadField
        label="CSV file"
        description="One column named item, up to 500,000 values. They replace the current list."
        value={file}
        onChange={choose}
      />
      <FormError error={upload.error} />
      {column !== '' || isAbout(upload.error, 'column') ? (
        <TextInput
          label="Column with the values"
          description="Its name, or its number, starting at 1"
          value={column}
          onChange={(event) => setColumn(event.currentTarget.value)}
          maw={420}
        />
      ) : null}
      {asWritten || isAbout(upload.error, 'asWritten') ? (
        <Checkbox
          label="Import them as written"
          checked={asWritten}
          onChange={(event) => setAsWritten(event.currentTarget.checked)}
        />
      ) : null}
      <Group justify="flex-end">
        <Button
          variant="default"
          disabled={file === null}
          loading={upload.isPending}
          onClick={() => (file === null ? undefined : upload.mutate(file))}
        >
          Replace the list
        </Button>
      </Group>
    </Stack>
  );
}
