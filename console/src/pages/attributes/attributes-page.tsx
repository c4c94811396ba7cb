/** The page "Attributes"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function AttributesPage() {
  return (
    <>
      <PageHeader title="Attributes" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
