/** Shapes and documentation of the reads of the Integration API. */

import { type TBoolean, Type } from 'typebox';
import { MAX_ITEMS_PER_REQUEST } from '../../../domain/environment.ts';
import { type Defaulted, Flag } from '../../query-parameters.ts';
import { Id, IdText, IntegrationProfile } from '../../wire.ts';
import { exampleProfile } from './profile-updates-schemas.ts';
import { answer, errors, security, TAG } from './responses.ts';

export const OURS = 'Hot reads';

export const InventoryKinds = ['profile', 'referrals', 'coupons', 'loyalty', 'giveaways', 'achievements'] as const;

const AudienceItem = Type.Object(
  {
    id: Id({ description: 'Internal number' }),
    integration: Type.Optional(Type.String({ description: 'The platform it came from' })),
    integrationId: Type.Optional(Type.String({ description: "The platform's own ID" })),
    name: Type.String(),
  },
  { title: 'AudienceReference' },
);

const exampleItem = { id: 57, integration: 'Northwind CDP', integrationId: 'winback-eu', name: 'Win-back EU' };
const anyArray = () =>
  Type.Optional(Type.Array(Type.Object({}, { additionalProperties: true }), { description: 'Always empty' }));

export const inventoryQuery = Type.Object(
  Object.fromEntries(
    InventoryKinds.map((kind) => [
      kind,
      Flag(kind === 'profile' ? 'True adds the customer profile' : `True adds \`${kind}\`, empty here`),
    ]),
  ) as Record<(typeof InventoryKinds)[number], Defaulted<TBoolean>>,
);

export const inventorySchema = {
  operationId: 'getCustomerInventory',
  summary: 'Get what a customer profile holds',
  description: 'Each query parameter that is true adds the field of its name. None of them: an empty object.',
  tags: [TAG],
  security,
  params: Type.Object({ integrationId: IdText() }),
  querystring: inventoryQuery,
  response: {
    ...answer(
      'What was asked for',
      Type.Object(
        {
          profile: Type.Optional(IntegrationProfile),
          referrals: anyArray(),
          coupons: anyArray(),
          loyalty: Type.Optional(Type.Object({ programs: Type.Object({}) })),
          giveaways: anyArray(),
          achievements: anyArray(),
        },
        { title: 'CustomerInventory' },
      ),
      { profile: exampleProfile },
    ),
    ...errors({ status: 404, when: 'The profile is unknown', example: "Customer profile 'cust-1' not found" }),
  },
};

export const authpingSchema = {
  operationId: 'authping',
  summary: 'Check a key',
  description: 'Any key that is alive is answered with 204.',
  tags: [TAG],
  security,
  response: { 204: Type.Null({ description: 'The key is alive' }), ...errors() },
};

export const audiencesSchema = {
  operationId: 'getCustomerProfileAudiences',
  summary: 'Audiences of a customer profile',
  description: 'Ascending by ID. Empty for a profile nobody has heard of.',
  tags: [OURS],
  security,
  params: Type.Object({ integrationId: IdText() }),
  response: {
    ...answer('Its audiences', Type.Object({ data: Type.Array(AudienceItem) }, { title: 'CustomerProfileAudiences' }), {
      data: [exampleItem],
    }),
    ...errors(),
  },
};

export const lookupSchema = {
  operationId: 'lookupCustomerProfileAudiences',
  summary: 'Audiences of many customer profiles',
  description: 'All of them as they are at one moment. Empty for a profile nobody has heard of.',
  tags: [OURS],
  security,
  body: Type.Object(
    { integrationIds: Type.Array(IdText(), { maxItems: MAX_ITEMS_PER_REQUEST }) },
    { title: 'AudiencesLookup', examples: [{ integrationIds: ['cust-48213', 'cust-50077'] }] },
  ),
  response: {
    ...answer(
      'The audiences of each profile',
      Type.Object(
        {
          data: Type.Array(
            Type.Object(
              { integrationId: Type.String(), audiences: Type.Array(AudienceItem) },
              { title: 'LookedUpCustomerProfile' },
            ),
            { description: 'One entry per ID, in the order asked' },
          ),
        },
        { title: 'AudiencesLookupResult' },
      ),
      {
        data: [
          { integrationId: 'cust-48213', audiences: [exampleItem] },
          { integrationId: 'cust-50077', audiences: [] },
        ],
      },
    ),
    ...errors({ status: 413, when: 'The body is too large', example: 'Body exceeds 10 MiB' }),
  },
};
