/** Erases what is known of a person, after the ID was typed. */

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
      notifyDone(`What was known of “${profile.integrationId}” is erased`);
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
      All attributes of the profile are removed, it leaves every audience, and the access log forgets the payloads that
      speak of it. The ID stays, so that a later update finds the same profile number. This cannot be undone.
    </ConfirmDialog>
  );
}
