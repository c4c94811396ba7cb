/** The page "Management keys"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function ManagementKeysPage() {
  return (
    <>
      <PageHeader title="Management keys" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
