/** Shapes and documentation of the operations by which applications change audiences. */

import { type Static, Type } from 'typebox';
import { MAX_ITEMS_PER_REQUEST } from '../../../domain/environment.ts';
import { AudienceSchema } from '../../audience-wire.ts';
import { exampleOf } from '../../examples.ts';
import { Id, IdText, NameText, Nullable } from '../../wire.ts';
import { answer, emptyAnswer, errors, security, TAG, TOO_LARGE } from './responses.ts';

const MAX_DESCRIPTION = 10_000;
const MAX_APPLICATIONS = 1000;
const STORABLE = '^[^\\u0000\\ud800-\\udfff]*$';

const ApplicationIds = Type.Array(Id(), {
  maxItems: MAX_APPLICATIONS,
  description: "Applications of the key's environment; repeated IDs count once",
});
const exampleAudience = exampleOf(AudienceSchema);
const params = Type.Object({ audienceId: Id({ description: 'Internal number of the audience' }) });
const unknownAudience = { status: 404, when: 'There is no such audience', example: 'Audience 7 not found' };
const unknownApplication = {
  status: 400,
  when: 'An Application is unknown or belongs to another environment',
  example: 'Request validation failed',
};

export const NewAudienceBody = Type.Object(
  {
    name: NameText({ description: 'Display name; need not be unique' }),
    sandbox: Type.Optional(Nullable(Type.Boolean(), { description: "If sent, must equal the key's environment" })),
    description: Type.Optional(Nullable(Type.String({ maxLength: MAX_DESCRIPTION, pattern: STORABLE }))),
    subscribedApplicationsIds: Type.Optional(
      Nullable(ApplicationIds, { description: "Applications it is connected to; the key's own when absent" }),
    ),
    integration: Type.Optional(
      Nullable(NameText({ maxLength: 255 }), {
        description: 'The platform that feeds it; omit it if there is none',
      }),
    ),
    integrationId: Type.Optional(
      Nullable(IdText(), {
        description: 'Your own ID, unique per `integration`; without an `integration`, /cdp never finds it',
      }),
    ),
    createdIn3rdParty: Type.Optional(Nullable(Type.Boolean(), { description: 'Whether a platform created it' })),
    lastUpdate: Type.Optional(Nullable(Type.String({ description: 'Ignored: the server sets it' }))),
  },
  { title: 'NewAudienceV2', examples: [{ name: 'Win-back EU', integrationId: 'winback-eu' }] },
);
export type NewAudienceBody = Static<typeof NewAudienceBody>;

export const createAudienceSchema = {
  operationId: 'createAudienceV2',
  summary: 'Create audience',
  description: 'The audience belongs to the environment of the key.',
  tags: [TAG],
  security,
  body: NewAudienceBody,
  response: {
    ...answer('Created', AudienceSchema, exampleAudience, 201),
    ...errors(
      {
        status: 400,
        when: "`sandbox` does not match the key's environment, or an Application does not belong to it",
        example: 'Request validation failed',
      },
      {
        status: 409,
        when: 'The `integration` already has an audience with this ID',
        example: "Audience 'winback-eu' already exists",
      },
      TOO_LARGE,
    ),
  },
};

export const RenameBody = Type.Object(
  {
    name: NameText({ description: 'New display name' }),
    subscribedApplicationsIds: Type.Optional(
      Nullable(ApplicationIds, { description: 'Applications it is connected to; unchanged when absent' }),
    ),
  },
  { title: 'UpdateAudienceV2', examples: [{ name: 'Win-back Europe' }] },
);
export type RenameBody = Static<typeof RenameBody>;

export const updateAudienceSchema = {
  operationId: 'updateAudienceV2',
  summary: 'Update audience name',
  description: 'Any audience of the environment can be renamed; its members do not change.',
  tags: [TAG],
  security,
  params,
  body: RenameBody,
  response: {
    ...answer('Renamed, or had that name already', AudienceSchema, exampleAudience),
    ...errors(unknownApplication, unknownAudience, TOO_LARGE),
  },
};

export const deleteAudienceSchema = {
  operationId: 'deleteAudienceV2',
  summary: 'Delete audience',
  description: 'Ends all of its memberships in one step, whatever its size.',
  tags: [TAG],
  security,
  params,
  response: { ...emptyAnswer('Deleted'), ...errors(unknownAudience) },
};

export const emptyAudienceSchema = {
  operationId: 'deleteAudienceMembershipsV2',
  summary: 'Delete audience memberships',
  description: 'Ends all memberships in one step, whatever their number. The audience stays.',
  tags: [TAG],
  security,
  params,
  response: { ...emptyAnswer('Emptied, or had no members'), ...errors(unknownAudience) },
};

export const ActionsBody = Type.Object(
  {
    data: Type.Array(
      Type.Object({
        action: Type.Enum(['add', 'delete']),
        profileIntegrationId: IdText({
          description: 'An unknown profile is created by `add`, and skipped by `delete`',
        }),
        audienceId: Id({
          'x-expected': 'an integer audience ID',
          'x-remedy': 'the Integration API names audiences by the id that creating one returned',
        }),
      }),
      { maxItems: MAX_ITEMS_PER_REQUEST, description: 'Applied in order' },
    ),
  },
  {
    title: 'UpdateCustomerProfileAudiencesBody',
    examples: [{ data: [{ action: 'add', profileIntegrationId: 'cust-48213', audienceId: 1 }] }],
  },
);
export type ActionsBody = Static<typeof ActionsBody>;

export const updateMembershipsSchema = {
  operationId: 'updateCustomerProfileAudiences',
  summary: 'Update profile audiences',
  description: 'Changes the memberships of many profiles. Either everything is applied or nothing.',
  tags: [TAG],
  security,
  body: ActionsBody,
  response: { ...emptyAnswer('Applied, or nothing to do'), ...errors(unknownAudience, TOO_LARGE) },
};
