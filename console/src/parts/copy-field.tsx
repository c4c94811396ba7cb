/** A read-only value with a button that copies it; confirms the copy visibly and to screen readers. */

import { ActionIcon, Button, Group, Textarea, TextInput, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { copyText } from './clipboard.ts';

export interface CopyFieldProps {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
  /** Whether the value has several lines, such as a command. */
  readonly multiline?: boolean;
  /** The button's label; `Copy` when it is the only such button on screen. */
  readonly copyLabel?: string;
  /** A small button with only an icon, for fields beside the main one. */
  readonly quiet?: boolean;
  /** Called when the value has been copied, by the button or by hand. */
  readonly onCopied?: () => void;
}

export function CopyField(props: CopyFieldProps) {
  const { label, value, description, multiline = false, copyLabel, quiet = false, onCopied } = props;
  const Field = multiline ? Textarea : TextInput;
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <Field
        flex={1}
        label={label}
        value={value}
        readOnly
        spellCheck={false}
        classNames={{ input: 'mono' }}
        {...(description === undefined ? {} : { description })}
        {...(multiline ? { autosize: true, minRows: 2 } : {})}
        {...(onCopied === undefined ? {} : { onCopy: onCopied })}
        onFocus={(event: { currentTarget: { select: () => void } }) => event.currentTarget.select()}
      />
      <CopyButton
        value={value}
        label={copyLabel ?? `Copy ${label}`}
        quiet={quiet}
        {...(onCopied === undefined ? {} : { onCopied })}
      />
    </Group>
  );
}

export interface CopyButtonProps {
  readonly value: string;
  readonly label: string;
  readonly quiet?: boolean;
  readonly onCopied?: () => void;
}

const SHOWN_MS = 2_500;
type Outcome = 'none' | 'copied' | 'failed';
const SAID: Readonly<Record<Outcome, string>> = {
  none: '',
  copied: 'Copied',
  failed: 'The browser does not allow copying on this page: select the text and copy it by hand',
};

/** The button without the field. */
export function CopyButton({ value, label, quiet = false, onCopied }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome>('none');
  useEffect(() => {
    if (outcome === 'none') return undefined;
    const timer = setTimeout(() => setOutcome('none'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async (near: HTMLElement) => {
    const copied = await copyText(value, near);
    setOutcome(copied ? 'copied' : 'failed');
    if (copied) onCopied?.();
  };
  const icon = outcome === 'copied' ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />;
  const shared = {
    'aria-label': label,
    variant: outcome === 'copied' ? 'light' : 'default',
    onClick: (event: { currentTarget: HTMLElement }) => void copy(event.currentTarget),
  };
  return (
    <>
      {quiet ? (
        <ActionIcon size={36} {...shared} title={label}>
          {icon}
        </ActionIcon>
      ) : (
        <Button leftSection={icon} flex="none" {...shared}>
          {outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Copy by hand' : 'Copy'}
        </Button>
      )}
      <VisuallyHidden role="status">{SAID[outcome]}</VisuallyHidden>
    </>
  );
}
