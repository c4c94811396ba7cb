/** The groups of operations in the OpenAPI document, in the order they are shown in. */

export const TAGS: readonly { readonly name: string; readonly description: string }[] = [
  {
    name: 'Third-party API: generic CDP',
    description:
      'What customer data platforms call: profiles and audiences come in. Opened by keys of the platform Customer Data Platform.',
  },
  {
    name: 'Hot reads',
    description:
      'Who is in which audience, for applications to ask on every request. Opened by generic keys, read-only ones included.',
  },
  { name: 'Integration API', description: 'What applications call. Opened by generic keys.' },
  { name: 'Management API: audiences', description: 'Audiences, their members, lists as files, and what changed.' },
  { name: 'Management API: customers', description: 'Customer profiles: lists, searches, history, erasure.' },
  { name: 'Management API: attributes', description: 'What customer profiles and other entities may carry.' },
  {
    name: 'Management API: access log',
    description: 'What was sent, what it was answered, why it was refused, and sending refused writes again.',
  },
  { name: 'Management API: Applications', description: 'Applications, live and sandbox.' },
  { name: 'Management API: API keys', description: 'Keys of Applications: for platforms, and generic ones.' },
  {
    name: 'Management API: management keys',
    description: 'Keys for scripts that use this API, limited to chosen operations.',
  },
  { name: 'Management API: sessions', description: 'Signing in and out, and who is signed in.' },
  { name: 'Management API: users', description: 'Users of the back office, their two roles, and the account.' },
  { name: 'Management API: audit log', description: 'Every change made in the back office or by the command line.' },
];
