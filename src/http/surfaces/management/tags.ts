/** The groups of operations of the Management API in the OpenAPI document, in display order. */

import type { Surface } from '../../surface.ts';

export const TAGS: Surface['tags'] = [
  { name: 'Management API: audiences', description: 'Audiences, their members, lists as files, and what changed.' },
  { name: 'Management API: customers', description: 'Customer profiles: lists, searches, history, erasure.' },
  { name: 'Management API: attributes', description: 'What customer profiles and other entities may have.' },
  {
    name: 'Management API: access log',
    description: 'Requests and their responses, causes of refusals, and replay of refused writes.',
  },
  { name: 'Management API: Applications', description: 'Applications, live and sandbox.' },
  { name: 'Management API: API keys', description: 'Keys of Applications: for platforms, and generic ones.' },
  {
    name: 'Management API: management keys',
    description: 'Keys for scripts that use this API, limited to selected operations.',
  },
  { name: 'Management API: sessions', description: 'Signing in and out, and who is signed in.' },
  { name: 'Management API: users', description: 'Users of the back office, their two roles, and the account.' },
  { name: 'Management API: audit log', description: 'Every change made in the back office or on the command line.' },
];
