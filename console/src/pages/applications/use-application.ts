/** The Application whose pages are open, by the number in the address. */

import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Application } from '../../../../src/http/surfaces/management/applications-schemas.ts';
import { applicationQuery } from './queries.ts';

/** Inside the Application's own page, which has loaded it. */
export function useApplication(): Application {
  const { applicationId } = useParams({ from: '/shell/applications/$applicationId' });
  return useSuspenseQuery(applicationQuery(Number(applicationId))).data;
}
