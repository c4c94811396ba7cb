/** Schemas and documentation of the generic CDP operations. */

import { type TSchema, Type } from 'typebox';
import type { Audience } from '../../../domain/definitions/audiences.ts';
import { ACCOUNT_ID, MAX_CHANGES_PER_REQUEST, MAX_ITEMS_PER_REQUEST } from '../../../domain/environment.ts';
import type { ProfileState } from '../../../domain/memberships/commands.ts';
import { THIRD_PARTY_ERROR } from '../../error-bodies.ts';
import { Flag } from '../../query-parameters.ts';
import {
  type ErrorExample,
  errorResponses,
  Id,
  IdText,
  NameText,
  Nullable,
  ThirdPartyProfile,
  Timestamp,
  timestamp,
  toWireProfile,
} from '../../wire.ts';

// What exists after the first start, so that an example that names it can be sent as is.
const FIRST_AUDIENCE = { id: 1, externalId: 'first-audience' };

export const TAG = 'Third-party API: generic CDP';

const InternalId = Id({
  'x-expected': 'an integer audience ID',
  'x-remedy':
    'this takes the id that creating an audience returned; your own audience IDs go to PUT /cdp/customer_profile/{customerProfileId}/audiences or PUT /cdp/v2/customer_profiles/audiences',
});
const ExternalId = IdText({
  'x-expected': 'a string audience ID',
  'x-remedy':
    'this takes your own audience IDs as text; numeric IDs go to PUT /cdp/customer_profile/{customerProfileId} or PUT /cdp/customer_profiles/audiences',
});
const EitherId = Type.Union([Id(), IdText()], { 'x-expected': 'an audience ID: an integer or a string' });

const list = (id: TSchema, what: string) =>
  Type.Optional(Nullable(Type.Array(id, { description: `${what}; repeated IDs count once` })));
const changes = (id: TSchema) => ({
  adds: list(id, 'Audiences to join, applied first'),
  deletes: list(id, 'Audiences to leave, applied after the adds'),
});

const headers = Type.Object({
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
});

const params = (name: string, description: string, example: string) =>
  Type.Object({ [name]: IdText({ description, examples: [example] }) });
const security = [{ ApiKeyV1: [] }];

const COMMON: readonly ErrorExample[] = [
  {
    status: 400,
    when: 'A header is invalid, or missing in strict mode',
    example: 'Header destination-hostname is required',
  },
  { status: 400, when: 'The body is not a JSON object', example: 'Body must be a JSON object' },
  {
    status: 401,
    when: 'The key is missing, unknown, expired or deleted',
    example: 'API key missing, unknown or expired',
  },
  {
    status: 401,
    when: 'The key is of another kind',
    example:
      'API key is not valid for customer data platforms (it is a generic key; create one of platform Customer Data Platform)',
  },
  {
    status: 404,
    when: 'The deployment is not served here',
    example: "Deployment 'other.example.net' is not served here",
  },
  {
    status: 429,
    when: 'Too many requests per second, or (strict mode) in flight for one profile; `Retry-After` says when to try again',
    example: 'Too many requests',
  },
];
const UNKNOWN_AUDIENCE: ErrorExample = {
  status: 404,
  when: 'An audience is unknown; nothing was applied',
  example:
    "Audience 'winback-eu' not found for 'Other CDP' ('winback-eu' exists under 'Northwind CDP'; check customer-data-platform-name)",
};
const LIMIT: ErrorExample = {
  status: 400,
  when: 'More changes than one request may contain',
  example: `adds and deletes contain 1204 entries; at most ${MAX_CHANGES_PER_REQUEST} per request: split it`,
};
const TOO_LARGE: ErrorExample = { status: 413, when: 'The body is too large', example: 'Body exceeds 10 MiB' };
const errors = (...own: ErrorExample[]) => errorResponses(THIRD_PARTY_ERROR, [...own, ...COMMON, TOO_LARGE]);

const emptyEffect = (description: string) =>
  Type.Array(Type.Object({}, { additionalProperties: true }), { description });
const State = Type.Object(
  {
    effects: emptyEffect('Always empty: rules are not evaluated'),
    createdCoupons: emptyEffect('Always empty'),
    createdReferrals: emptyEffect('Always empty'),
    customerProfile: ThirdPartyProfile,
  },
  { title: 'IntegrationStateV2', description: 'The profile right after this request' },
);

export function toWireState(profile: ProfileState) {
  return { effects: [], createdCoupons: [], createdReferrals: [], customerProfile: toWireProfile(profile) };
}

const exampleState = {
  effects: [],
  createdCoupons: [],
  createdReferrals: [],
  customerProfile: {
    id: 9031,
    created: '2026-03-02T08:14:55.120Z',
    accountId: 1,
    integrationId: 'cust-48213',
    attributes: { Tier: 'gold' },
    closedSessions: 0,
    totalSales: 0,
    audienceMemberships: [{ id: 41, name: 'Gold shoppers' }],
    lastActivity: '2026-05-11T10:00:03.441Z',
  },
};
const stateResponse = {
  200: {
    description: 'Applied; returns the profile as it is right after this request',
    content: { 'application/json': { schema: State, example: exampleState } },
  },
};
const emptyResponse = { 204: Type.Null({ description: 'Applied, or nothing to do' }) };

const AudienceAnswer = Type.Object(
  {
    id: Id({ description: 'Internal ID, used where a numeric audience ID is expected' }),
    created: Timestamp('Time the audience was created'),
    accountId: Id(),
    name: Type.String(),
    integration: Type.String({ description: 'The platform it belongs to' }),
    integrationId: Type.String({ description: "The platform's own ID" }),
  },
  { title: 'CreateAndUpdateResponse' },
);

export function toWireAudience(audience: Audience) {
  return {
    id: audience.id,
    created: timestamp(audience.created),
    accountId: ACCOUNT_ID,
    name: audience.name,
    integration: audience.integration ?? '',
    integrationId: audience.integrationId ?? '',
  };
}

const audienceResponse = (status: number, description: string) => ({
  [status]: {
    description,
    content: {
      'application/json': {
        schema: AudienceAnswer,
        example: {
          id: 57,
          created: '2026-05-11T09:58:21.300Z',
          accountId: 1,
          name: 'Win-back EU',
          integration: 'Northwind CDP',
          integrationId: 'winback-eu',
        },
      },
    },
  },
});

export const updateProfileQuery = Type.Object({
  skipNonExistingAttributes: Flag('Drop attributes that are not defined instead of refusing the request'),
});

export const updateProfileSchema = {
  operationId: 'cdp/updateCustomerProfile',
  summary: 'Update customer profile',
  description:
    'Creates the profile if it is unknown. Attributes are merged, and null removes one. Audiences are identified by their internal IDs. Either everything is applied or nothing.',
  tags: [TAG],
  security,
  headers,
  params: params('customerProfileId', 'The customer’s integration ID, percent-encoded', 'ada'),
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
      audiencesChanges: Type.Optional(Nullable(Type.Object(changes(InternalId)))),
    },
    {
      title: 'CDPCustomerProfileRequest',
      examples: [{ attributes: { Tier: 'gold' }, audiencesChanges: { adds: [FIRST_AUDIENCE.id] } }],
    },
  ),
  response: {
    ...stateResponse,
    ...errors(
      {
        status: 400,
        when: 'An attribute is not defined',
        example:
          "Attribute 'ShoeSize' is not defined for customer profiles (create it first (Attributes in the console, or rollcall attribute create), or skip such names with skipNonExistingAttributes=true)",
      },
      {
        status: 400,
        when: 'A value does not fit its attribute',
        example: "Attribute 'LifetimeOrders' expects a number",
      },
      LIMIT,
      { ...UNKNOWN_AUDIENCE, example: 'Audience 99999 not found' },
    ),
  },
};

export const profileAudiencesSchema = {
  operationId: 'cdp/updateCustomerProfileAudiences',
  summary: 'Update audiences in customer profile',
  description: "Creates the profile if it is unknown. Audiences are identified by the platform's own IDs.",
  tags: [TAG],
  security,
  headers,
  params: params('customerProfileId', 'The customer’s integration ID, percent-encoded', 'ada'),
  body: Type.Object(
    { data: Type.Object(changes(ExternalId)) },
    {
      title: 'SingleCustomerProfileIntegrationAudiencesRequest',
      examples: [{ data: { adds: [FIRST_AUDIENCE.externalId], deletes: [] } }],
    },
  ),
  response: { ...stateResponse, ...errors(LIMIT, UNKNOWN_AUDIENCE) },
};

const bulkBody = (title: string, id: TSchema, example: object) =>
  Type.Object(
    {
      data: Type.Array(
        Type.Object({ customerProfileId: IdText({ description: 'Unknown profiles are created' }), ...changes(id) }),
        {
          maxItems: MAX_ITEMS_PER_REQUEST,
          description: `Applied in order; at most ${MAX_CHANGES_PER_REQUEST} adds and deletes in total`,
        },
      ),
    },
    { title, examples: [{ data: [{ customerProfileId: 'ada', ...example }] }] },
  );

const bulkSchema = (operationId: string, summary: string, title: string, id: TSchema, example: object) => ({
  operationId,
  summary,
  description: 'Changes many profiles at once. Either everything is applied or nothing.',
  tags: [TAG],
  security,
  headers,
  body: bulkBody(title, id, example),
  response: {
    ...emptyResponse,
    ...errors(
      { status: 400, when: 'An item names no profile', example: 'data[0].customerProfileId: required' },
      LIMIT,
      UNKNOWN_AUDIENCE,
    ),
  },
});

export const internalMembershipsSchema = bulkSchema(
  'cdp/updateCustomerProfilesAudiences',
  'Update audiences in multiple customer profiles, by internal IDs',
  'CustomerProfilesAudiencesRequest',
  InternalId,
  { adds: [FIRST_AUDIENCE.id] },
);
export const aliasMembershipsSchema = bulkSchema(
  'cdp/updateCustomerProfilesAudiencesAlias',
  "The same under a singular path; accepts internal IDs and the platform's own IDs, distinguished by JSON type",
  'CustomerProfilesMixedAudiencesRequest',
  EitherId,
  { adds: [FIRST_AUDIENCE.id], deletes: [FIRST_AUDIENCE.externalId] },
);
export const externalMembershipsSchema = bulkSchema(
  'cdp/v2/updateCustomerProfilesAudiences',
  "Update audiences in multiple customer profiles, by the platform's own IDs",
  'CustomerProfilesIntegrationAudiencesRequest',
  ExternalId,
  { adds: [FIRST_AUDIENCE.externalId] },
);

const audienceParams = params(
  'audienceId',
  "The platform's own audience ID, percent-encoded",
  FIRST_AUDIENCE.externalId,
);
const audienceExample = { audienceId: 'winback-eu', audienceName: 'Win-back EU' };

export const createAudienceSchema = {
  operationId: 'cdp/createAudience',
  summary: 'Create audience',
  description:
    'Creates an audience that belongs to the calling platform and to the environment of the key. The response contains its internal ID.',
  tags: [TAG],
  security,
  headers,
  body: Type.Object(
    {
      audienceId: NameText({ description: "The platform's own ID" }),
      audienceName: NameText({ description: 'Display name' }),
    },
    { title: 'CreateAudienceRequest', examples: [audienceExample] },
  ),
  response: {
    ...audienceResponse(201, 'Created'),
    ...errors(
      { status: 400, when: 'A field is missing, empty, too long or not a string', example: 'audienceName: required' },
      {
        status: 409,
        when: 'The platform already has an audience with that ID',
        example: "Audience 'winback-eu' already exists",
      },
    ),
  },
};

export const renameAudienceSchema = {
  operationId: 'cdp/updateAudience',
  summary: 'Update audience',
  description: 'Renames the audience. Its members stay.',
  tags: [TAG],
  security,
  headers,
  params: audienceParams,
  body: Type.Object(
    {
      audienceId: Type.Optional(Nullable(IdText(), { description: 'If sent, must equal the ID in the path' })),
      audienceName: NameText({ description: 'New display name' }),
    },
    { title: 'UpdateAudienceRequest', examples: [{ audienceName: 'First audience' }] },
  ),
  response: {
    ...audienceResponse(200, 'Renamed, or already had that name'),
    ...errors(
      { status: 400, when: 'The IDs in path and body differ', example: 'audienceId: must equal the ID in the path' },
      UNKNOWN_AUDIENCE,
    ),
  },
};

export const deleteAudienceSchema = {
  operationId: 'cdp/deleteAudience',
  summary: 'Delete audience',
  description: 'Deletes the audience. Its memberships end with it, at once, whatever its size.',
  tags: [TAG],
  security,
  headers,
  params: audienceParams,
  // The body is ignored, so none is too large.
  response: {
    204: Type.Null({ description: 'Deleted' }),
    ...errorResponses(THIRD_PARTY_ERROR, [UNKNOWN_AUDIENCE, ...COMMON]),
  },
};
