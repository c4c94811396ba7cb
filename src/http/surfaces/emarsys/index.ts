/** The API that Emarsys calls to add and remove audience members. */

import type { FastifyInstance } from 'fastify';
import { updateMemberships } from '../../../domain/memberships/profiles.ts';
import { describeKey } from '../../auth.ts';
import { callerOf, writesOf } from '../../caller.ts';
import { API_KEY_BASIC, API_KEY_BASIC_SCHEMES, API_KEY_SCHEMES } from '../../credentials.ts';
import { THIRD_PARTY_ERROR } from '../../error-bodies.ts';
import { markUnfilledId } from '../../path-ids.ts';
import { refuseWrongQuery, type WithQuery } from '../../query-strings.ts';
import { acceptedRows, answerRows, rowsIn } from '../../rows.ts';
import type { Surface, SurfaceParts } from '../../surface.ts';
import { requireServedHost } from '../third-party-headers.ts';
import { refuseByName } from '../unserved-operations.ts';
import { type deploymentQuery, TAG, updateMembershipsSchema } from './schemas.ts';

interface MembershipRow {
  customerProfileId: string;
  audienceId: string | number;
  actionType: 'add' | 'delete';
}

interface MembershipsBody {
  parameters: MembershipRow[];
}

const MEMBERSHIPS = '/emarsys/customer_profiles/audiences';
const PROMOTION = `it belongs to a promotion engine; audiences are updated by POST ${MEMBERSHIPS}`;

/** The Emarsys integration. */
export const EMARSYS: Surface = {
  name: 'emarsys',
  roots: ['emarsys'],
  errorBody: THIRD_PARTY_ERROR,
  keys: {
    credential: API_KEY_BASIC,
    refuses(key) {
      if (key.platform === 'emarsys' && key.type === '') return undefined;
      return `API key is not valid for Emarsys (it is ${describeKey(key)}; create one of platform Emarsys)`;
    },
  },
  logged: true,
  hints: [{ pattern: /^\/+emarsys(\/|$)/, hint: `what is served is POST ${MEMBERSHIPS}` }],
  tags: [{ name: TAG, description: 'For Emarsys, which sends memberships. Requires a key of the platform Emarsys.' }],
  securitySchemes: { ...API_KEY_SCHEMES, ...API_KEY_BASIC_SCHEMES },
  register: registerRoutes,
};

async function registerRoutes(app: FastifyInstance, { core, config }: SurfaceParts): Promise<void> {
  refuseByName(app, [
    {
      method: 'POST',
      url: '/emarsys/customer_profiles/coupons',
      operation: 'emarsys/customer_profiles/coupons',
      reason: PROMOTION,
    },
    {
      method: 'POST',
      url: '/emarsys/loyalty_programs/profile/balance',
      operation: 'emarsys/loyalty_programs/profile/balance',
      reason: PROMOTION,
    },
  ]);

  app.post<{ Body: MembershipsBody } & WithQuery<typeof deploymentQuery>>(
    MEMBERSHIPS,
    {
      schema: updateMembershipsSchema,
      config: { rowList: 'parameters', rowId: 'customerProfileId' },
      onRequest: async (request) => {
        // The deployment is checked before the body is read.
        requireServedHost(String(refuseWrongQuery(request)['deployment']), config.hostnames);
      },
    },
    async (request, reply) => {
      const { rows, handling } = rowsIn<MembershipRow>(request);
      await updateMemberships(writesOf(core, request), callerOf(request), {
        integration: 'emarsys',
        rows: handling,
        items: rows.map(({ customerProfileId, audienceId, actionType }) => {
          markUnfilledId(request, 'parameters[].customerProfileId', customerProfileId);
          return {
            integrationId: customerProfileId,
            adds: actionType === 'add' ? [Number(audienceId)] : [],
            deletes: actionType === 'delete' ? [Number(audienceId)] : [],
          };
        }),
      });
      const content = acceptedRows(request, rows).map((each) => ({
        customerProfileId: each.customerProfileId,
        audienceId: String(each.audienceId),
        actionType: each.actionType,
      }));
      return answerRows(request, reply, () => ({ content }));
    },
  );
}
