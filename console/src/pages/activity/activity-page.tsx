/**
 * Activity: every request from platforms and Applications as it arrives, why some are refused, and what can be
 * replayed.
 */

import { useSearch } from '@tanstack/react-router';
import { PageHeader } from '../../parts/page-header.tsx';
import { ActivityTabs } from './activity-tabs.tsx';
import { ErrorsTab } from './errors-tab.tsx';
import { RefusedTab } from './refused-tab.tsx';
import { RequestsTab } from './requests-tab.tsx';

export function ActivityPage() {
  const { tab } = useSearch({ from: '/shell/activity' });
  return (
    <>
      <PageHeader
        title="Activity"
        description="Every request from platforms and Applications, live and sandbox, including refused ones."
      />
      <ActivityTabs />
      {tab === 'errors' ? <ErrorsTab /> : tab === 'refused' ? <RefusedTab /> : <RequestsTab />}
    </>
  );
}
