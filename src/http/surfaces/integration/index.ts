/** The Integration API: its keys and its reads; the other files in this folder contain its writes. */

import type { FastifyInstance } from 'fastify';
import type { AudienceReference } from '../../../domain/definitions/audiences.ts';
import { findAudiencesOf, findProfile } from '../../../domain/memberships/profiles.ts';
import { describeKey } from '../../auth.ts';
import { environmentOf } from '../../caller.ts';
import { API_KEY_HEADER, API_KEY_SCHEMES } from '../../credentials.ts';
import { INTEGRATION_ERROR } from '../../error-bodies.ts';
import { immediately } from '../../immediate-hook.ts';
import { checkPathIds } from '../../path-ids.ts';
import type { WithQuery } from '../../query-strings.ts';
import type { Surface, SurfaceParts } from '../../surface.ts';
import { audienceAttributeRoutes } from './audience-attributes.ts';
import { audienceRoutes } from './audiences.ts';
import { erasureRoutes } from './erasure.ts';
import { profileUpdateRoutes } from './profile-updates.ts';
import { toIntegrationProfile } from './profile-updates-schemas.ts';
import { refusePromotionOperations } from './promotion-operations.ts';
import { TAG } from './responses.ts';
import {
  audiencesSchema,
  authpingSchema,
  InventoryKinds,
  type inventoryQuery,
  inventorySchema,
  lookupSchema,
  OURS,
} from './schemas.ts';

// Kinds this server does not keep are there, and empty.
const EMPTY_KINDS = {
  referrals: [],
  coupons: [],
  loyalty: { programs: {} },
  giveaways: [],
  achievements: [],
} as const;

function toItem({ id, integration, integrationId, name }: AudienceReference) {
  return { id, integration, integrationId, name };
}

const NOT_FOR_TEST_KEYS =
  'API key is a Test key, which only tries out updates: PUT /v2/customer_profiles/{integrationId} with runRuleEngine=true, and nothing is kept; create a Production key for the rest';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Which keys besides generic ones that may write may use a route of the Integration API: any valid key, read-only ones, or Test
     * keys.
     */
    access?: 'any' | 'read' | 'test';
  }
}

/** The Integration API. */
export const INTEGRATION: Surface = {
  name: 'integration',
  roots: ['v1', 'v2'],
  errorBody: INTEGRATION_ERROR,
  keys: {
    credential: API_KEY_HEADER,
    refuses(key, request, config) {
      const { access } = request.routeOptions.config;
      if (access === 'any') return undefined;
      if (key.type === 'staging') return access === 'test' ? undefined : NOT_FOR_TEST_KEYS;
      if (key.platform === 'none' || config.allowThirdPartyKeysOnIntegrationApi) {
        return access !== 'read' && key.readOnly ? 'API key is read-only' : undefined;
      }
      return `API key is not valid for the Integration API (it is ${describeKey(key)}; create one without a third-party integration)`;
    },
  },
  logged: true,
  idRoutes: [
    { prefix: '/v1/customer_profiles/', suffixes: ['/inventory', '/audiences'] },
    { prefix: '/v2/customer_profiles/', suffixes: [] },
    { prefix: '/v1/customer_data/', suffixes: [] },
  ],
  tags: [
    {
      name: OURS,
      description:
        'Who is in which audience, for applications to ask on every request. Requires a generic key, which may be read-only.',
    },
    { name: TAG, description: 'For applications. Requires a generic key.' },
  ],
  securitySchemes: API_KEY_SCHEMES,
  register: registerRoutes,
};

async function registerRoutes(app: FastifyInstance, parts: SurfaceParts): Promise<void> {
  const { core } = parts;
  app.addHook('onRequest', immediately(checkPathIds));

  app.get('/v2/authping', { schema: authpingSchema, config: { access: 'any' } }, async (_request, reply) =>
    reply.code(204).send(),
  );

  app.get<{ Params: { integrationId: string } } & WithQuery<typeof inventoryQuery>>(
    '/v1/customer_profiles/:integrationId/inventory',
    { schema: inventorySchema, config: { access: 'read' } },
    async (request) => {
      const wanted = InventoryKinds.filter((kind) => request.query[kind]);
      const profile = await findProfile(core, environmentOf(request), request.params.integrationId);
      const kinds = { ...EMPTY_KINDS, profile: toIntegrationProfile(profile) };
      return Object.fromEntries(wanted.map((kind) => [kind, kinds[kind]]));
    },
  );

  app.get<{ Params: { integrationId: string } }>(
    '/v1/customer_profiles/:integrationId/audiences',
    {
      schema: audiencesSchema,
      config: { extension: true, access: 'read' },
    },
    async (request) => {
      const [audiences = []] = await findAudiencesOf(core, environmentOf(request), [request.params.integrationId]);
      return { data: audiences.map(toItem) };
    },
  );

  app.post<{ Body: { integrationIds: string[] } }>(
    '/v1/customer_profiles/audiences/lookup',
    {
      schema: lookupSchema,
      config: { extension: true, access: 'read', reads: true },
    },
    async (request) => {
      const { integrationIds } = request.body;
      const found = await findAudiencesOf(core, environmentOf(request), integrationIds);
      return {
        data: integrationIds.map((integrationId, index) => ({
          integrationId,
          audiences: (found[index] ?? []).map(toItem),
        })),
      };
    },
  );

  await profileUpdateRoutes(app, parts);
  await audienceRoutes(app, parts);
  await audienceAttributeRoutes(app, parts);
  await erasureRoutes(app, parts);
  refusePromotionOperations(app);
}
