/** Why a form was refused, in the server's own words; problems with single fields go to those fields. */

import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '../api.ts';
import { messageOf, ProblemList } from './error-state.tsx';

export function FormError({ error }: { readonly error: unknown }) {
  if (error === undefined || error === null) return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle size={20} aria-hidden />} role="alert">
      <Text size="sm">{messageOf(error)}</Text>
      <ProblemList error={error} />
    </Alert>
  );
}

/** The problems with individual form fields, by the field's name on the wire. */
export function fieldErrors<Field extends string>(error: unknown, fields: readonly Field[]): { [F in Field]?: string } {
  const errors: { [F in Field]?: string } = {};
  if (!(error instanceof ApiError)) return errors;
  for (const { field, details, title } of error.problems) {
    const known = fields.find((each) => each === field);
    if (known !== undefined) errors[known] ??= details === '' ? title : details;
  }
  return errors;
}
