/** The page "Customer profiles"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function ProfilesPage() {
  return (
    <>
      <PageHeader title="Customer profiles" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
