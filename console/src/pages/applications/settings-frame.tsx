/** The tabs of an Application's settings pages. */

import { Outlet } from '@tanstack/react-router';
import { SectionNav } from '../../parts/section-nav.tsx';
import { useApplication } from './use-application.ts';

export function SettingsFrame() {
  const params = { applicationId: String(useApplication().id) };
  return (
    <>
      <SectionNav
        as="pills"
        label="Settings"
        links={[
          { to: '/applications/$applicationId/settings', params, label: 'General', exact: true },
          { to: '/applications/$applicationId/settings/api-keys', params, label: 'Integration API Keys' },
        ]}
      />
      <Outlet />
    </>
  );
}
