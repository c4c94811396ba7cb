/** The bodies, answers and errors of the Third-party API, which are the same for all partners. */

import { type TObject, type TSchema, Type } from 'typebox';
import type { Audience } from '../../domain/definitions/audiences.ts';
import { ACCOUNT_ID, MAX_CHANGES_PER_REQUEST, MAX_ITEMS_PER_REQUEST } from '../../domain/environment.ts';
import type { ProfileState } from '../../domain/memberships/commands.ts';
import { THIRD_PARTY_ERROR } from '../error-bodies.ts';
import {
  type ErrorExample,
  errorResponses,
  Id,
  IdText,
  Nullable,
  ThirdPartyProfile,
  Timestamp,
  timestamp,
  toWireProfile,
} from '../wire.ts';

/** Names that exist after the first start, so that examples with them can be sent unchanged. */
export const FIRST_AUDIENCE = { id: 1, externalId: 'first-audience' };

/** Lists of audiences to join and to leave; `id` is the form of an audience ID. */
export const audienceChanges = (id: TSchema) => ({
  adds: audienceList(id, 'Audiences to join, applied first'),
  deletes: audienceList(id, 'Audiences to leave, applied after the adds'),
});

const audienceList = (id: TSchema, what: string) =>
  Type.Optional(Nullable(Type.Array(id, { description: `${what}; repeated IDs count once` })));

/** Changes to the memberships of many profiles. */
export const bulkBody = (title: string, id: TSchema, example: object): TObject =>
  Type.Object(
    {
      data: Type.Array(
        Type.Object({
          customerProfileId: IdText({ description: 'Unknown profiles are created' }),
          ...audienceChanges(id),
        }),
        {
          maxItems: MAX_ITEMS_PER_REQUEST,
          description: `Applied in order; at most ${MAX_CHANGES_PER_REQUEST} adds and deletes in total`,
        },
      ),
    },
    { title, examples: [{ data: [{ customerProfileId: 'ada', ...example }] }] },
  );

/** The only parameter of a path. */
export const pathParameter = (name: string, description: string, example: string) =>
  Type.Object({ [name]: IdText({ description, examples: [example] }) });

// ---- errors

export const UNSERVED_DEPLOYMENT: ErrorExample = {
  status: 404,
  when: 'The deployment is not served here',
  example: "Deployment 'other.example.net' is not served here",
};

export const TOO_MANY_CHANGES: ErrorExample = {
  status: 400,
  when: 'More changes than one request may contain',
  example: `adds and deletes contain 1204 entries; at most ${MAX_CHANGES_PER_REQUEST} per request: split it`,
};

export const UNDEFINED_ATTRIBUTE: ErrorExample = {
  status: 400,
  when: 'An attribute is not defined',
  example:
    "Attribute 'ShoeSize' is not defined for customer profiles (create it first (Attributes in the console, or rollcall attribute create), or skip such names with skipNonExistingAttributes=true)",
};

export const WRONG_VALUE: ErrorExample = {
  status: 400,
  when: 'A value does not fit its attribute',
  example: "Attribute 'LifetimeOrders' expects a number",
};

const TOO_LARGE: ErrorExample = { status: 413, when: 'The body is too large', example: 'Body exceeds 10 MiB' };

/** The error answers of every partner operation. */
export interface PartnerErrors {
  /** A missing or wrong deployment. */
  readonly deployment: ErrorExample;
  /** The error answer to a valid key of another kind. */
  readonly otherKey: string;
}

/** Documents the error answers of an operation. @param own those that not all operations have */
export function partnerErrorResponses(
  { deployment, otherKey }: PartnerErrors,
  own: readonly ErrorExample[],
  { hasBody = true }: { hasBody?: boolean } = {},
): Record<number, object> {
  return errorResponses(THIRD_PARTY_ERROR, [
    ...own,
    deployment,
    { status: 400, when: 'The body is not a JSON object', example: 'Body must be a JSON object' },
    {
      status: 401,
      when: 'The key is missing, unknown, expired or deleted',
      example: 'API key missing, unknown or expired',
    },
    { status: 401, when: 'The key is of another kind', example: otherKey },
    UNSERVED_DEPLOYMENT,
    {
      status: 429,
      when: 'Too many requests per second, or (strict mode) in flight for one profile; `Retry-After` says when to try again',
      example: 'Too many requests',
    },
    ...(hasBody ? [TOO_LARGE] : []),
  ]);
}

// ---- answers

const emptyList = (description: string) => Type.Array(Type.Object({}, { additionalProperties: true }), { description });
const stateFields = {
  effects: emptyList('Always empty: rules are not evaluated'),
  createdCoupons: emptyList('Always empty'),
  createdReferrals: emptyList('Always empty'),
  customerProfile: ThirdPartyProfile,
};

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

/** Documents the answer of an update of one profile. @param title its name in the published contract */
export const stateResponse = (title: string) => ({
  200: {
    description: 'Applied; returns the profile as it is right after this request',
    content: {
      'application/json': {
        schema: Type.Object(stateFields, { title, description: 'The profile right after this request' }),
        example: exampleState,
      },
    },
  },
});

export const emptyResponse = { 204: Type.Null({ description: 'Applied, or nothing to do' }) };

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

/** @param integration the namespace in the example */
export const audienceResponse = (status: number, description: string, integration: string) => ({
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
          integration,
          integrationId: 'winback-eu',
        },
      },
    },
  },
});
