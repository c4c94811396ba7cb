/** The page "Users"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function UsersPage() {
  return (
    <>
      <PageHeader title="Users" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
