/** The generic CDP integration of the Third-party API: its seven operations, and one path alias. */

import type { FastifyInstance } from 'fastify';
import type { JsonValue } from '../../../domain/json-value.ts';
import { updateProfile } from '../../../domain/memberships/profiles.ts';
import { describeKey } from '../../auth.ts';
import { callerOf, keySkipsUndefined, writesOf } from '../../caller.ts';
import { API_KEY_HEADER, API_KEY_SCHEMES } from '../../credentials.ts';
import { THIRD_PARTY_ERROR } from '../../error-bodies.ts';
import { inexactAttributes } from '../../exact-numbers.ts';
import type { WithQuery } from '../../query-strings.ts';
import type { Surface, SurfaceParts } from '../../surface.ts';
import { addBulkRoute, addMembershipRoutes, checkRequests, type SentChanges } from '../membership-routes.ts';
import { readThirdPartyHeaders } from '../third-party-headers.ts';
import { toWireState } from '../third-party-schemas.ts';
import {
  aliasMembershipsSchema,
  DIALECT,
  MEMBERSHIP_SCHEMAS,
  TAG,
  updateProfileQuery,
  updateProfileSchema,
} from './schemas.ts';

interface ProfileBody {
  attributes?: Record<string, JsonValue> | null;
  runRuleEngine?: boolean | null;
  audiencesChanges?: SentChanges | null;
}

/** The generic CDP integration. */
export const CDP: Surface = {
  name: 'cdp',
  roots: ['cdp'],
  errorBody: THIRD_PARTY_ERROR,
  keys: {
    credential: API_KEY_HEADER,
    refuses(key) {
      if (key.platform === 'customer_data' && key.type === '') return undefined;
      return `API key is not valid for customer data platforms (it is ${describeKey(key)}; create one of platform Customer Data Platform)`;
    },
  },
  logged: true,
  replayHeaders: ['customer-data-platform-name', 'destination-hostname'],
  idRoutes: [
    { prefix: '/cdp/customer_profile/', suffixes: ['/audiences'] },
    { prefix: '/cdp/audiences/', suffixes: [] },
  ],
  hints: [
    {
      pattern: /^\/+cdp\/customer_profiles?\/[^/]+\/.+/,
      hint: "a '/' inside an ID is written %2F; profiles are PUT /cdp/customer_profile/{customerProfileId}, their audiences PUT /cdp/customer_profile/{customerProfileId}/audiences",
    },
    {
      pattern: /^\/+cdp\/customer_profiles\/[^/]+$/,
      hint: 'one profile is PUT /cdp/customer_profile/{customerProfileId}, many are PUT /cdp/customer_profiles/audiences',
    },
    { pattern: /^\/+cdp\/v2\//, hint: 'the v2 operation is PUT /cdp/v2/customer_profiles/audiences' },
    { pattern: /^\/+cdp\/audiences\/.+\/.+/, hint: "a '/' inside an ID is written %2F" },
  ],
  tags: [
    {
      name: TAG,
      description:
        'For customer data platforms, which send profiles and audiences. Requires a key of the platform Customer Data Platform.',
    },
  ],
  securitySchemes: API_KEY_SCHEMES,
  register: registerRoutes,
};

async function registerRoutes(app: FastifyInstance, { core, limits, config }: SurfaceParts): Promise<void> {
  checkRequests(app, limits, ({ headers }) => readThirdPartyHeaders(headers, config));

  app.put<{ Params: { customerProfileId: string }; Body: ProfileBody } & WithQuery<typeof updateProfileQuery>>(
    '/cdp/customer_profile/:customerProfileId',
    { schema: updateProfileSchema },
    async (request) => {
      const { attributes, runRuleEngine, audiencesChanges } = request.body;
      const profile = await updateProfile(writesOf(core, request), callerOf(request), {
        integrationId: request.params.customerProfileId,
        integration: request.platformName,
        attributes: attributes ?? undefined,
        inexactNumbers: inexactAttributes(request),
        skipUndefinedAttributes: request.query.skipNonExistingAttributes || keySkipsUndefined(request) === true,
        runRuleEngine: runRuleEngine ?? false,
        adds: audiencesChanges?.adds ?? [],
        deletes: audiencesChanges?.deletes ?? [],
      });
      return toWireState(profile);
    },
  );

  addMembershipRoutes(app, core, DIALECT, MEMBERSHIP_SCHEMAS);
  addBulkRoute(app, core, {
    url: '/cdp/customer_profile/audiences',
    schema: aliasMembershipsSchema,
    // The alias counts as the operation it stands for.
    operation: 'cdp/updateCustomerProfilesAudiences',
  });
}
