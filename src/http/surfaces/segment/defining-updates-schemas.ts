/** Schemas of Segment's deprecated updates of one profile. */

import { type TSchema, Type } from 'typebox';
import { MAX_CREATED_PER_REQUEST, MAX_DEFINED_BY_PLATFORMS } from '../../../domain/definitions/attribute-creation.ts';
import { AttributeSchema } from '../../attribute-wire.ts';
import type { ErrorExample } from '../../wire.ts';
import { Id, IdText, NameText, Nullable, ThirdPartyProfile, Timestamp } from '../../wire.ts';
import { internalIdOf, PROFILE_PARAMETER, SECURITY } from '../membership-schemas.ts';
import {
  audienceChanges,
  FIRST_AUDIENCE,
  partnerErrorResponses,
  TOO_MANY_CHANGES,
  WRONG_VALUE,
} from '../third-party-schemas.ts';
import { DIALECT, TAG } from './schemas.ts';

const TYPES = ['string', 'time', 'number', 'boolean', 'location'];

const fieldsOf = (audienceId: TSchema) => ({
  attributes: Type.Optional(
    Nullable(Type.Object({}, { additionalProperties: true }), {
      description:
        'Values by attribute name; null removes one. Attributes that are not defined are created, with the type of their value',
    }),
  ),
  attributesInfo: Type.Optional(
    Nullable(
      Type.Array(
        Type.Object({
          name: Type.Optional(Nullable(Type.String({ description: 'Name of an attribute in `attributes`' }))),
          type: Type.Optional(
            Nullable(Type.Enum(TYPES, { description: 'Its type; types of lists cannot be declared' })),
          ),
        }),
      ),
      {
        description: 'Types of attributes about to be created; single values are converted to them. A later entry wins',
      },
    ),
  ),
  runRuleEngine: Type.Optional(
    Nullable(Type.Boolean(), {
      description: 'Updates lastActivity and applies `audiencesChanges`, which is otherwise only checked',
    }),
  ),
  audiencesChanges: Type.Optional(Nullable(Type.Object(audienceChanges(audienceId)))),
});

const AudienceItem = Type.Object(
  {
    name: NameText({ description: 'Display name; an audience that has another one is renamed' }),
    integrationId: Type.Optional(
      Nullable(IdText(), {
        description:
          'ID of the audience in Segment. In a new one, everything but A–Z, a–z and 0–9 becomes `_`. Default: the name, converted in the same way',
      }),
    ),
  },
  { title: 'AudienceItem' },
);

const common = {
  tags: [TAG],
  security: SECURITY,
  headers: DIALECT.headers,
  params: PROFILE_PARAMETER,
  deprecated: true,
};

const CREATION_ERRORS: readonly ErrorExample[] = [
  {
    status: 400,
    when: 'An attribute cannot be created: its name is invalid, no type can be inferred from its value, or there are too many',
    example:
      "Attribute 'Preferences' is not defined, and its type cannot be inferred from an object (define it first, under Attributes in the console)",
  },
  WRONG_VALUE,
  TOO_MANY_CHANGES,
];

const updateFields = {
  customerProfile: ThirdPartyProfile,
  createdAttributes: Type.Array(AttributeSchema, { description: 'Attributes that this request created' }),
};

const exampleProfile = {
  id: 9031,
  created: '2026-03-02T08:14:55.120Z',
  accountId: 1,
  integrationId: 'cust-48213',
  attributes: { Tier: 'gold' },
  closedSessions: 0,
  totalSales: 0,
  audienceMemberships: [{ id: FIRST_AUDIENCE.id, name: 'First audience' }],
  lastActivity: '2026-05-11T10:00:03.441Z',
};

const answer = (title: string, fields: Record<string, TSchema>, example: object) => ({
  200: {
    description: 'Applied; returns the profile as it is right after this request',
    content: {
      'application/json': {
        schema: Type.Object({ ...updateFields, ...fields }, { title }),
        example: { customerProfile: exampleProfile, createdAttributes: [], ...example },
      },
    },
  },
});

const LIMITS = `One request creates at most ${MAX_CREATED_PER_REQUEST} attributes, and none once ${MAX_DEFINED_BY_PLATFORMS} are defined.`;

export const definingUpdateSchema = {
  operationId: 'segment/updateCustomerProfile',
  summary: 'Update customer profile, creating its attributes',
  description: `Creates the profile if it is unknown, and undefined attributes. Audiences are identified by their internal IDs and must exist. Either everything is applied or nothing. ${LIMITS}`,
  ...common,
  body: Type.Object(fieldsOf(internalIdOf(DIALECT)), {
    title: 'SegmentDefiningProfileRequest',
    examples: [{ attributes: { Tier: 'gold' }, runRuleEngine: true, audiencesChanges: { adds: [FIRST_AUDIENCE.id] } }],
  }),
  response: {
    ...answer('CustomerProfileResponse', {}, {}),
    ...partnerErrorResponses(DIALECT.errors, [
      ...CREATION_ERRORS,
      { ...DIALECT.unknownAudience, example: 'Audience 99999 not found' },
    ]),
  },
};

export const namingUpdateSchema = {
  operationId: 'segment/updateCustomerProfileV2',
  summary: 'Update customer profile, creating its attributes and audiences',
  description: `Creates the profile if it is unknown, and undefined attributes and audiences: audiences even if they are only in \`deletes\`, or \`runRuleEngine\` is false. Either everything is applied or nothing. ${LIMITS}`,
  ...common,
  body: Type.Object(fieldsOf(AudienceItem), {
    title: 'SegmentCustomerProfileRequestV2',
    examples: [
      {
        attributes: { Tier: 'gold' },
        runRuleEngine: true,
        audiencesChanges: { adds: [{ name: 'First audience', integrationId: FIRST_AUDIENCE.externalId }] },
      },
    ],
  }),
  response: {
    ...answer(
      'CustomerProfileResponseV2',
      {
        audiences: Type.Array(
          Type.Object(
            {
              id: Id({ description: 'Internal ID' }),
              created: Timestamp('Time the audience was created'),
              name: Type.String(),
              integration: Type.String({ description: 'The platform it belongs to' }),
              integrationId: Type.String({ description: 'The ID of the audience in Segment' }),
              status: Type.Enum(['unmodified', 'updated', 'new'], {
                description: 'Whether this request created or renamed it',
              }),
            },
            { title: 'MultipleAudiencesItem' },
          ),
          { description: 'The audiences that the request names, each once' },
        ),
      },
      {
        audiences: [
          {
            id: 57,
            created: '2026-05-11T09:58:21.300Z',
            name: 'My Travel audience1',
            integration: 'segment',
            integrationId: 'My_Travel_audience1',
            status: 'new',
          },
        ],
      },
    ),
    ...partnerErrorResponses(DIALECT.errors, [
      ...CREATION_ERRORS,
      {
        status: 400,
        when: 'Two audiences would have the same ID',
        example: "Audiences 'Été' and 'Âtà' would both have the ID '_t_' (give each an integrationId of its own)",
      },
    ]),
  },
};
