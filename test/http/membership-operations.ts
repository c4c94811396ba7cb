/** The operations that change memberships, for tables that hold for all of them. */

import type { RequestGiven } from './scenario.ts';

/** The changes of one item in every operation that can carry them; `ids` says how audiences are named. */
export interface Operation {
  readonly title: string;
  readonly ids: 'numbers' | 'own';
  readonly single: boolean;
  readonly send: (changes: object, profile?: string) => RequestGiven;
}

const many =
  (path: string) =>
  (changes: object, profile = '{ada}'): RequestGiven => ({
    method: 'PUT',
    path,
    body: { data: [{ customerProfileId: profile, ...changes }] },
  });

export const OPERATIONS: readonly Operation[] = [
  {
    title: 'one profile by numbers',
    ids: 'numbers',
    single: true,
    send: (audiencesChanges, profile = '{ada}') => ({
      method: 'PUT',
      path: `/cdp/customer_profile/${profile}`,
      body: { audiencesChanges },
    }),
  },
  {
    title: 'one profile by own IDs',
    ids: 'own',
    single: true,
    send: (data, profile = '{ada}') => ({
      method: 'PUT',
      path: `/cdp/customer_profile/${profile}/audiences`,
      body: { data },
    }),
  },
  { title: 'many profiles by numbers', ids: 'numbers', single: false, send: many('/cdp/customer_profiles/audiences') },
  { title: 'the alias by numbers', ids: 'numbers', single: false, send: many('/cdp/customer_profile/audiences') },
  { title: 'the alias by own IDs', ids: 'own', single: false, send: many('/cdp/customer_profile/audiences') },
  { title: 'many profiles by own IDs', ids: 'own', single: false, send: many('/cdp/v2/customer_profiles/audiences') },
];

export const bulk = (data: unknown, path = '/cdp/v2/customer_profiles/audiences'): RequestGiven => ({
  method: 'PUT',
  path,
  body: { data },
});
export const BULK_PATHS = [
  '/cdp/customer_profiles/audiences',
  '/cdp/customer_profile/audiences',
  '/cdp/v2/customer_profiles/audiences',
];
