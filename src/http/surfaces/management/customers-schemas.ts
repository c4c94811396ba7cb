/** Wire shapes of customer profiles in the Management API. */

import { type Static, Type } from 'typebox';
import { extended } from '../../extended.ts';
import { Id, IntegrationProfile, Nullable } from '../../wire.ts';

type WithAttributes<Profile> = Omit<Profile, 'attributes'> & { attributes: Record<string, unknown> };

/** A customer profile; the same object as in the Integration API. */
export const CustomerProfileSchema = IntegrationProfile;
export type CustomerProfile = WithAttributes<Static<typeof CustomerProfileSchema>>;

/** A customer profile by its internal ID, by which even an erased one is found. */
export const CustomerProfileByIdSchema = Type.Object(
  {
    ...IntegrationProfile.properties,
    ...extended({
      erased: Type.Boolean({
        description:
          'Whether the person was erased: the profile is empty, and a keyed hash has replaced its integration ID',
      }),
    }),
  },
  { title: 'CustomerProfileById' },
);
export type CustomerProfileById = WithAttributes<Static<typeof CustomerProfileByIdSchema>>;

/** A customer profile as one Application lists it. */
export const ApplicationCustomerSchema = Type.Object(
  {
    ...IntegrationProfile.properties,
    advocateIntegrationId: Type.Optional(Type.String({ description: 'Never present: referrals are not served' })),
  },
  { title: 'ApplicationCustomer' },
);
export type ApplicationCustomer = WithAttributes<Static<typeof ApplicationCustomerSchema>>;

const Criterion = { 'x-expected': 'an object of attribute values' };

/** Search criteria. All that are given must match; without any, every profile matches. */
export const CustomerSearchSchema = Type.Object(
  {
    attributes: Type.Optional(
      Nullable(Type.Object({}, { additionalProperties: true, ...Criterion }), {
        description: 'Exact values by attribute name: times are compared as instants, lists as sequences',
      }),
    ),
    integrationIDs: Type.Optional(
      Nullable(Type.Array(Type.String(), { description: 'Integration IDs, any of which may match' })),
    ),
    profileIDs: Type.Optional(Nullable(Type.Array(Id(), { description: 'Internal IDs, any of which may match' }))),
  },
  { title: 'CustomerProfileSearchQuery' },
);
export type CustomerSearch = {
  attributes?: Record<string, unknown>;
  integrationIDs?: string[];
  profileIDs?: number[];
};

const Nothing = (description: string) =>
  Type.Number({ description: `${description}; always 0, because it is not served` });

/** Published figures of a customer in one Application; this server has no sessions, coupons or effects. */
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
