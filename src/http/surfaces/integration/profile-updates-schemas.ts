/** Shapes and documentation of the operations by which applications update customer profiles. */

import { type Static, Type } from 'typebox';
import { MAX_CHANGES_PER_REQUEST, MAX_ITEMS_PER_REQUEST } from '../../../domain/environment.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import type { ProfileState } from '../../../domain/memberships/commands.ts';
import { IDEMPOTENCY_ERRORS, idempotencyHeaders } from '../../idempotency.ts';
import { Defaulted, Flag } from '../../query-parameters.ts';
import { Id, IdText, IntegrationProfile, Nullable, toWireProfile } from '../../wire.ts';
import { answer, emptyAnswer, errors, security, TAG, TOO_LARGE } from './responses.ts';

const AudienceId = Id({
  'x-expected': 'an integer audience ID',
  'x-remedy': 'the Integration API names audiences by the id that creating one returned',
});
const audienceList = (what: string) =>
  Type.Optional(Nullable(Type.Array(AudienceId, { description: `${what}; repeated IDs count once` })));

const Attributes = Type.Optional(
  Nullable(Type.Unsafe<Record<string, JsonValue>>(Type.Object({}, { additionalProperties: true })), {
    description: 'Values by attribute name; null removes one',
  }),
);

/** The kinds of content that an answer to an update may be asked to contain. */
const RESPONSE_CONTENT = [
  'customerProfile',
  'triggeredCampaigns',
  'loyalty',
  'event',
  'awardedGiveaways',
  'ruleFailureReasons',
  'campaignEligibility',
  'achievements',
] as const;
export type ResponseContent = (typeof RESPONSE_CONTENT)[number];

const anyObjects = (description: string) =>
  Type.Array(Type.Object({}, { additionalProperties: true }), { description });

export const UpdateBody = Type.Object(
  {
    attributes: Attributes,
    audiencesChanges: Type.Optional(
      Nullable(
        Type.Object({
          adds: audienceList('Audiences to join, applied first'),
          deletes: audienceList('Audiences to leave, applied after the adds'),
        }),
      ),
    ),
    responseContent: Type.Optional(
      Nullable(
        Type.Array(Type.Enum([...RESPONSE_CONTENT]), {
          description:
            'What the answer contains in addition to the effects; `customerProfile` when absent. Only used with `runRuleEngine=true`: otherwise the answer contains only `customerProfile`',
        }),
      ),
    ),
    evaluableCampaignIds: Type.Optional(
      Nullable(Type.Array(Type.Integer(), { description: 'Accepted and ignored: campaigns are not evaluated' })),
    ),
  },
  { title: 'CustomerProfileIntegrationRequestV2', examples: [{ attributes: { Tier: 'gold' } }] },
);
export type UpdateBody = Static<typeof UpdateBody>;

const StateAnswer = Type.Object(
  {
    effects: anyObjects('Always empty: rules are not evaluated'),
    createdCoupons: anyObjects('Always empty'),
    createdReferrals: anyObjects('Always empty'),
    customerProfile: Type.Optional(IntegrationProfile),
    triggeredCampaigns: Type.Optional(anyObjects('Always empty')),
    loyalty: Type.Optional(Type.Object({ programs: Type.Object({}) }, { description: 'Always without programs' })),
    ruleFailureReasons: Type.Optional(anyObjects('Always empty')),
    awardedGiveaways: Type.Optional(anyObjects('Always empty')),
  },
  { title: 'CustomerProfileIntegrationResponseV2', description: 'The profile right after this request' },
);

const EMPTY_CONTENT = {
  triggeredCampaigns: [],
  loyalty: { programs: {} },
  ruleFailureReasons: [],
  awardedGiveaways: [],
} as const;

/** A profile as the Integration API returns it. */
export function toIntegrationProfile(profile: ProfileState) {
  return { ...toWireProfile(profile), sandbox: profile.environment === 'sandbox' };
}

/**
 * The answer to an update. Kinds of content that this server does not store are empty, or absent if they cannot be
 * empty.
 */
export function toUpdateAnswer(profile: ProfileState, content: readonly ResponseContent[]) {
  const asked = Object.entries(EMPTY_CONTENT).filter(([kind]) => content.includes(kind as ResponseContent));
  return {
    effects: [],
    createdCoupons: [],
    createdReferrals: [],
    ...(content.includes('customerProfile') ? { customerProfile: toIntegrationProfile(profile) } : {}),
    ...Object.fromEntries(asked),
  };
}

export const exampleProfile = {
  id: 9031,
  created: '2026-03-02T08:14:55.120Z',
  accountId: 1,
  integrationId: 'cust-48213',
  attributes: { Tier: 'gold' },
  closedSessions: 0,
  totalSales: 0,
  audienceMemberships: [{ id: 57, name: 'Win-back EU' }],
  lastActivity: '2026-05-11T10:00:03.441Z',
  sandbox: false,
};

const UNDEFINED_ATTRIBUTE = {
  status: 400,
  when: 'An attribute is not defined, a value does not fit its attribute, or an audience is unknown; nothing was applied',
  example: 'Request validation failed',
};

export const updateQuery = Type.Object({
  runRuleEngine: Flag('Updates `lastActivity`; there are no rules to run'),
  dry: Flag('Returns the answer without storing anything; only together with `runRuleEngine=true`'),
});

export const updateManyQuery = Type.Object({
  silent: Defaulted(
    Type.Enum(['yes', 'no'], {
      default: 'yes',
      description: '`yes`: answers 204 without a body; `no`: returns the profiles',
    }),
  ),
});

export const updateProfileSchema = {
  operationId: 'updateCustomerProfileV2',
  summary: 'Update customer profile',
  description:
    'Creates the profile if it is unknown, merges the attributes, then applies the adds and after them the deletes. Either everything is applied or nothing. With a Test key, which requires `runRuleEngine=true`, nothing is stored.',
  tags: [TAG],
  security,
  headers: idempotencyHeaders,
  params: Type.Object({ integrationId: IdText({ description: 'The customer’s ID, percent-encoded' }) }),
  querystring: updateQuery,
  body: UpdateBody,
  response: {
    ...answer('Applied; returns the profile as it is right after this request', StateAnswer, {
      effects: [],
      createdCoupons: [],
      createdReferrals: [],
      customerProfile: exampleProfile,
    }),
    ...errors(
      UNDEFINED_ATTRIBUTE,
      {
        status: 400,
        when: 'More changes than one request may contain',
        example: `adds and deletes contain 1204 entries; at most ${MAX_CHANGES_PER_REQUEST} per request: split it`,
      },
      ...IDEMPOTENCY_ERRORS,
      {
        status: 409,
        when: 'In strict mode: too many requests are updating the profile',
        example: 'Too many requests are updating the profile',
      },
      TOO_LARGE,
    ),
  },
};

export const UpdateManyBody = Type.Object(
  {
    customerProfiles: Type.Array(
      Type.Object({ integrationId: IdText({ description: 'Unknown profiles are created' }), attributes: Attributes }),
      { minItems: 1, maxItems: MAX_ITEMS_PER_REQUEST, description: 'Applied in order' },
    ),
  },
  {
    title: 'MultipleCustomerProfileIntegrationRequest',
    examples: [{ customerProfiles: [{ integrationId: 'cust-48213', attributes: { Tier: 'gold' } }] }],
  },
);
export type UpdateManyBody = Static<typeof UpdateManyBody>;

const ManyStates = Type.Object(
  {
    integrationStates: Type.Array(Type.Object({ customerProfile: IntegrationProfile }), {
      description: 'One entry per profile of the request, in its order',
    }),
  },
  { title: 'MultipleCustomerProfileIntegrationResponseV2', description: 'The profiles right after this request' },
);

export const updateProfilesSchema = {
  operationId: 'updateCustomerProfilesV2',
  summary: 'Update multiple customer profiles',
  description:
    'Merges attributes into many profiles. Either everything is applied or nothing. Unknown profiles are created.',
  tags: [TAG],
  security,
  headers: idempotencyHeaders,
  querystring: updateManyQuery,
  body: UpdateManyBody,
  response: {
    ...answer('Applied, with `silent=no`; returns the profiles as they are right after this request', ManyStates, {
      integrationStates: [{ customerProfile: exampleProfile }],
    }),
    ...emptyAnswer('Applied'),
    ...errors(
      {
        status: 400,
        when: 'An attribute of one of the profiles is not defined, or a value does not fit its attribute; nothing was applied',
        example: 'Request validation failed',
      },
      ...IDEMPOTENCY_ERRORS,
      TOO_LARGE,
    ),
  },
};
