/** The options of a key for callers that cannot send headers. */

import { Checkbox, Fieldset, Stack } from '@mantine/core';
import type { ApiKey } from '../../../../src/http/surfaces/management/api-keys-schemas.ts';

export type KeySwitches = Pick<ApiKey, 'lenientRows' | 'rowReports' | 'skipUndefinedAttributes'>;

const SWITCHES = [
  {
    name: 'lenientRows',
    label: 'Apply batches without their refused rows',
    description: 'Otherwise one bad row refuses the whole batch. Activity shows which rows were refused.',
  },
  {
    name: 'rowReports',
    label: 'Keep a report of the rows of each batch',
    description: 'Lenient batches always have one.',
  },
  {
    name: 'skipUndefinedAttributes',
    label: 'Skip undefined attributes',
    description: 'Otherwise the request is refused.',
  },
] as const;

export interface KeySwitchesFieldsProps {
  readonly values: KeySwitches;
  readonly onChange: (name: keyof KeySwitches, isOn: boolean) => void;
}

export function KeySwitchesFields({ values, onChange }: KeySwitchesFieldsProps) {
  return (
    <Fieldset legend="For callers that cannot send headers">
      <Stack gap={8}>
        {SWITCHES.map(({ name, label, description }) => (
          <Checkbox
            key={name}
            label={label}
            description={description}
            checked={values[name]}
            onChange={(event) => onChange(name, event.currentTarget.checked)}
          />
        ))}
      </Stack>
    </Fieldset>
  );
}
