/** A field for one CSV file, chosen with the button or dropped on it. */

import { FileInput } from '@mantine/core';
import { IconFileTypeCsv } from '@tabler/icons-react';

export interface UploadFieldProps {
  readonly label: string;
  readonly description: string;
  readonly value: File | null;
  readonly onChange: (file: File | null) => void;
}

export function UploadField({ label, description, value, onChange }: UploadFieldProps) {
  return (
    <FileInput
      label={label}
      description={description}
      placeholder="Choose a file"
      accept=".csv,.tsv,.txt,.gz,text/csv,text/plain,text/tab-separated-values,application/gzip"
      clearable
      clearButtonProps={{ 'aria-label': 'Remove the file' }}
      leftSection={<IconFileTypeCsv size={18} stroke={1.6} aria-hidden />}
      value={value}
      onChange={onChange}
    />
  );
}

/** The form in which the server accepts lists. */
export function uploadForm(file: File): FormData {
  const form = new FormData();
  form.append('upFile', file);
  return form;
}
