/** The page "Home"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function HomePage() {
  return (
    <>
      <PageHeader title="Home" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
