/** Parts of the wire formats that several operations share: IDs, timestamps, the profile object, error responses. */

import { type TSchema, type TSchemaOptions, Type } from 'typebox';
import { ACCOUNT_ID, MAX_ID_LENGTH } from '../domain/environment.ts';
import type { ProfileState } from '../domain/memberships/commands.ts';
import type { ErrorBody } from './error-bodies.ts';

// Text that can be stored and returned unchanged: no NUL, no lone surrogate; the second form also requires a non-blank
// character.
const STORABLE = '^[^\\u0000\\ud800-\\udfff]*$';
const NOT_BLANK = '^\\s*[^\\s\\u0000\\ud800-\\udfff][^\\u0000\\ud800-\\udfff]*$';

/** A customer profile ID or external audience ID inside a body. */
export const IdText = (annotations: TSchemaOptions = {}) =>
  Type.String({ minLength: 1, maxLength: MAX_ID_LENGTH, pattern: STORABLE, ...annotations });

/** A name or ID that must not be blank. */
export const NameText = (annotations: TSchemaOptions = {}) =>
  Type.String({ minLength: 1, maxLength: MAX_ID_LENGTH, pattern: NOT_BLANK, ...annotations });

/** An ID assigned by the server. */
export const Id = (annotations: TSchemaOptions = {}) =>
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, ...annotations });

/** A field that may also be null, which means absent. */
export const Nullable = <T extends TSchema>(schema: T, annotations: TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], annotations);

export const Timestamp = (description: string) => Type.String({ format: 'date-time', description });

/** RFC 3339 in UTC, from ms since the epoch. */
export function timestamp(time: number): string {
  return new Date(time).toISOString();
}

export const Attributes = Type.Object(
  {},
  { additionalProperties: true, description: 'All attributes of the profile, by name' },
);

export const MembershipSchema = Type.Object(
  { id: Id({ description: 'Internal audience ID' }), name: Type.String() },
  { title: 'AudienceMembership' },
);

const profileFields = {
  id: Id({ description: 'Internal profile ID' }),
  created: Timestamp('Time the profile was first seen'),
  accountId: Id(),
  integrationId: Type.String({ description: "The customer's integration ID" }),
  attributes: Attributes,
  closedSessions: Type.Integer({ description: 'Always 0: sessions are not served' }),
  totalSales: Type.Number({ description: 'Always 0: sessions are not served' }),
  audienceMemberships: Type.Array(MembershipSchema, { description: 'All audiences of the profile, ascending by ID' }),
  lastActivity: Timestamp('Last rule-engine call; equals `created` until the first'),
};

/** The profile object of the Third-party API. */
export const ThirdPartyProfile = Type.Object(profileFields, { title: 'ThirdPartyCustomerProfile' });

/** The profile object of the Integration API, which also names its environment. */
export const IntegrationProfile = Type.Object(
  { ...profileFields, sandbox: Type.Boolean({ description: 'True in the sandbox environment' }) },
  { title: 'CustomerProfile' },
);

export function toWireProfile(profile: ProfileState) {
  return {
    id: profile.id,
    created: timestamp(profile.created),
    accountId: ACCOUNT_ID,
    integrationId: profile.integrationId,
    attributes: profile.attributes,
    closedSessions: 0,
    totalSales: 0,
    audienceMemberships: profile.memberships,
    lastActivity: timestamp(profile.lastActivity),
  };
}

export interface ErrorExample {
  readonly status: number;
  readonly when: string;
  readonly example: string;
}

const EXAMPLE_UUID = '0d5a3b52-6a0e-4d8e-9a55-0c5b1f6f1a00';

// Any operation may return these, whatever it documents itself.
const COMMON_ERRORS: readonly ErrorExample[] = [
  { status: 408, when: 'The request did not arrive in time', example: 'The request did not arrive in time' },
  { status: 431, when: 'The header block is too large', example: 'The request headers are too large' },
  { status: 500, when: 'Unexpected; details are in the server log only', example: 'Internal error' },
  {
    status: 503,
    when: 'Overloaded, out of disk space or stopping; nothing was applied, and `Retry-After` says when to try again',
    example: 'The server has too many writes waiting; try again in a moment',
  },
];

/** Documentation of an operation's error responses; several with the same status are listed as examples of it. */
export function errorResponses(errorBody: ErrorBody, errors: readonly ErrorExample[]): Record<number, object> {
  const responses: Record<number, object> = {};
  const all = [...errors, ...COMMON_ERRORS];
  for (const status of new Set(all.map((each) => each.status))) {
    const same = all.filter((each) => each.status === status);
    const examples: [string, object][] = same.map(({ when, example }, index) => [
      `example${index + 1}`,
      {
        summary: when,
        value: errorBody.render({
          message: example,
          status,
          requestUuid: EXAMPLE_UUID,
          problems: [],
          isInvalid: status === 400,
        }),
      },
    ]);
    const schema = Type.Ref(errorBody.name);
    responses[status] = {
      description: same.map(({ when }) => when).join('; '),
      content: { 'application/json': { schema, examples: Object.fromEntries<object>(examples) } },
    };
  }
  return responses;
}
