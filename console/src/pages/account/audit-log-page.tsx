/** The page "Audit log"; still to be filled. */

import { EmptyState } from '../../parts/empty-state.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function AuditLogPage() {
  return (
    <>
      <PageHeader title="Audit log" />
      <EmptyState title="Nothing here yet" />
    </>
  );
}
