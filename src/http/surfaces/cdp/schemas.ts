/** Schemas that only the generic CDP operations use. */

import { Type } from 'typebox';
import { Flag } from '../../query-parameters.ts';
import { Id, IdText, Nullable } from '../../wire.ts';
import {
  bulkSchema,
  type Dialect,
  internalIdOf,
  membershipSchemas,
  PROFILE_PARAMETER,
  SECURITY,
} from '../membership-schemas.ts';
import {
  audienceChanges,
  bulkBody,
  FIRST_AUDIENCE,
  partnerErrorResponses,
  stateResponse,
  TOO_MANY_CHANGES,
  UNDEFINED_ATTRIBUTE,
  WRONG_VALUE,
} from '../third-party-schemas.ts';

export const TAG = 'Third-party API: generic CDP';

export const DIALECT: Dialect = {
  root: 'cdp',
  tag: TAG,
  headers: Type.Object({
    'customer-data-platform-name': Type.Optional(
      Type.String({
        maxLength: 255,
        description:
          'The calling platform, which is the namespace of its audience IDs; case-insensitive. Default: Customer Data Platform. Required in strict mode',
      }),
    ),
    'destination-hostname': Type.Optional(
      Type.String({ description: 'The deployment addressed, with or without `https://`. Required in strict mode' }),
    ),
  }),
  errors: {
    deployment: {
      status: 400,
      when: 'A header is invalid, or missing in strict mode',
      example: 'Header destination-hostname is required',
    },
    otherKey:
      'API key is not valid for customer data platforms (it is a generic key; create one of platform Customer Data Platform)',
  },
  unknownAudience: {
    status: 404,
    when: 'An audience is unknown; nothing was applied',
    example:
      "Audience 'winback-eu' not found for 'Other CDP' ('winback-eu' exists under 'Northwind CDP'; check customer-data-platform-name)",
  },
  integration: 'Northwind CDP',
  profilePath: 'customer_profile/{customerProfileId}',
  profileAudiencesPath: 'customer_profile/{customerProfileId}/audiences',
};

export const MEMBERSHIP_SCHEMAS = membershipSchemas(DIALECT);

export const updateProfileQuery = Type.Object({
  skipNonExistingAttributes: Flag('Drop attributes that are not defined instead of refusing the request'),
});

export const updateProfileSchema = {
  operationId: 'cdp/updateCustomerProfile',
  summary: 'Update customer profile',
  description:
    'Creates the profile if it is unknown. Attributes are merged, and null removes one. Audiences are identified by their internal IDs. Either everything is applied or nothing.',
  tags: [TAG],
  security: SECURITY,
  headers: DIALECT.headers,
  params: PROFILE_PARAMETER,
  querystring: updateProfileQuery,
  body: Type.Object(
    {
      attributes: Type.Optional(
        Nullable(Type.Object({}, { additionalProperties: true }), {
          description: 'Values by attribute name; null removes one',
        }),
      ),
      runRuleEngine: Type.Optional(
        Nullable(Type.Boolean(), { description: 'Updates lastActivity; any audience change implies true' }),
      ),
      audiencesChanges: Type.Optional(Nullable(Type.Object(audienceChanges(internalIdOf(DIALECT))))),
    },
    {
      title: 'CDPCustomerProfileRequest',
      examples: [{ attributes: { Tier: 'gold' }, audiencesChanges: { adds: [FIRST_AUDIENCE.id] } }],
    },
  ),
  response: {
    ...stateResponse('IntegrationStateV2'),
    ...partnerErrorResponses(DIALECT.errors, [
      UNDEFINED_ATTRIBUTE,
      WRONG_VALUE,
      TOO_MANY_CHANGES,
      { ...DIALECT.unknownAudience, example: 'Audience 99999 not found' },
    ]),
  },
};

const EitherId = Type.Union([Id(), IdText()], { 'x-expected': 'an audience ID: an integer or a string' });

export const aliasMembershipsSchema = bulkSchema(
  DIALECT,
  'updateCustomerProfilesAudiencesAlias',
  "The same under a singular path; accepts internal IDs and the platform's own IDs, distinguished by JSON type",
  bulkBody('CustomerProfilesMixedAudiencesRequest', EitherId, {
    adds: [FIRST_AUDIENCE.id],
    deletes: [FIRST_AUDIENCE.externalId],
  }),
);
