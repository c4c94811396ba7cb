/** The pages about the deployment and who may do what in it. */

import { Outlet } from '@tanstack/react-router';

export function AccountPage() {
  return <Outlet />;
}
