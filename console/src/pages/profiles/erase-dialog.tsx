/** Erases what is known about a person, after the ID has been typed. */

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
      notifyDone('The attributes, memberships, logged payloads and ID were erased');
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
      confirmLabel="Erase permanently"
      typeToConfirm={profile.integrationId}
      pending={erase.isPending}
      error={erase.error}
      onConfirm={() => erase.mutate()}
      onClose={close}
    >
      <Text size="sm">
        Removed: all attributes, all memberships, this ID, access log payloads and paths that contain it, and refused
        writes that contain it. This cannot be undone.
      </Text>
      <Text size="sm" mt="xs">
        Kept: an empty profile with a hash in place of the ID; its timeline of audiences joined and left, for as long as
        the ledger is kept; and earlier backups.
      </Text>
      <Text size="sm" mt="xs">
        If a platform sends this ID again, a new profile is created, unless the server keeps erased people out
        (ROLLCALL_STAY_ERASED). Remove the person from the platform first.
      </Text>
    </ConfirmDialog>
  );
}
