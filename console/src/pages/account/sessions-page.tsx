/** The page "Sessions"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function SessionsPage() {
  return (
    <>
      <PageHeader title="Sessions" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
