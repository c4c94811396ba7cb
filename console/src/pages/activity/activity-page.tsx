/** Activity: every request of platforms and Applications as it comes, why some are refused, and what can be sent again. */

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
        description="Every request of platforms and Applications, live and sandbox, refused ones included."
      />
      <ActivityTabs />
      {tab === 'errors' ? <ErrorsTab /> : tab === 'refused' ? <RefusedTab /> : <RequestsTab />}
    </>
  );
}
