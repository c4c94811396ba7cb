/** The page "Integration API Keys"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function ApiKeysPage() {
  return (
    <>
      <PageHeader title="Integration API Keys" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
