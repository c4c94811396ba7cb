/** Wire shapes of customer profiles as people find them. */

import { type Static, Type } from 'typebox';
import { Id, IntegrationProfile, Nullable } from '../../wire.ts';

type WithAttributes<Profile> = Omit<Profile, 'attributes'> & { attributes: Record<string, unknown> };

/** A customer profile; the same object as in the Integration API. */
export const CustomerProfileSchema = IntegrationProfile;
export type CustomerProfile = WithAttributes<Static<typeof CustomerProfileSchema>>;

/** A customer profile as one Application lists it. */
export const ApplicationCustomerSchema = Type.Object(
  {
    ...IntegrationProfile.properties,
    advocateIntegrationId: Type.Optional(Type.String({ description: 'Never there: referrals are not served' })),
  },
  { title: 'ApplicationCustomer' },
);
export type ApplicationCustomer = WithAttributes<Static<typeof ApplicationCustomerSchema>>;

const Criterion = { 'x-expected': 'an object of attribute values' };

/** What is searched for; criteria that are given must all hold, and none at all match everyone. */
export const CustomerSearchSchema = Type.Object(
  {
    attributes: Type.Optional(
      Nullable(Type.Object({}, { additionalProperties: true, ...Criterion }), {
        description: 'Exact values by attribute name: times are compared as instants, lists as sequences',
      }),
    ),
    integrationIDs: Type.Optional(Nullable(Type.Array(Type.String(), { description: 'Integration IDs, any of them' }))),
    profileIDs: Type.Optional(Nullable(Type.Array(Id(), { description: 'Internal numbers, any of them' }))),
  },
  { title: 'CustomerProfileSearchQuery' },
);
export type CustomerSearch = {
  attributes?: Record<string, unknown>;
  integrationIDs?: string[];
  profileIDs?: number[];
};

const Nothing = (description: string) => Type.Number({ description: `${description}; always 0, it is not served` });

/** Published figures of a customer in one Application; this server knows of no sessions, coupons or effects. */
export const CustomerAnalyticsSchema = Type.Object(
  {
    acceptedCoupons: Nothing('Coupons accepted'),
    createdCoupons: Nothing('Coupons created'),
    freeItems: Nothing('Free items'),
    totalOrders: Nothing('Orders'),
    totalDiscountedOrders: Nothing('Orders with a discount'),
    totalRevenue: Nothing('Revenue'),
    totalDiscounts: Nothing('Discounts'),
  },
  { title: 'CustomerAnalytics' },
);
export type CustomerAnalytics = Static<typeof CustomerAnalyticsSchema>;
