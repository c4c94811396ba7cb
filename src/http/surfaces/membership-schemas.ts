/** Schemas of the six operations on audiences and memberships that the generic CDP integration and Segment share. */

import type { TObject } from 'typebox';
import { Type } from 'typebox';
import { type ErrorExample, Id, IdText, NameText, Nullable } from '../wire.ts';
import {
  audienceChanges,
  audienceResponse,
  bulkBody,
  emptyResponse,
  FIRST_AUDIENCE,
  type PartnerErrors,
  partnerErrorResponses,
  pathParameter,
  stateResponse,
  TOO_MANY_CHANGES,
} from './third-party-schemas.ts';

/** The differences between the APIs. */
export interface Dialect {
  /** First segment of the paths and of the operation IDs. */
  readonly root: 'cdp' | 'segment';
  readonly tag: string;
  /** The headers that each operation accepts. */
  readonly headers: TObject;
  readonly errors: PartnerErrors;
  readonly unknownAudience: ErrorExample;
  /** The namespace in examples. */
  readonly integration: string;
  /** Path of an update of one profile, without the leading root. */
  readonly profilePath: string;
  /** Path of the audiences of one profile, likewise. */
  readonly profileAudiencesPath: string;
}

/** Audiences by internal number; for a string, the error says which operation accepts it. */
export const internalIdOf = ({ root, profileAudiencesPath }: Dialect) =>
  Id({
    'x-expected': 'an integer audience ID',
    'x-remedy': `this takes the id that creating an audience returned; your own audience IDs go to PUT /${root}/${profileAudiencesPath} or PUT /${root}/v2/customer_profiles/audiences`,
  });

/** Audiences by the platform's own ID; for a number, the error says which operation accepts it. */
const externalIdOf = ({ root, profilePath }: Dialect) =>
  IdText({
    'x-expected': 'a string audience ID',
    'x-remedy': `this takes your own audience IDs as text; numeric IDs go to PUT /${root}/${profilePath} or PUT /${root}/customer_profiles/audiences`,
  });

export const SECURITY = [{ ApiKeyV1: [] }];
export const PROFILE_PARAMETER = pathParameter(
  'customerProfileId',
  'The customer’s integration ID, percent-encoded',
  'ada',
);

const audienceParameter = pathParameter(
  'audienceId',
  "The platform's own audience ID, percent-encoded",
  FIRST_AUDIENCE.externalId,
);

/** An operation on the memberships of many profiles. */
export function bulkSchema(dialect: Dialect, operationId: string, summary: string, body: TObject) {
  return {
    operationId: `${dialect.root}/${operationId}`,
    summary,
    description: 'Changes many profiles at once. Either everything is applied or nothing.',
    tags: [dialect.tag],
    security: SECURITY,
    headers: dialect.headers,
    body,
    response: {
      ...emptyResponse,
      ...partnerErrorResponses(dialect.errors, [
        { status: 400, when: 'An item names no profile', example: 'data[0].customerProfileId: required' },
        TOO_MANY_CHANGES,
        dialect.unknownAudience,
      ]),
    },
  };
}

/** The schemas of an API's operations. */
export function membershipSchemas(dialect: Dialect) {
  const { root, tag, headers, errors, unknownAudience, integration } = dialect;
  const common = { tags: [tag], security: SECURITY, headers };
  const internalId = internalIdOf(dialect);
  const externalId = externalIdOf(dialect);
  return {
    profileAudiences: {
      operationId: `${root}/updateCustomerProfileAudiences`,
      summary: 'Update audiences in customer profile',
      description: "Creates the profile if it is unknown. Audiences are identified by the platform's own IDs.",
      ...common,
      params: PROFILE_PARAMETER,
      body: Type.Object(
        { data: Type.Object(audienceChanges(externalId)) },
        {
          title: 'SingleCustomerProfileIntegrationAudiencesRequest',
          examples: [{ data: { adds: [FIRST_AUDIENCE.externalId], deletes: [] } }],
        },
      ),
      response: {
        ...stateResponse('IntegrationStateV2'),
        ...partnerErrorResponses(errors, [TOO_MANY_CHANGES, unknownAudience]),
      },
    },
    internalMemberships: bulkSchema(
      dialect,
      'updateCustomerProfilesAudiences',
      'Update audiences in multiple customer profiles, by internal IDs',
      bulkBody('CustomerProfilesAudiencesRequest', internalId, { adds: [FIRST_AUDIENCE.id] }),
    ),
    externalMemberships: bulkSchema(
      dialect,
      'v2/updateCustomerProfilesAudiences',
      "Update audiences in multiple customer profiles, by the platform's own IDs",
      bulkBody('CustomerProfilesIntegrationAudiencesRequest', externalId, { adds: [FIRST_AUDIENCE.externalId] }),
    ),
    createAudience: {
      operationId: `${root}/createAudience`,
      summary: 'Create audience',
      description:
        'Creates an audience that belongs to the calling platform and to the environment of the key. The response contains its internal ID.',
      ...common,
      body: Type.Object(
        {
          audienceId: NameText({ description: "The platform's own ID" }),
          audienceName: NameText({ description: 'Display name' }),
        },
        { title: 'CreateAudienceRequest', examples: [{ audienceId: 'winback-eu', audienceName: 'Win-back EU' }] },
      ),
      response: {
        ...audienceResponse(201, 'Created', integration),
        ...partnerErrorResponses(errors, [
          {
            status: 400,
            when: 'A field is missing, empty, too long or not a string',
            example: 'audienceName: required',
          },
          {
            status: 409,
            when: 'The platform already has an audience with that ID',
            example: "Audience 'winback-eu' already exists",
          },
        ]),
      },
    },
    renameAudience: {
      operationId: `${root}/updateAudience`,
      summary: 'Update audience',
      description: 'Renames the audience. Its members stay.',
      ...common,
      params: audienceParameter,
      body: Type.Object(
        {
          audienceId: Type.Optional(Nullable(IdText(), { description: 'If sent, must equal the ID in the path' })),
          audienceName: NameText({ description: 'New display name' }),
        },
        { title: 'UpdateAudienceRequest', examples: [{ audienceName: 'First audience' }] },
      ),
      response: {
        ...audienceResponse(200, 'Renamed, or already had that name', integration),
        ...partnerErrorResponses(errors, [
          {
            status: 400,
            when: 'The IDs in path and body differ',
            example: 'audienceId: must equal the ID in the path',
          },
          unknownAudience,
        ]),
      },
    },
    deleteAudience: {
      operationId: `${root}/deleteAudience`,
      summary: 'Delete audience',
      description: 'Deletes the audience. Its memberships end with it, at once, whatever its size.',
      ...common,
      params: audienceParameter,
      // The body is ignored, so it is never too large.
      response: {
        204: Type.Null({ description: 'Deleted' }),
        ...partnerErrorResponses(errors, [unknownAudience], { hasBody: false }),
      },
    },
  };
}
