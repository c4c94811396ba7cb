/** The page "About"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function AboutPage() {
  return (
    <>
      <PageHeader title="About" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
