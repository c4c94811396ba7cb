/** Schemas of the operation that Emarsys calls. */

import { Type } from 'typebox';
import { MAX_CHANGES_PER_REQUEST } from '../../../domain/environment.ts';
import { Parsed } from '../../query-parameters.ts';
import { Id, IdText } from '../../wire.ts';
import { DEPLOYMENT_FORM, deploymentHost } from '../third-party-headers.ts';
import { FIRST_AUDIENCE, partnerErrorResponses } from '../third-party-schemas.ts';

export const TAG = 'Third-party API: Emarsys';

export const deploymentQuery = Type.Object({
  deployment: Parsed(
    Type.String({
      description: 'The deployment addressed, with or without `https://`',
      examples: ['promo.example.com'],
      'x-expected': DEPLOYMENT_FORM,
    }),
    deploymentHost,
  ),
});

const ACTIONS = ['add', 'delete'];
const expected = { 'x-expected': 'the internal ID of an audience, such as "1"' };
// The contract documents a string, and its example is a number.
const AudienceNumber = Type.Union([Type.String({ pattern: '^[1-9]\\d{0,14}$', ...expected }), Id(expected)], {
  description: 'Internal ID of the audience, as text or as a number',
  ...expected,
});

const exampleItem = { customerProfileId: 'ada', audienceId: String(FIRST_AUDIENCE.id), actionType: 'add' };

export const updateMembershipsSchema = {
  operationId: 'emarsys/v2/updateCustomerProfilesAudiences',
  summary: 'Update audiences in multiple customer profiles',
  description:
    'Adds profiles to audiences and removes them. Unknown profiles are created. Either everything is applied or nothing.',
  tags: [TAG],
  security: [{ ApiKeyV1Basic: [] }, { ApiKeyV1: [] }],
  querystring: deploymentQuery,
  body: Type.Object(
    {
      parameters: Type.Array(
        Type.Object({
          customerProfileId: IdText({ description: 'Unknown profiles are created' }),
          audienceId: AudienceNumber,
          actionType: Type.Enum(ACTIONS),
        }),
        { maxItems: MAX_CHANGES_PER_REQUEST, description: 'Applied in order; a later entry wins' },
      ),
    },
    { title: 'EmarsysCustomerProfilesAudiencesRequest', examples: [{ parameters: [exampleItem] }] },
  ),
  response: {
    200: {
      description: 'Applied',
      content: {
        'application/json': {
          schema: Type.Object(
            {
              content: Type.Array(
                Type.Object({
                  customerProfileId: Type.String(),
                  audienceId: Type.String({ description: 'Internal ID of the audience' }),
                  actionType: Type.Enum(ACTIONS),
                }),
                { description: 'One for each entry of the request, in order' },
              ),
            },
            { title: 'EmarsysCustomerProfilesAudiencesResponse' },
          ),
          example: { content: [exampleItem] },
        },
      },
    },
    ...partnerErrorResponses(
      {
        deployment: {
          status: 400,
          when: 'The deployment is missing or is no host name',
          example: `Query parameter deployment: required; ${DEPLOYMENT_FORM}`,
        },
        otherKey: 'API key is not valid for Emarsys (it is a generic key; create one of platform Emarsys)',
      },
      [
        {
          status: 400,
          when: 'More entries than one request may contain',
          example: `parameters: 1204 entries; at most ${MAX_CHANGES_PER_REQUEST} per request: split it`,
        },
        { status: 404, when: 'An audience is unknown; nothing was applied', example: 'Audience 99999 not found' },
      ],
    ),
  },
};
