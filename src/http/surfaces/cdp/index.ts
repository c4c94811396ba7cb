/** The generic CDP integration of the Third-party API: its seven operations, and one path alias. */

import type { FastifyInstance } from 'fastify';
import { invalid } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import { createAudience, deleteAudience, updateAudience } from '../../../domain/memberships/audience-administration.ts';
import type { AudienceRef } from '../../../domain/memberships/commands.ts';
import { updateMemberships, updateProfile } from '../../../domain/memberships/profiles.ts';
import { describeKey } from '../../auth.ts';
import { callerOf, environmentOf, writesOf } from '../../caller.ts';
import { API_KEY_HEADER, API_KEY_SCHEMES } from '../../credentials.ts';
import { THIRD_PARTY_ERROR } from '../../error-bodies.ts';
import { inexactAttributes } from '../../exact-numbers.ts';
import { checkPathId } from '../../path-ids.ts';
import { refuseWrongQuery, type WithQuery } from '../../query-strings.ts';
import type { Surface, SurfaceParts } from '../../surface.ts';
import { readThirdPartyHeaders } from '../third-party-headers.ts';
import {
  aliasMembershipsSchema,
  createAudienceSchema,
  deleteAudienceSchema,
  externalMembershipsSchema,
  internalMembershipsSchema,
  profileAudiencesSchema,
  renameAudienceSchema,
  TAG,
  toWireAudience,
  toWireState,
  updateProfileQuery,
  updateProfileSchema,
} from './schemas.ts';

interface Changes {
  adds?: AudienceRef[] | null;
  deletes?: AudienceRef[] | null;
}

interface ProfileBody {
  attributes?: Record<string, JsonValue> | null;
  runRuleEngine?: boolean | null;
  audiencesChanges?: Changes | null;
}

interface MembershipsBody {
  data: (Changes & { customerProfileId: string })[];
}

interface AudienceBody {
  audienceId?: string;
  audienceName: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The calling platform: the namespace of external audience IDs. */
    platformName: string;
  }
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
  app.decorateRequest('platformName', '');

  // The published order: the caller and its rate (401, 429) have been checked; headers, query and path (400, 404) are
  // checked here, and the body afterwards.
  app.addHook('onRequest', async (request, reply) => {
    const params = request.params as Record<string, string>;
    const integrationId = params['customerProfileId'];
    if (integrationId !== undefined) limits.enterProfile(reply, environmentOf(request), integrationId);
    request.platformName = readThirdPartyHeaders(request.headers, config);
    for (const [name, value] of Object.entries(params)) checkPathId(name, value);
    refuseWrongQuery(request);
  });

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
        skipUndefinedAttributes: request.query.skipNonExistingAttributes,
        runRuleEngine: runRuleEngine ?? false,
        adds: audiencesChanges?.adds ?? [],
        deletes: audiencesChanges?.deletes ?? [],
      });
      return toWireState(profile);
    },
  );

  app.put<{ Params: { customerProfileId: string }; Body: { data: Changes } }>(
    '/cdp/customer_profile/:customerProfileId/audiences',
    { schema: profileAudiencesSchema },
    async (request) => {
      const profile = await updateProfile(writesOf(core, request), callerOf(request), {
        integrationId: request.params.customerProfileId,
        integration: request.platformName,
        runRuleEngine: true,
        adds: request.body.data.adds ?? [],
        deletes: request.body.data.deletes ?? [],
      });
      return toWireState(profile);
    },
  );

  const bulkRoutes = [
    { url: '/cdp/customer_profiles/audiences', schema: internalMembershipsSchema, config: {} },
    {
      url: '/cdp/customer_profile/audiences',
      schema: aliasMembershipsSchema,
      // The alias counts as what it stands for.
      config: { operation: 'cdp/updateCustomerProfilesAudiences' },
    },
    { url: '/cdp/v2/customer_profiles/audiences', schema: externalMembershipsSchema, config: {} },
  ];
  for (const { url, schema, config: routeConfig } of bulkRoutes) {
    app.put<{ Body: MembershipsBody }>(url, { schema, config: routeConfig }, async (request, reply) => {
      await updateMemberships(writesOf(core, request), callerOf(request), {
        integration: request.platformName,
        items: request.body.data.map(({ customerProfileId, adds, deletes }) => ({
          integrationId: customerProfileId,
          adds: adds ?? [],
          deletes: deletes ?? [],
        })),
      });
      return reply.code(204).send();
    });
  }

  app.post<{ Body: { audienceId: string; audienceName: string } }>(
    '/cdp/audiences',
    { schema: createAudienceSchema },
    async (request, reply) => {
      const { audienceId, audienceName } = request.body;
      const audience = await createAudience(writesOf(core, request), callerOf(request), {
        integration: request.platformName,
        integrationId: audienceId,
        name: audienceName,
      });
      return reply.code(201).send(toWireAudience(audience));
    },
  );

  app.put<{ Params: { audienceId: string }; Body: AudienceBody }>(
    '/cdp/audiences/:audienceId',
    { schema: renameAudienceSchema },
    async (request) => {
      const { audienceId } = request.params;
      const { audienceId: sent, audienceName } = request.body;
      if (sent !== undefined && sent !== null && sent !== audienceId) {
        throw invalid('audienceId: must equal the ID in the path', { pointer: '/audienceId' });
      }
      const target = { integration: request.platformName, integrationId: audienceId };
      const audience = await updateAudience(writesOf(core, request), callerOf(request), target, { name: audienceName });
      return toWireAudience(audience);
    },
  );

  app.delete<{ Params: { audienceId: string } }>(
    '/cdp/audiences/:audienceId',
    { schema: deleteAudienceSchema },
    async (request, reply) => {
      const { audienceId } = request.params;
      await deleteAudience(writesOf(core, request), callerOf(request), {
        integration: request.platformName,
        integrationId: audienceId,
      });
      return reply.code(204).send();
    },
  );
}
