/** Erases what is known of a person, after the ID was typed. */

import { Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CustomerProfile } from '../../../../src/http/surfaces/management/customers-schemas.ts';
import { path, request } from '../../api.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { notifyDone } from '../../query-client.ts';
import { profileQuery } from './queries.ts';

export interface EraseDialogProps {
  readonly profile: CustomerProfile;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function EraseDialog({ profile, opened, onClose }: EraseDialogProps) {
  const queries = useQueryClient();
  const erase = useMutation({
    mutationFn: async () => request<undefined>(path`/v1/customers/${profile.id}/data`, { method: 'DELETE' }),
    meta: { showsError: true },
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: profileQuery(profile.id).queryKey }),
        queries.invalidateQueries({ queryKey: ['profiles'] }),
      ]);
      notifyDone(`Attributes, memberships and logged payloads of “${profile.integrationId}” are erased`);
      onClose();
    },
  });
  const close = () => {
    erase.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      opened={opened}
      title="Erase personal data?"
      confirmLabel="Erase for good"
      typeToConfirm={profile.integrationId}
      pending={erase.isPending}
      error={erase.error}
      onConfirm={() => erase.mutate()}
      onClose={close}
    >
      <Text size="sm">
        Removed now: all attributes, all memberships, the payloads and paths of the access log that name this ID, and
        the refused writes that name it. This cannot be undone.
      </Text>
      <Text size="sm" mt="xs">
        What stays: the ID itself, so that a later update finds the same profile number; the timeline of the audiences
        it joined and left, as long as the ledger is kept; and backups made before.
      </Text>
    </ConfirmDialog>
  );
}
