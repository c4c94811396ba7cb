/**
 * Who may call what, as one table for reviewers: the answer of each class of route to each kind of credential, and the
 * class of every route of the server. The authorization test calls all routes with all credentials and compares. A new
 * route needs one line in ROUTES; a route without one fails the test.
 */

/** `in`: the operation itself answers; 401 and 403: refused before that. */
export type Outcome = 'in' | 401 | 403;

/** Kinds of credentials. */
export const CREDENTIALS = [
  // Nothing that is valid, of any kind.
  'none',
  'malformed',
  'unknown API key',
  'unknown management key',
  'unknown token',
  'unknown cookie',
  // Signed-in users. Cookies are sent with the Origin of this server unless the name says otherwise.
  'admin cookie',
  'admin cookie, Origin of another site',
  'admin cookie, no Origin',
  'admin token',
  'read-only cookie',
  'read-only token',
  'cookie, password to be changed',
  'token, password to be changed',
  'cookie sent as a token',
  'token sent as a cookie',
  'expired cookie',
  'expired token',
  'revoked cookie',
  'revoked token',
  'cookie of a deactivated user',
  'token of a deleted user',
  // Management keys. Granted means everything that can be granted.
  'management key, granted',
  'management key, granted another operation',
  'management key, of another Application',
  'management key, of a read-only user',
  'management key, expired',
  'management key, disabled',
  'management key, deleted',
  'management key, of a deactivated user',
  'management key, of a deleted user',
  'management key sent as an API key',
  // API keys.
  'customer data key',
  'customer data key, sandbox',
  'customer data key, expired',
  'customer data key, deleted',
  'Segment key',
  'Emarsys key',
  'Emarsys key, Basic',
  'mParticle key',
  'generic key',
  'generic key, sandbox',
  'generic key, read-only',
  'generic key, Test',
  'generic key, expired',
  'API key sent as a management key',
  // The metrics token.
  'metrics token',
] as const;
export type Credential = (typeof CREDENTIALS)[number];

const SESSIONS = ['admin cookie', 'admin token', 'read-only cookie', 'read-only token'] as const;
const BEFORE_CHANGE = ['cookie, password to be changed', 'token, password to be changed'] as const;
const ADMINS = ['admin cookie', 'admin token'] as const;
const READERS = ['read-only cookie', 'read-only token'] as const;
const NOT_FOR_KEYS = [
  'management key, granted',
  'management key, granted another operation',
  'management key, of another Application',
  'management key, of a read-only user',
] as const;
const LIVE_API_KEYS = [
  'customer data key',
  'customer data key, sandbox',
  'Segment key',
  'Emarsys key',
  'mParticle key',
  'generic key',
  'generic key, sandbox',
  'generic key, read-only',
  'generic key, Test',
] as const;

interface Rule {
  readonly in: readonly Credential[] | 'all';
  readonly forbidden?: readonly Credential[];
}

/**
 * What each class accepts; everything it does not list gets 401. Two rules hold for all classes and are not repeated. A
 * cookie with the Origin of another site, or without one, is like any admin's for reads, and gets 403 for writes. A
 * management key of another Application is like a granted one, but gets 403 if the path names an Application.
 */
const CLASSES = {
  /** Needs no credential, and ignores one. */
  anyone: { in: 'all' },
  /** For callers with the metrics token. */
  metrics: { in: ['metrics token'] },

  /** A signed-in user's own affairs. */
  session: { in: SESSIONS, forbidden: [...BEFORE_CHANGE, ...NOT_FOR_KEYS] },
  /** The same, and allowed while the password must still be changed. */
  'session at any time': { in: [...SESSIONS, ...BEFORE_CHANGE], forbidden: NOT_FOR_KEYS },
  /** For both roles, and for management keys with the grant. */
  read: {
    in: [...SESSIONS, 'management key, granted', 'management key, of a read-only user'],
    forbidden: [...BEFORE_CHANGE, 'management key, granted another operation'],
  },
  /** A user record: other users' records are only for admins. The test asks for another user's. */
  'own record': {
    in: [...ADMINS, 'management key, granted'],
    forbidden: [
      ...READERS,
      ...BEFORE_CHANGE,
      'management key, granted another operation',
      'management key, of a read-only user',
    ],
  },
  /** Only for admins, and for management keys of admins with the grant. */
  admin: {
    in: [...ADMINS, 'management key, granted'],
    forbidden: [
      ...READERS,
      ...BEFORE_CHANGE,
      'management key, granted another operation',
      'management key, of a read-only user',
    ],
  },
  /** The same, but a management key limited to some Applications is not enough, or must name one of them. */
  'admin, of all Applications': {
    in: [...ADMINS, 'management key, granted'],
    forbidden: [
      ...READERS,
      ...BEFORE_CHANGE,
      'management key, granted another operation',
      'management key, of another Application',
      'management key, of a read-only user',
    ],
  },
  /** The same for both roles. */
  'read, of all Applications': {
    in: [...SESSIONS, 'management key, granted', 'management key, of a read-only user'],
    forbidden: [
      ...BEFORE_CHANGE,
      'management key, granted another operation',
      'management key, of another Application',
    ],
  },
  /** Only for signed-in admins. */
  'admin session': { in: ADMINS, forbidden: [...READERS, ...BEFORE_CHANGE, ...NOT_FOR_KEYS] },

  /** Keys of the generic CDP platform. */
  'customer data': { in: ['customer data key', 'customer data key, sandbox'] },
  /** Keys of the platform Segment. */
  segment: { in: ['Segment key'] },
  /** Keys of the platform Emarsys, in either form of the header. */
  emarsys: { in: ['Emarsys key', 'Emarsys key, Basic'] },
  /** Keys of the platform mParticle, which the test sends in the body. */
  mparticle: { in: ['mParticle key'] },
  /** Generic keys that may write, and Test keys, of which nothing is kept. */
  'integration, Test': { in: ['generic key', 'generic key, sandbox', 'generic key, Test'] },
  /** Generic keys that may write. */
  integration: { in: ['generic key', 'generic key, sandbox'] },
  /** Generic keys. */
  'integration, reading': { in: ['generic key', 'generic key, sandbox', 'generic key, read-only'] },
  /** Any valid API key. */
  'any API key': { in: LIVE_API_KEYS },
} satisfies Record<string, Rule>;

export type RouteClass = keyof typeof CLASSES;

const BACK_OFFICE: ReadonlySet<RouteClass> = new Set<RouteClass>([
  'session',
  'session at any time',
  'read',
  'read, of all Applications',
  'own record',
  'admin',
  'admin, of all Applications',
  'admin session',
]);

/** The outcome that the table expects. */
export function expectedOutcome(credential: Credential, method: string, path: string, kind: RouteClass): Outcome {
  const rule: Rule = CLASSES[kind];
  if (rule.in === 'all') return 'in';
  let as = credential;
  if (BACK_OFFICE.has(kind)) {
    if (credential === 'admin cookie, Origin of another site' || credential === 'admin cookie, no Origin') {
      if (method !== 'GET') return 403;
      as = 'admin cookie';
    }
    if (credential === 'management key, of another Application' && rule.forbidden?.includes(credential) !== true) {
      if (path.includes('/:applicationId')) return 403;
      as = 'management key, granted';
    }
  }
  if (rule.in.includes(as)) return 'in';
  return rule.forbidden?.includes(as) === true ? 403 : 401;
}

/** Every route of the server. `GET` includes its `HEAD`. */
export const ROUTES: readonly (readonly [method: string, path: string, kind: RouteClass])[] = [
  // For operators and browsers
  ['GET', '/', 'anyone'],
  ['GET', '/healthz', 'anyone'],
  ['GET', '/readyz', 'anyone'],
  ['GET', '/metrics', 'metrics'],
  ['GET', '/openapi.json', 'anyone'],
  ['GET', '/docs', 'anyone'],
  ['GET', '/docs/*', 'anyone'],
  ['GET', '/console', 'anyone'],
  ['GET', '/console/*', 'anyone'],

  // Third-party API
  ['PUT', '/cdp/customer_profile/:customerProfileId', 'customer data'],
  ['PUT', '/cdp/customer_profile/:customerProfileId/audiences', 'customer data'],
  ['PUT', '/cdp/customer_profile/audiences', 'customer data'],
  ['PUT', '/cdp/customer_profiles/audiences', 'customer data'],
  ['PUT', '/cdp/v2/customer_profiles/audiences', 'customer data'],
  ['POST', '/cdp/audiences', 'customer data'],
  ['PUT', '/cdp/audiences/:audienceId', 'customer data'],
  ['DELETE', '/cdp/audiences/:audienceId', 'customer data'],
  ['PUT', '/segment/v2/customer_profiles/:customerProfileId', 'segment'],
  ['PUT', '/segment/customer_profiles/:customerProfileId/audiences', 'segment'],
  ['PUT', '/segment/customer_profiles/audiences', 'segment'],
  ['PUT', '/segment/v2/customer_profiles/audiences', 'segment'],
  ['POST', '/segment/audiences', 'segment'],
  ['PUT', '/segment/audiences/:audienceId', 'segment'],
  ['DELETE', '/segment/audiences/:audienceId', 'segment'],
  ['PUT', '/segment/customer_profile/:customerProfileId', 'segment'],
  ['PUT', '/segment/customer_profile_v2/:customerProfileId', 'segment'],
  ['PUT', '/segment/event', 'segment'],
  ['PUT', '/segment/v2/events', 'segment'],
  ['PUT', '/segment/customer_sessions/:customerSessionId', 'segment'],
  ['PUT', '/segment/v2/customer_sessions/:customerSessionId', 'segment'],
  ['POST', '/mparticle', 'mparticle'],
  ['POST', '/emarsys/customer_profiles/audiences', 'emarsys'],
  ['POST', '/emarsys/customer_profiles/coupons', 'emarsys'],
  ['POST', '/emarsys/loyalty_programs/profile/balance', 'emarsys'],

  // Integration API
  ['GET', '/v2/authping', 'any API key'],
  ['GET', '/v1/customer_profiles/:integrationId/inventory', 'integration, reading'],
  ['GET', '/v1/customer_profiles/:integrationId/audiences', 'integration, reading'],
  ['POST', '/v1/customer_profiles/audiences/lookup', 'integration, reading'],
  ['PUT', '/v2/customer_profiles/:integrationId', 'integration, Test'],
  ['PUT', '/v2/customer_profiles', 'integration'],
  ['POST', '/v2/audiences', 'integration'],
  ['PUT', '/v2/audiences/:audienceId', 'integration'],
  ['DELETE', '/v2/audiences/:audienceId', 'integration'],
  ['DELETE', '/v2/audiences/:audienceId/memberships', 'integration'],
  ['POST', '/v2/customer_audiences', 'integration'],
  ['PUT', '/v2/audience_customers/:audienceId/attributes', 'integration'],
  ['DELETE', '/v1/customer_data/:integrationId', 'integration'],
  ['PUT', '/v2/customer_sessions/:customerSessionId', 'integration, Test'],
  ['POST', '/v2/events', 'integration, Test'],
  ['GET', '/v2/customer_sessions/:customerSessionId', 'integration'],
  ['PUT', '/v2/customer_sessions/:customerSessionId/reopen', 'integration'],
  ['POST', '/v2/customer_sessions/:customerSessionId/returns', 'integration'],
  ['PUT', '/v1/customer_sessions/:customerSessionId', 'integration'],
  ['POST', '/v1/events', 'integration'],
  ['POST', '/v1/coupon_reservations/:couponValue', 'integration'],
  ['DELETE', '/v1/coupon_reservations/:couponValue', 'integration'],
  ['GET', '/v1/coupon_reservations/customerprofiles/:couponValue', 'integration'],
  ['POST', '/v1/referrals', 'integration'],
  ['POST', '/v1/referrals_for_multiple_advocates', 'integration'],
  ['GET', '/v1/loyalty_programs/:loyaltyProgramId/profile/:integrationId/balances', 'integration'],
  ['GET', '/v1/loyalty_programs/:loyaltyProgramId/profile/:integrationId/transactions', 'integration'],
  ['GET', '/v1/loyalty_programs/:loyaltyProgramId/cards/:loyaltyCardId/balances', 'integration'],
  ['GET', '/v1/loyalty_programs/:loyaltyProgramId/cards/:loyaltyCardId/transactions', 'integration'],
  ['POST', '/v2/loyalty_programs/:loyaltyProgramId/cards/:loyaltyCardId/link_profile', 'integration'],
  ['PUT', '/v1/catalogs/:catalogId/sync', 'integration'],
  ['PUT', '/v1/customer_profiles/:integrationId', 'integration'],

  // Management API: sessions and users
  ['POST', '/v1/sessions', 'anyone'],
  ['GET', '/v1/sessions', 'session'],
  ['DELETE', '/v1/sessions', 'session at any time'],
  ['DELETE', '/v1/sessions/:sessionId', 'session'],
  ['POST', '/v1/console/session', 'anyone'],
  ['GET', '/v1/console/session', 'session at any time'],
  ['DELETE', '/v1/console/session', 'session at any time'],
  ['GET', '/v1/users', 'read'],
  ['POST', '/v1/users', 'admin session'],
  ['GET', '/v1/users/:userId', 'own record'],
  ['PUT', '/v1/users/:userId', 'own record'],
  ['DELETE', '/v1/users/:userId', 'admin'],
  ['POST', '/v1/users/:userId/password', 'session at any time'],
  ['POST', '/v1/users/:userId/reset_password', 'admin session'],
  ['POST', '/v1/users/invite', 'admin'],
  ['POST', '/v1/users/delete', 'admin'],
  ['POST', '/v1/users/activate', 'admin'],
  ['POST', '/v1/users/deactivate', 'admin'],
  ['GET', '/v2/roles', 'read'],
  ['GET', '/v2/roles/:roleId', 'read'],
  ['PUT', '/v2/roles/:roleId', 'admin'],
  ['GET', '/v1/roles', 'read'],
  ['GET', '/v1/roles/:roleId', 'read'],
  ['GET', '/v1/accounts/:accountId', 'read'],
  ['GET', '/v1/accounts/:accountId/analytics', 'anyone'],

  // Management API: Applications and keys
  ['GET', '/v1/applications', 'read'],
  ['POST', '/v1/applications', 'admin'],
  ['GET', '/v1/applications/:applicationId', 'read'],
  ['PUT', '/v1/applications/:applicationId', 'admin'],
  ['GET', '/v1/applications/:applicationId/sessions', 'read'],
  ['GET', '/v1/applications/:applicationId/event_types', 'read'],
  ['GET', '/v1/event_types', 'read'],
  ['GET', '/v1/applications/:applicationId/apikeys', 'read'],
  ['POST', '/v1/applications/:applicationId/apikeys', 'admin'],
  ['PUT', '/v1/applications/:applicationId/apikeys/:keyId', 'admin'],
  ['DELETE', '/v1/applications/:applicationId/apikeys/:keyId', 'admin'],
  ['GET', '/v1/management_keys', 'admin session'],
  ['POST', '/v1/management_keys', 'admin session'],
  ['GET', '/v1/management_keys/endpoints', 'admin session'],
  ['PUT', '/v1/management_keys/:keyId', 'admin session'],
  ['DELETE', '/v1/management_keys/:keyId', 'admin session'],
  ['GET', '/v1/changes', 'admin'],

  // Management API: attributes
  ['GET', '/v1/attributes', 'read'],
  ['POST', '/v1/attributes', 'admin'],
  ['GET', '/v1/attributes/:attributeId', 'read'],
  ['PUT', '/v1/attributes/:attributeId', 'admin'],
  ['POST', '/v1/attributes/:attributeId/allowed_list/import', 'admin'],

  // Management API: customers
  ['GET', '/v1/customers/no_total', 'read, of all Applications'],
  ['GET', '/v1/customers/:customerId', 'read, of all Applications'],
  ['GET', '/v1/customers/:customerId/changes', 'read, of all Applications'],
  ['DELETE', '/v1/customers/:customerId/data', 'admin, of all Applications'],
  ['POST', '/v1/customer_search/no_total', 'read, of all Applications'],
  ['GET', '/v1/applications/:applicationId/customers', 'read'],
  ['GET', '/v1/applications/:applicationId/customers/:customerId', 'read'],
  ['GET', '/v1/applications/:applicationId/customers/:customerId/analytics', 'read'],
  ['POST', '/v1/applications/:applicationId/customer_search', 'read'],
  ['POST', '/v1/application_customer_search', 'read, of all Applications'],
  ['GET', '/v1/applications/:applicationId/customer_activity_reports', 'anyone'],
  ['GET', '/v1/applications/:applicationId/customer_activity_reports/no_total', 'anyone'],
  ['GET', '/v1/applications/:applicationId/customer_activity_reports/:customerId', 'anyone'],

  // Management API: access log and traffic
  ['GET', '/v1/applications/:applicationId/access_logs/no_total', 'read'],
  ['GET', '/v1/access_logs/no_total', 'read, of all Applications'],
  ['GET', '/v1/access_logs/causes', 'read, of all Applications'],
  ['GET', '/v1/access_logs/stream', 'read, of all Applications'],
  ['GET', '/v1/access_logs/:uuid', 'read'],
  ['GET', '/v1/access_logs/:uuid/report', 'read'],
  ['GET', '/v1/applications/:applicationId/health_report', 'read'],
  ['GET', '/v1/refused_writes', 'read, of all Applications'],
  ['GET', '/v1/refused_writes/attribute_values', 'admin, of all Applications'],
  ['POST', '/v1/refused_writes/replay', 'admin'],
  ['GET', '/v1/traffic', 'read, of all Applications'],

  // Management API: audiences
  ['GET', '/v1/audiences', 'read, of all Applications'],
  ['POST', '/v1/audiences', 'admin, of all Applications'],
  ['GET', '/v1/audiences/analytics', 'read, of all Applications'],
  ['GET', '/v1/audiences/movers', 'read, of all Applications'],
  ['GET', '/v1/audiences/attribute_jobs', 'read, of all Applications'],
  ['GET', '/v1/audiences/:audienceId', 'read, of all Applications'],
  ['PUT', '/v1/audiences/:audienceId', 'admin, of all Applications'],
  ['DELETE', '/v1/audiences/:audienceId', 'admin, of all Applications'],
  ['GET', '/v1/audiences/:audienceId/timeline', 'read, of all Applications'],
  ['GET', '/v1/audiences/:audienceId/changes', 'read, of all Applications'],
  ['GET', '/v1/audiences/:audienceId/memberships', 'read, of all Applications'],
  ['PUT', '/v1/audiences/:audienceId/memberships/:integrationId', 'admin, of all Applications'],
  ['DELETE', '/v1/audiences/:audienceId/memberships/:integrationId', 'admin, of all Applications'],
  ['GET', '/v1/audiences/:audienceId/memberships/export', 'admin, of all Applications'],
  ['POST', '/v1/audiences/:audienceId/memberships/import', 'admin, of all Applications'],
  ['POST', '/v1/audiences/:audienceId/memberships/import_previews', 'admin, of all Applications'],
  ['POST', '/v1/audiences/:audienceId/memberships/import_previews/:previewId/column', 'admin, of all Applications'],
  ['POST', '/v1/audiences/:audienceId/memberships/import_previews/:previewId/commit', 'admin, of all Applications'],
  ['DELETE', '/v1/audiences/:audienceId/memberships/import_previews/:previewId', 'admin, of all Applications'],
];
