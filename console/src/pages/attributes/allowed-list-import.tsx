/** Replaces the list of values an attribute allows by those of a file. */

import { Button, Group, Stack, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Attribute } from '../../../../src/http/surfaces/management/attributes-schemas.ts';
import type { Import } from '../../../../src/http/surfaces/management/imports-schemas.ts';
import { path, request } from '../../api.ts';
import { FormError } from '../../parts/form-error.tsx';
import { countOf } from '../../parts/numbers.ts';
import { UploadField, uploadForm } from '../../parts/upload-field.tsx';
import { notifyDone } from '../../query-client.ts';

export function AllowedListImport({ attribute }: { readonly attribute: Attribute }) {
  const [file, setFile] = useState<File | null>(null);
  const upload = useMutation({
    mutationFn: async (list: File) =>
      request<Import>(path`/v1/attributes/${attribute.id}/allowed_list/import`, {
        method: 'POST',
        body: uploadForm(list),
      }),
    meta: { showsError: true },
    onSuccess: ({ amount }) => {
      notifyDone(`“${attribute.name}” now allows the ${countOf(amount, 'value')} of the file`);
      setFile(null);
    },
  });
  const choose = (chosen: File | null) => {
    upload.reset();
    setFile(chosen);
  };
  return (
    <Stack gap="sm">
      <Title order={3}>Imported list</Title>
      <UploadField
        label="CSV file"
        description="One column named item, up to 500,000 values. They take the place of the list there is."
        value={file}
        onChange={choose}
      />
      <FormError error={upload.error} />
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
