/** A secret that is shown only once; closing it without having copied it asks first. */

import { Alert, Button, Group, Stack } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useBlocker } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { CopyField } from './copy-field.tsx';

export interface ShownOnceProps {
  /** What happened, such as "The key was created". */
  readonly title: string;
  /** The field's name, such as "API key". */
  readonly label: string;
  readonly secret: string;
  /** What is shown below the secret; call `onCopied` when it contains the secret. */
  readonly children?: (onCopied: () => void) => ReactNode;
  readonly onDone: () => void;
}

/**
 * Closing must go through the address or `onDone`: a caller that opens this in a drawer keeps the drawer in the
 * address, or asks `useUncopied` before closing it.
 */
export function ShownOnce({ title, label, secret, children, onDone }: ShownOnceProps) {
  const [copied, setCopied] = useState(false);
  const [asked, setAsked] = useState(false);
  const markCopied = () => setCopied(true);
  // The button that created it is gone, and the secret is what matters now.
  const field = useRef<HTMLDivElement>(null);
  useEffect(() => field.current?.querySelector('input')?.focus(), []);
  const blocker = useBlocker({
    shouldBlockFn: () => !copied,
    enableBeforeUnload: () => !copied,
    withResolver: true,
  });
  const blocked = blocker.status === 'blocked';

  const stay = () => {
    setAsked(false);
    if (blocked) blocker.reset();
  };
  const leave = () => {
    setCopied(true);
    setAsked(false);
    if (blocked) blocker.proceed();
    else onDone();
  };

  return (
    <Stack gap="md">
      <Alert color="green" icon={<IconCircleCheck size={20} aria-hidden />} title={title} role="status">
        Copy it now: it is shown only once.
      </Alert>
      <div ref={field}>
        <CopyField label={label} value={secret} copyLabel="Copy" onCopied={markCopied} />
      </div>
      {children?.(markCopied)}
      <Group justify="flex-end">
        <Button variant={copied ? 'filled' : 'default'} onClick={() => (copied ? onDone() : setAsked(true))}>
          Done
        </Button>
      </Group>
      <ConfirmDialog
        opened={asked || blocked}
        title="Close without a copy?"
        confirmLabel="Close anyway"
        cancelLabel="Back"
        onConfirm={leave}
        onClose={stay}
      >
        Nothing was copied. After closing, nobody can see the {label.replace(/^[A-Z](?=[a-z])/, lowerCase)} again.
      </ConfirmDialog>
    </Stack>
  );
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}
