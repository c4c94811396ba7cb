/** The page "Applications"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function ApplicationsPage() {
  return (
    <>
      <PageHeader title="Applications" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
