/** The page "Audience"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function AudiencePage() {
  return (
    <>
      <PageHeader title="Audience" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
