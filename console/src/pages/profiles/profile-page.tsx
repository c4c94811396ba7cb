/** The page "Customer profile"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function ProfilePage() {
  return (
    <>
      <PageHeader title="Customer profile" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
