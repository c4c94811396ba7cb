/**
 * Schemas of the Segment operation that updates one profile, and the differences of the others from the generic CDP
 * integration.
 */

import { Type } from 'typebox';
import { Flag } from '../../query-parameters.ts';
import { Nullable } from '../../wire.ts';
import { type Dialect, internalIdOf, membershipSchemas, PROFILE_PARAMETER, SECURITY } from '../membership-schemas.ts';
import {
  audienceChanges,
  FIRST_AUDIENCE,
  partnerErrorResponses,
  stateResponse,
  TOO_MANY_CHANGES,
  UNDEFINED_ATTRIBUTE,
  WRONG_VALUE,
} from '../third-party-schemas.ts';

export const TAG = 'Third-party API: Segment';

/** The namespace of Segment's audience IDs. */
export const NAMESPACE = 'segment';

export const DIALECT: Dialect = {
  root: 'segment',
  tag: TAG,
  headers: Type.Object({
    'destination-hostname': Type.String({ description: 'The deployment addressed, with or without `https://`' }),
  }),
  errors: {
    deployment: {
      status: 400,
      when: 'The header `destination-hostname` is missing or not a host name',
      example: 'Header destination-hostname is required',
    },
    otherKey: 'API key is not valid for Segment (it is a generic key; create one of platform Segment)',
  },
  unknownAudience: {
    status: 404,
    when: 'An audience is unknown; nothing was applied',
    example: "Audience 'winback-eu' not found for 'segment'",
  },
  integration: NAMESPACE,
  profilePath: 'v2/customer_profiles/{customerProfileId}',
  profileAudiencesPath: 'customer_profiles/{customerProfileId}/audiences',
};

export const MEMBERSHIP_SCHEMAS = membershipSchemas(DIALECT);

export const updateProfileQuery = Type.Object({
  skipNonExistingAttributes: Flag('Drop attributes that are not defined instead of refusing the request'),
});

export const updateProfileSchema = {
  operationId: 'segment/v2/updateCustomerProfile',
  summary: 'Update customer profile',
  description:
    'Creates the profile if it is unknown. Attributes are merged, and null removes one. Audiences are identified by their internal IDs; changes of audiences are applied only if `runRuleEngine` is true. Either everything is applied or nothing.',
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
        Nullable(Type.Boolean(), {
          description: 'Updates lastActivity and applies `audiencesChanges`, which are otherwise only checked',
        }),
      ),
      audiencesChanges: Type.Optional(Nullable(Type.Object(audienceChanges(internalIdOf(DIALECT))))),
    },
    {
      title: 'SegmentCustomerProfileRequest',
      examples: [
        { attributes: { Tier: 'gold' }, runRuleEngine: true, audiencesChanges: { adds: [FIRST_AUDIENCE.id] } },
      ],
    },
  ),
  response: {
    ...stateResponse('SegmentCustomerProfileResponse'),
    ...partnerErrorResponses(DIALECT.errors, [
      UNDEFINED_ATTRIBUTE,
      WRONG_VALUE,
      TOO_MANY_CHANGES,
      { ...DIALECT.unknownAudience, example: 'Audience 99999 not found' },
    ]),
  },
};
