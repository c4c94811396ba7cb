/** The API that Segment calls: the operations of the generic CDP integration, in the namespace `segment`. */

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
import { addMembershipRoutes, checkRequests, type SentChanges } from '../membership-routes.ts';
import { requireDestination } from '../third-party-headers.ts';
import { toWireState } from '../third-party-schemas.ts';
import { refuseByName } from '../unserved-operations.ts';
import { addDefiningRoutes } from './defining-updates.ts';
import {
  DIALECT,
  MEMBERSHIP_SCHEMAS,
  NAMESPACE,
  TAG,
  type updateProfileQuery,
  updateProfileSchema,
} from './schemas.ts';

interface ProfileBody {
  attributes?: Record<string, JsonValue> | null;
  runRuleEngine?: boolean | null;
  audiencesChanges?: SentChanges | null;
}

const PROFILE = '/segment/v2/customer_profiles/:customerProfileId';
const PROMOTION = 'it belongs to a promotion engine; /docs lists the operations on profiles and audiences';

/** The Segment integration. */
export const SEGMENT: Surface = {
  name: 'segment',
  roots: ['segment'],
  errorBody: THIRD_PARTY_ERROR,
  keys: {
    credential: API_KEY_HEADER,
    refuses(key) {
      if (key.platform === 'segment' && key.type === '') return undefined;
      return `API key is not valid for Segment (it is ${describeKey(key)}; create one of platform Segment)`;
    },
  },
  logged: true,
  replayHeaders: ['destination-hostname'],
  idRoutes: [
    { prefix: '/segment/v2/customer_profiles/', suffixes: [] },
    { prefix: '/segment/customer_profiles/', suffixes: ['/audiences'] },
    { prefix: '/segment/customer_profile/', suffixes: [] },
    { prefix: '/segment/customer_profile_v2/', suffixes: [] },
    { prefix: '/segment/audiences/', suffixes: [] },
  ],
  hints: [
    {
      pattern: /^\/+segment\/(v2\/)?customer_profiles?\/[^/]+\/.+/,
      hint: "a '/' inside an ID is written %2F; profiles are PUT /segment/v2/customer_profiles/{customerProfileId}, their audiences PUT /segment/customer_profiles/{customerProfileId}/audiences",
    },
    {
      pattern: /^\/+segment\/(v2\/)?customer_profiles?(\/|$)/,
      hint: 'one profile is PUT /segment/v2/customer_profiles/{customerProfileId}, many are PUT /segment/customer_profiles/audiences',
    },
    { pattern: /^\/+segment\/audiences\/.+\/.+/, hint: "a '/' inside an ID is written %2F" },
  ],
  tags: [
    {
      name: TAG,
      description: 'For Segment, which sends profiles and audiences. Requires a key of the platform Segment.',
    },
  ],
  securitySchemes: API_KEY_SCHEMES,
  register: registerRoutes,
};

async function registerRoutes(app: FastifyInstance, { core, limits, config }: SurfaceParts): Promise<void> {
  checkRequests(app, limits, ({ headers }) => {
    requireDestination(headers, config);
    return NAMESPACE;
  });

  app.put<{ Params: { customerProfileId: string }; Body: ProfileBody } & WithQuery<typeof updateProfileQuery>>(
    PROFILE,
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
        audiencesAndRules: 'need',
        adds: audiencesChanges?.adds ?? [],
        deletes: audiencesChanges?.deletes ?? [],
      });
      return toWireState(profile);
    },
  );

  addMembershipRoutes(app, core, DIALECT, MEMBERSHIP_SCHEMAS);
  addDefiningRoutes(app, core);

  refuseByName(app, [
    { method: 'PUT', url: '/segment/event', operation: 'segment/trackEvent', reason: PROMOTION },
    { method: 'PUT', url: '/segment/v2/events', operation: 'segment/trackEventV2', reason: PROMOTION },
    {
      method: 'PUT',
      url: '/segment/customer_sessions/:customerSessionId',
      operation: 'segment/updateCustomerSession',
      reason: PROMOTION,
    },
    {
      method: 'PUT',
      url: '/segment/v2/customer_sessions/:customerSessionId',
      operation: 'segment/v2/updateCustomerSession',
      reason: PROMOTION,
    },
  ]);
}
