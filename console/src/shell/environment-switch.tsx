/** Switches between the two environments, which never see each other. */

import { SegmentedControl } from '@mantine/core';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useEnvironment } from '../environment.ts';

const SECTIONS = ['/applications', '/audiences', '/profiles', '/attributes', '/activity', '/account'] as const;

export function EnvironmentSwitch() {
  const { environment } = useEnvironment();
  const navigate = useNavigate();
  const pathname = useRouterState({ select: (state) => state.location.pathname });

  // What is open in one environment does not exist in the other, so start at the section's own page, without filters.
  const change = (value: string) => {
    const to = SECTIONS.find((section) => pathname.startsWith(section)) ?? '/';
    void navigate({ to, search: { env: value === 'sandbox' ? 'sandbox' : undefined } });
  };

  return (
    <SegmentedControl
      size="xs"
      aria-label="Environment"
      value={environment}
      onChange={change}
      color={environment === 'sandbox' ? 'amber' : 'pine'}
      data={[
        { value: 'live', label: 'Live' },
        { value: 'sandbox', label: 'Sandbox' },
      ]}
    />
  );
}
