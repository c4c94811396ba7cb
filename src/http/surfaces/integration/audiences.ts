/** Operations by which applications change audiences and their members. */

import type { FastifyInstance } from 'fastify';
import { withSize } from '../../../domain/definitions/audiences.ts';
import { invalid } from '../../../domain/errors.ts';
import {
  createAudienceFor,
  deleteAudience,
  emptyAudience,
  updateAudience,
} from '../../../domain/memberships/audience-administration.ts';
import { findAudienceWithSize } from '../../../domain/memberships/audience-lists.ts';
import { updateMemberships } from '../../../domain/memberships/profiles.ts';
import { toWireAudience } from '../../audience-wire.ts';
import { callerOf, environmentOf, writesOf } from '../../caller.ts';
import { markUnfilledId, readPathNumber } from '../../path-ids.ts';
import { answerRows, rowsIn } from '../../rows.ts';
import type { SurfaceParts } from '../../surface.ts';
import {
  type ActionsBody,
  createAudienceSchema,
  deleteAudienceSchema,
  emptyAudienceSchema,
  type NewAudienceBody,
  type RenameBody,
  updateAudienceSchema,
  updateMembershipsSchema,
} from './audiences-schemas.ts';
import { invalidWhenNamedInBody } from './named-in-body.ts';

export async function audienceRoutes(app: FastifyInstance, { core }: SurfaceParts): Promise<void> {
  app.post<{ Body: NewAudienceBody }>('/v2/audiences', { schema: createAudienceSchema }, async (request, reply) => {
    const { name, sandbox, description, integration, integrationId, subscribedApplicationsIds, createdIn3rdParty } =
      request.body;
    const environment = environmentOf(request);
    if (typeof sandbox === 'boolean' && sandbox !== (environment === 'sandbox')) {
      throw invalid(`sandbox: the key belongs to the ${environment} environment`, { pointer: '/sandbox' });
    }
    if (typeof integrationId === 'string') markUnfilledId(request, 'integrationId', integrationId);
    const creation = createAudienceFor(writesOf(core, request), callerOf(request), {
      name,
      description: description ?? undefined,
      integration: integration ?? undefined,
      integrationId: integrationId ?? undefined,
      applicationIds: subscribedApplicationsIds ?? undefined,
      createdInThirdParty: createdIn3rdParty ?? false,
    });
    const created = await invalidWhenNamedInBody(creation);
    return reply.code(201).send(toWireAudience(withSize(created, 0, 0)));
  });

  app.put<{ Body: RenameBody }>('/v2/audiences/:audienceId', { schema: updateAudienceSchema }, async (request) => {
    const audienceId = readPathNumber(request, 'audienceId');
    const { name, subscribedApplicationsIds } = request.body;
    const change = { name, applicationIds: subscribedApplicationsIds ?? undefined };
    await invalidWhenNamedInBody(updateAudience(writesOf(core, request), callerOf(request), { audienceId }, change));
    return toWireAudience(await findAudienceWithSize(core, audienceId));
  });

  app.delete('/v2/audiences/:audienceId', { schema: deleteAudienceSchema }, async (request, reply) => {
    const audienceId = readPathNumber(request, 'audienceId');
    await deleteAudience(writesOf(core, request), callerOf(request), { audienceId });
    return reply.code(204).send();
  });

  app.delete('/v2/audiences/:audienceId/memberships', { schema: emptyAudienceSchema }, async (request, reply) => {
    const audienceId = readPathNumber(request, 'audienceId');
    await emptyAudience(writesOf(core, request), callerOf(request), { audienceId });
    return reply.code(204).send();
  });

  app.post<{ Body: ActionsBody }>(
    '/v2/customer_audiences',
    { schema: updateMembershipsSchema, config: { rowList: 'data', rowId: 'profileIntegrationId' } },
    async (request, reply) => {
      const { rows, handling } = rowsIn<ActionsBody['data'][number]>(request);
      const items = rows.map(({ action, profileIntegrationId: integrationId, audienceId }) => {
        markUnfilledId(request, 'data[].profileIntegrationId', integrationId);
        return action === 'add'
          ? { integrationId, adds: [audienceId], deletes: [] }
          : { integrationId, adds: [], deletes: [audienceId] };
      });
      await updateMemberships(writesOf(core, request), callerOf(request), {
        integration: '',
        items,
        skipsUnknownProfiles: true,
        rows: handling,
      });
      return answerRows(request, reply, () => reply.code(204).send());
    },
  );
}
