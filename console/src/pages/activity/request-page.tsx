/** The page "Request"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function RequestPage() {
  return (
    <>
      <PageHeader title="Request" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
