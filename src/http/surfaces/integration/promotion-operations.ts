/** The published operations of the Integration API that belong to a promotion engine: refused by name, and shown in Activity. */

import type { FastifyInstance } from 'fastify';
import { refuseByName, type UnservedOperation } from '../unserved-operations.ts';

const PROFILE_UPDATE = 'profiles and their audiences are updated by PUT /v2/customer_profiles/{integrationId}';
const ENGINE = 'it belongs to a promotion engine; /docs lists the operations on profiles and audiences';

/** [method, path, operation as it is published] */
type Row = readonly [method: UnservedOperation['method'], url: string, operation: string];

/** Those that a Test key opens as well. */
const FOR_TEST_KEYS: readonly Row[] = [
  ['PUT', '/v2/customer_sessions/:customerSessionId', 'updateCustomerSessionV2'],
  ['POST', '/v2/events', 'trackEventV2'],
];

const SESSIONS_AND_EVENTS: readonly Row[] = [
  ['GET', '/v2/customer_sessions/:customerSessionId', 'getCustomerSession'],
  ['PUT', '/v2/customer_sessions/:customerSessionId/reopen', 'reopenCustomerSession'],
  ['POST', '/v2/customer_sessions/:customerSessionId/returns', 'returnCartItems'],
  ['PUT', '/v1/customer_sessions/:customerSessionId', 'updateCustomerSession'],
  ['POST', '/v1/events', 'trackEvent'],
];

const OTHERS: readonly Row[] = [
  ['POST', '/v1/coupon_reservations/:couponValue', 'createCouponReservation'],
  ['DELETE', '/v1/coupon_reservations/:couponValue', 'deleteCouponReservation'],
  ['GET', '/v1/coupon_reservations/customerprofiles/:couponValue', 'getReservedCustomers'],
  ['POST', '/v1/referrals', 'createReferral'],
  ['POST', '/v1/referrals_for_multiple_advocates', 'createReferralsForMultipleAdvocates'],
  ['GET', '/v1/loyalty_programs/:loyaltyProgramId/profile/:integrationId/balances', 'getLoyaltyBalances'],
  [
    'GET',
    '/v1/loyalty_programs/:loyaltyProgramId/profile/:integrationId/transactions',
    'getLoyaltyProgramProfileTransactions',
  ],
  ['GET', '/v1/loyalty_programs/:loyaltyProgramId/cards/:loyaltyCardId/balances', 'getLoyaltyCardBalances'],
  ['GET', '/v1/loyalty_programs/:loyaltyProgramId/cards/:loyaltyCardId/transactions', 'getLoyaltyCardTransactions'],
  ['POST', '/v2/loyalty_programs/:loyaltyProgramId/cards/:loyaltyCardId/link_profile', 'linkLoyaltyCardToProfile'],
  ['PUT', '/v1/catalogs/:catalogId/sync', 'syncCatalog'],
];

function refused(rows: readonly Row[], reason: string): UnservedOperation[] {
  return rows.map(([method, url, operation]) => ({ method, url, operation, reason }));
}

export function refusePromotionOperations(app: FastifyInstance): void {
  const sessions = `it belongs to a promotion engine; ${PROFILE_UPDATE}`;
  refuseByName(app, refused(FOR_TEST_KEYS, sessions), { access: 'test' });
  refuseByName(app, refused(SESSIONS_AND_EVENTS, sessions));
  refuseByName(app, refused(OTHERS, ENGINE));
  const replaced: Row = ['PUT', '/v1/customer_profiles/:integrationId', 'updateCustomerProfile'];
  refuseByName(app, refused([replaced], `the product replaced it; ${PROFILE_UPDATE}`));
}
