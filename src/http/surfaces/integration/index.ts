/** The Integration API's reading part: key check, inventory, and our own hot reads of who is in which audience. */

import type { FastifyInstance } from 'fastify';
import { type TBoolean, type TSchema, Type } from 'typebox';
import type { AudienceReference } from '../../../domain/definitions/audiences.ts';
import { MAX_ITEMS_PER_REQUEST } from '../../../domain/environment.ts';
import { findAudiencesOf, findProfile } from '../../../domain/memberships/profiles.ts';
import { describeKey } from '../../auth.ts';
import { environmentOf } from '../../caller.ts';
import { API_KEY_HEADER, API_KEY_SCHEMES } from '../../credentials.ts';
import { INTEGRATION_ERROR } from '../../error-bodies.ts';
import { checkPathId } from '../../path-ids.ts';
import { type Defaulted, Flag } from '../../query-parameters.ts';
import type { WithQuery } from '../../query-strings.ts';
import type { Surface, SurfaceParts } from '../../surface.ts';
import { type ErrorExample, errorResponses, Id, IdText, IntegrationProfile, toWireProfile } from '../../wire.ts';

const TAG = 'Integration API';
const OURS = 'Hot reads';
const security = [{ ApiKeyV1: [] }];

const COMMON: readonly ErrorExample[] = [
  { status: 400, when: 'The request is malformed', example: 'Request validation failed' },
  {
    status: 401,
    when: 'The key is missing, unknown, expired, deleted or of another kind',
    example: 'API key missing, unknown or expired',
  },
  { status: 429, when: 'Too many requests per second', example: 'Too many requests' },
];
const errors = (...own: ErrorExample[]) => errorResponses(INTEGRATION_ERROR, [...own, ...COMMON]);

const answer = (description: string, schema: TSchema, example: unknown) => ({
  200: { description, content: { 'application/json': { schema, example } } },
});

const InventoryKinds = ['profile', 'referrals', 'coupons', 'loyalty', 'giveaways', 'achievements'] as const;
// Kinds this server does not keep are there, and empty.
const EMPTY_KINDS = {
  referrals: [],
  coupons: [],
  loyalty: { programs: {} },
  giveaways: [],
  achievements: [],
} as const;

const AudienceItem = Type.Object(
  {
    id: Id({ description: 'Internal number' }),
    integration: Type.Optional(Type.String({ description: 'The platform it came from' })),
    integrationId: Type.Optional(Type.String({ description: "The platform's own ID" })),
    name: Type.String(),
  },
  { title: 'AudienceReference' },
);

const exampleItem = { id: 57, integration: 'Northwind CDP', integrationId: 'winback-eu', name: 'Win-back EU' };
const exampleProfile = {
  id: 9031,
  created: '2026-03-02T08:14:55.120Z',
  accountId: 1,
  integrationId: 'cust-48213',
  attributes: { Tier: 'gold' },
  closedSessions: 0,
  totalSales: 0,
  audienceMemberships: [{ id: 57, name: 'Win-back EU' }],
  lastActivity: '2026-05-11T10:00:03.441Z',
  sandbox: false,
};

const anyArray = () =>
  Type.Optional(Type.Array(Type.Object({}, { additionalProperties: true }), { description: 'Always empty' }));

const inventoryQuery = Type.Object(
  Object.fromEntries(
    InventoryKinds.map((kind) => [
      kind,
      Flag(kind === 'profile' ? 'True adds the customer profile' : `True adds \`${kind}\`, empty here`),
    ]),
  ) as Record<(typeof InventoryKinds)[number], Defaulted<TBoolean>>,
);

const inventorySchema = {
  operationId: 'getCustomerInventory',
  summary: 'Get what a customer profile holds',
  description: 'Each query parameter that is true adds the field of its name. None of them: an empty object.',
  tags: [TAG],
  security,
  params: Type.Object({ integrationId: IdText() }),
  querystring: inventoryQuery,
  response: {
    ...answer(
      'What was asked for',
      Type.Object(
        {
          profile: Type.Optional(IntegrationProfile),
          referrals: anyArray(),
          coupons: anyArray(),
          loyalty: Type.Optional(Type.Object({ programs: Type.Object({}) })),
          giveaways: anyArray(),
          achievements: anyArray(),
        },
        { title: 'CustomerInventory' },
      ),
      { profile: exampleProfile },
    ),
    ...errors({ status: 404, when: 'The profile is unknown', example: "Customer profile 'cust-1' not found" }),
  },
};

const authpingSchema = {
  operationId: 'authping',
  summary: 'Check a key',
  description: 'Any key that is alive is answered with 204.',
  tags: [TAG],
  security,
  response: { 204: Type.Null({ description: 'The key is alive' }), ...errors() },
};

const audiencesSchema = {
  operationId: 'getCustomerProfileAudiences',
  summary: 'Audiences of a customer profile',
  description: 'Ascending by ID. Empty for a profile nobody has heard of.',
  tags: [OURS],
  security,
  params: Type.Object({ integrationId: IdText() }),
  response: {
    ...answer('Its audiences', Type.Object({ data: Type.Array(AudienceItem) }, { title: 'CustomerProfileAudiences' }), {
      data: [exampleItem],
    }),
    ...errors(),
  },
};

const lookupSchema = {
  operationId: 'lookupCustomerProfileAudiences',
  summary: 'Audiences of many customer profiles',
  description: 'All of them as they are at one moment. Empty for a profile nobody has heard of.',
  tags: [OURS],
  security,
  body: Type.Object(
    { integrationIds: Type.Array(IdText(), { maxItems: MAX_ITEMS_PER_REQUEST }) },
    { title: 'AudiencesLookup', examples: [{ integrationIds: ['cust-48213', 'cust-50077'] }] },
  ),
  response: {
    ...answer(
      'The audiences of each profile',
      Type.Object(
        {
          data: Type.Array(
            Type.Object(
              { integrationId: Type.String(), audiences: Type.Array(AudienceItem) },
              { title: 'LookedUpCustomerProfile' },
            ),
            { description: 'One entry per ID, in the order asked' },
          ),
        },
        { title: 'AudiencesLookupResult' },
      ),
      {
        data: [
          { integrationId: 'cust-48213', audiences: [exampleItem] },
          { integrationId: 'cust-50077', audiences: [] },
        ],
      },
    ),
    ...errors({ status: 413, when: 'The body is too large', example: 'Body exceeds 10 MiB' }),
  },
};

function toItem({ id, integration, integrationId, name }: AudienceReference) {
  return { id, integration, integrationId, name };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Which keys open a route of the Integration API: any that is alive, or generic ones, read-only ones included. */
    access?: 'any' | 'read';
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
      if (key.type === '' && (key.platform === 'none' || config.allowThirdPartyKeysOnIntegrationApi)) {
        return access !== 'read' && key.readOnly ? 'API key is read-only' : undefined;
      }
      return `API key is not valid for the Integration API (it is ${describeKey(key)}; create one without a third-party integration)`;
    },
  },
  logged: true,
  idRoutes: [{ prefix: '/v1/customer_profiles/', suffixes: ['/inventory', '/audiences'] }],
  tags: [
    {
      name: OURS,
      description:
        'Who is in which audience, for applications to ask on every request. Opened by generic keys, read-only ones included.',
    },
    { name: TAG, description: 'What applications call. Opened by generic keys.' },
  ],
  securitySchemes: API_KEY_SCHEMES,
  register: registerRoutes,
};

async function registerRoutes(app: FastifyInstance, { core }: SurfaceParts): Promise<void> {
  app.addHook('onRequest', async (request) => {
    for (const [name, value] of Object.entries(request.params as Record<string, string>)) checkPathId(name, value);
  });

  app.get('/v2/authping', { schema: authpingSchema, config: { access: 'any' } }, async (_request, reply) =>
    reply.code(204).send(),
  );

  app.get<{ Params: { integrationId: string } } & WithQuery<typeof inventoryQuery>>(
    '/v1/customer_profiles/:integrationId/inventory',
    { schema: inventorySchema, config: { access: 'read' } },
    async (request) => {
      const wanted = InventoryKinds.filter((kind) => request.query[kind]);
      const profile = await findProfile(core, environmentOf(request), request.params.integrationId);
      const wire = { ...toWireProfile(profile), sandbox: profile.environment === 'sandbox' };
      const kinds = { ...EMPTY_KINDS, profile: wire };
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
}
