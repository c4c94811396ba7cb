/** Routes of the operations on audiences and memberships that the generic CDP integration and Segment share. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Core } from '../../domain/core.ts';
import { invalid } from '../../domain/errors.ts';
import { createAudience, deleteAudience, updateAudience } from '../../domain/memberships/audience-administration.ts';
import type { AudienceRef } from '../../domain/memberships/commands.ts';
import { updateMemberships, updateProfile } from '../../domain/memberships/profiles.ts';
import { callerOf, environmentOf, writesOf } from '../caller.ts';
import { immediately } from '../immediate-hook.ts';
import type { Limits } from '../limits.ts';
import { checkPathIds, markUnfilledId } from '../path-ids.ts';
import { refuseWrongQuery } from '../query-strings.ts';
import { answerRows, rowsIn } from '../rows.ts';
import type { bulkSchema, Dialect, membershipSchemas } from './membership-schemas.ts';
import { toWireAudience, toWireState } from './third-party-schemas.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The calling platform: the namespace of external audience IDs. */
    platformName: string;
  }
}

/** Audiences to join and to leave, as they are sent. */
export interface SentChanges {
  adds?: AudienceRef[] | null;
  deletes?: AudienceRef[] | null;
}

interface BulkRow extends SentChanges {
  customerProfileId: string;
}

interface BulkBody {
  data: BulkRow[];
}

interface AudienceBody {
  audienceId?: string;
  audienceName: string;
}

/**
 * Adds the checks that precede reading the body. Must come before the routes.
 * @param platformOf reads the headers @throws DomainError if they are invalid
 */
export function checkRequests(
  app: FastifyInstance,
  limits: Limits,
  platformOf: (request: FastifyRequest) => string,
): void {
  app.decorateRequest('platformName', '');
  // The published order: the caller and its rate (401, 429) have been checked; headers, query and path (400, 404) are
  // checked here, and the body afterwards.
  const check = (request: FastifyRequest, reply: FastifyReply): void => {
    const params = request.params as Record<string, string>;
    const integrationId = params['customerProfileId'];
    if (integrationId !== undefined) limits.enterProfile(reply, environmentOf(request), integrationId);
    request.platformName = platformOf(request);
    checkPathIds(request);
    refuseWrongQuery(request);
  };
  app.addHook('onRequest', immediately(check));
}

/**
 * Adds a route that changes the memberships of many profiles. @param operation the operation it counts as, for an alias
 */
export function addBulkRoute(
  app: FastifyInstance,
  core: Core,
  { url, schema, operation }: { url: string; schema: ReturnType<typeof bulkSchema>; operation?: string },
): void {
  const config = { rowList: 'data', rowId: 'customerProfileId', ...(operation !== undefined && { operation }) };
  app.put<{ Body: BulkBody }>(url, { schema, config }, async (request, reply) => {
    const { rows, handling } = rowsIn<BulkRow>(request);
    await updateMemberships(writesOf(core, request), callerOf(request), {
      integration: request.platformName,
      rows: handling,
      items: rows.map(({ customerProfileId, adds, deletes }) => {
        markUnfilledId(request, 'data[].customerProfileId', customerProfileId);
        return { integrationId: customerProfileId, adds: adds ?? [], deletes: deletes ?? [] };
      }),
    });
    return answerRows(request, reply, () => reply.code(204).send());
  });
}

/** Adds the routes of an API. */
export function addMembershipRoutes(
  app: FastifyInstance,
  core: Core,
  { root, profileAudiencesPath }: Dialect,
  schemas: ReturnType<typeof membershipSchemas>,
): void {
  const profileUrl = `/${root}/${profileAudiencesPath.replace('{customerProfileId}', ':customerProfileId')}`;
  app.put<{ Params: { customerProfileId: string }; Body: { data: SentChanges } }>(
    profileUrl,
    { schema: schemas.profileAudiences },
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

  addBulkRoute(app, core, { url: `/${root}/customer_profiles/audiences`, schema: schemas.internalMemberships });
  addBulkRoute(app, core, { url: `/${root}/v2/customer_profiles/audiences`, schema: schemas.externalMemberships });

  app.post<{ Body: { audienceId: string; audienceName: string } }>(
    `/${root}/audiences`,
    { schema: schemas.createAudience },
    async (request, reply) => {
      const { audienceId, audienceName } = request.body;
      markUnfilledId(request, 'audienceId', audienceId);
      const audience = await createAudience(writesOf(core, request), callerOf(request), {
        integration: request.platformName,
        integrationId: audienceId,
        name: audienceName,
      });
      return reply.code(201).send(toWireAudience(audience));
    },
  );

  const audienceUrl = `/${root}/audiences/:audienceId`;
  app.put<{ Params: { audienceId: string }; Body: AudienceBody }>(
    audienceUrl,
    { schema: schemas.renameAudience },
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
    audienceUrl,
    { schema: schemas.deleteAudience },
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
