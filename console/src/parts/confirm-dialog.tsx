/** Asks for confirmation before something that cannot be undone; for the gravest actions the name must be typed. */

import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { FormError } from './form-error.tsx';

export interface ConfirmDialogProps {
  readonly opened: boolean;
  readonly title: string;
  /** What will happen, and what cannot be recovered. */
  readonly children: ReactNode;
  readonly confirmLabel: string;
  /** `Cancel` when absent. */
  readonly cancelLabel?: string;
  /** Must be typed before the button is enabled. */
  readonly typeToConfirm?: string;
  readonly pending?: boolean;
  readonly error?: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Modal.Root opened={props.opened} onClose={props.onClose} centered>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Header role="presentation">
          <Modal.Title fw={600}>{props.title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>
          <ConfirmForm {...props} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function ConfirmForm({
  children,
  confirmLabel,
  cancelLabel = 'Cancel',
  typeToConfirm,
  pending,
  error,
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  const [typed, setTyped] = useState('');
  const ready = typeToConfirm === undefined || typed === typeToConfirm;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (ready && pending !== true) onConfirm();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm" component="div">
          {children}
        </Text>
        {typeToConfirm === undefined ? null : (
          <TextInput
            label={`Type “${typeToConfirm}” to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        <FormError error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {cancelLabel}
          </Button>
          <Button type="submit" color="red" disabled={!ready} loading={pending === true}>
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
