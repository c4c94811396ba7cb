/** Warnings about a list that can be imported, with samples; they must be accepted first. */

import { Alert, Checkbox, Code, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ImportPreview } from '../../../../src/http/surfaces/management/memberships-schemas.ts';

interface ImportWarningsProps {
  readonly warnings: ImportPreview['warnings'];
  readonly accepted: boolean;
  readonly onAccept: (accepted: boolean) => void;
}

export function ImportWarnings({ warnings, accepted, onAccept }: ImportWarningsProps) {
  if (warnings.length === 0) return null;
  return (
    <Alert color="amber" icon={<IconAlertTriangle size={20} aria-hidden />} title="Check this before you continue">
      <Stack gap="xs">
        {warnings.map(({ kind, message, samples }) => (
          <div key={kind}>
            <Text size="sm">{`${message}.`}</Text>
            <List size="sm" spacing={2}>
              {samples.map(({ line, entry }) => (
                <List.Item key={line}>
                  {`Line ${line}: `}
                  <Code style={{ whiteSpace: 'pre-wrap' }}>{visible(entry)}</Code>
                </List.Item>
              ))}
            </List>
          </div>
        ))}
        <Checkbox
          label="Import them anyway"
          checked={accepted}
          onChange={(event) => onAccept(event.currentTarget.checked)}
        />
      </Stack>
    </Alert>
  );
}

/** An entry in quotes, as in JSON, with invisible characters written as escapes. */
function visible(entry: string): string {
  return JSON.stringify(entry).replace(
    /[\u00a0\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
