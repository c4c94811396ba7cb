/** The page "Audiences"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function AudiencesPage() {
  return (
    <>
      <PageHeader title="Audiences" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
