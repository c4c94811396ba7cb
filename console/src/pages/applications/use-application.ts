/** The Application whose pages are open, by the ID in the address. */

import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Application } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import { applicationQuery } from './queries.ts';

/** For use inside the Application's page, which has loaded it. */
export function useApplication(): Application {
  const { applicationId } = useParams({ from: '/shell/applications/$applicationId' });
  return useSuspenseQuery(applicationQuery(Number(applicationId))).data;
}
