/** One Application: what its pages have in common. */

import { Outlet } from '@tanstack/react-router';

export function ApplicationPage() {
  return <Outlet />;
}
