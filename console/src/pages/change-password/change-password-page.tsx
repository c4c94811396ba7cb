/** The page "Change password"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function ChangePasswordPage() {
  return (
    <>
      <PageHeader title="Change password" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
