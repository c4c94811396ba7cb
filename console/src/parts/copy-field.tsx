/** A read-only value with a button that copies it; tells by sight and to screen readers when it did. */

import { Button, Group, Textarea, TextInput, VisuallyHidden } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';

export interface CopyFieldProps {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
  /** Several lines, such as a command. */
  readonly multiline?: boolean;
  /** The button's name; `Copy` when it is the only one in sight. */
  readonly copyLabel?: string;
  readonly onCopied?: () => void;
}

export function CopyField({ label, value, description, multiline = false, copyLabel, onCopied }: CopyFieldProps) {
  const Field = multiline ? Textarea : TextInput;
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <Field
        flex={1}
        label={label}
        value={value}
        readOnly
        classNames={{ input: 'mono' }}
        {...(description === undefined ? {} : { description })}
        {...(multiline ? { autosize: true, minRows: 2 } : {})}
        onFocus={(event: { currentTarget: { select: () => void } }) => event.currentTarget.select()}
      />
      <CopyButton
        value={value}
        label={copyLabel ?? `Copy ${label}`}
        {...(onCopied === undefined ? {} : { onCopied })}
      />
    </Group>
  );
}

/** The button alone. */
export function CopyButton({
  value,
  label,
  onCopied,
}: {
  readonly value: string;
  readonly label: string;
  readonly onCopied?: () => void;
}) {
  const clipboard = useClipboard({ timeout: 2_500 });
  const copy = () => {
    clipboard.copy(value);
    onCopied?.();
  };
  return (
    <>
      <Button
        variant={clipboard.copied ? 'light' : 'default'}
        leftSection={clipboard.copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
        aria-label={label}
        onClick={copy}
      >
        {clipboard.copied ? 'Copied' : 'Copy'}
      </Button>
      <VisuallyHidden role="status">{clipboard.copied ? 'Copied' : ''}</VisuallyHidden>
    </>
  );
}
