/** The pages about the deployment and about who may do what in it. */

import { Outlet } from '@tanstack/react-router';
import { SectionNav } from '../../parts/section-nav.tsx';
import { useIsAdmin } from '../../session.ts';

const FOR_ADMINS = ['/account/users', '/account/management-keys', '/account/audit-log'];

const LINKS = [
  { to: '/account/users', label: 'Users' },
  { to: '/account/sessions', label: 'Sessions' },
  { to: '/account/management-keys', label: 'Management API Keys' },
  { to: '/account/audit-log', label: 'Audit log' },
  { to: '/account/about', label: 'About' },
] as const;

export function AccountPage() {
  const isAdmin = useIsAdmin();
  return (
    <>
      <SectionNav label="Account" links={LINKS.filter(({ to }) => isAdmin || !FOR_ADMINS.includes(to))} />
      <Outlet />
    </>
  );
}
