/** Operations by which applications update customer profiles: one with its audiences, or the attributes of many. */

import type { FastifyInstance } from 'fastify';
import { DomainError, invalid } from '../../../domain/errors.ts';
import type { AudienceRef } from '../../../domain/memberships/commands.ts';
import { updateProfiles } from '../../../domain/memberships/profile-lists.ts';
import { updateProfile } from '../../../domain/memberships/profiles.ts';
import { callerOf, environmentOf, hasTestKey, keySkipsUndefined, writesOf } from '../../caller.ts';
import { inexactAttributes, inexactNumbersIn } from '../../exact-numbers.ts';
import { announceRepeat, idempotencyOf, readIdempotencyKey } from '../../idempotency.ts';
import { emptyPathId, markUnfilledId } from '../../path-ids.ts';
import { refuseWrongQuery, type WithQuery } from '../../query-strings.ts';
import { answerRows, rowsIn } from '../../rows.ts';
import type { SurfaceParts } from '../../surface.ts';
import { invalidWhenNamedInBody } from './named-in-body.ts';
import {
  type ResponseContent,
  toIntegrationProfile,
  toUpdateAnswer,
  type UpdateBody,
  type UpdateManyBody,
  updateManyQuery,
  updateProfileSchema,
  updateProfilesSchema,
  updateQuery,
} from './profile-updates-schemas.ts';

/** The content of an answer without `responseContent`, or if it does not count. */
const PROFILE_ONLY: readonly ResponseContent[] = ['customerProfile'];

export async function profileUpdateRoutes(app: FastifyInstance, { core, limits }: SurfaceParts): Promise<void> {
  app.put<{ Params: { integrationId: string }; Body: UpdateBody } & WithQuery<typeof updateQuery>>(
    '/v2/customer_profiles/:integrationId',
    {
      schema: updateProfileSchema,
      config: { access: 'test' },
      onRequest: async (request, reply) => {
        limits.enterProfile(reply, environmentOf(request), request.params.integrationId, busyProfile);
        readIdempotencyKey(request);
        refuseWrongQuery(request);
      },
    },
    async (request, reply) => {
      const { runRuleEngine } = request.query;
      const isTest = hasTestKey(request);
      const dry = request.query.dry || isTest;
      if (isTest && !runRuleEngine) {
        const why = 'a Test key only tries out updates, so it must be true';
        throw invalid(`Query parameter runRuleEngine: ${why}`, { parameter: 'runRuleEngine' });
      }
      if (dry && !runRuleEngine) {
        // Applying what was meant as a trial would be worse.
        throw invalid('Query parameter dry: requires runRuleEngine=true', { parameter: 'dry' });
      }
      const { attributes, audiencesChanges, responseContent } = request.body;
      const { adds, deletes } = { adds: audiencesChanges?.adds ?? [], deletes: audiencesChanges?.deletes ?? [] };
      const update = updateProfile(writesOf(core, request), callerOf(request, { dry }), {
        integrationId: request.params.integrationId,
        integration: '',
        attributes: attributes ?? undefined,
        inexactNumbers: inexactAttributes(request),
        adds,
        deletes,
        runRuleEngine,
        audiencesAndRules: 'independent',
        skipUndefinedAttributes: keySkipsUndefined(request),
        // A dry run has no effect that a repeat could duplicate.
        idempotency: dry ? undefined : idempotencyOf(request),
      });
      const places = (ref: AudienceRef) => [
        ...pointersTo(ref, adds, '/audiencesChanges/adds'),
        ...pointersTo(ref, deletes, '/audiencesChanges/deletes'),
      ];
      const profile = await invalidWhenNamedInBody(update, places);
      announceRepeat(request, reply);
      return toUpdateAnswer(profile, (runRuleEngine ? responseContent : undefined) ?? PROFILE_ONLY);
    },
  );

  app.put<{ Body: UpdateManyBody } & WithQuery<typeof updateManyQuery>>(
    '/v2/customer_profiles',
    {
      schema: updateProfilesSchema,
      config: { rowList: 'customerProfiles', rowId: 'integrationId' },
      onRequest: async (request) => {
        readIdempotencyKey(request);
        refuseWrongQuery(request);
      },
      preValidation: (request, _reply, done) => {
        // This is also the path of one profile with an empty ID.
        const { originalUrl, body } = request;
        const isOne = /\/(\?|$)/.test(originalUrl) && !Object.hasOwn(Object(body) as object, 'customerProfiles');
        done(isOne ? emptyPathId('integrationId') : undefined);
      },
    },
    async (request, reply) => {
      const isAnswered = request.query.silent === 'no';
      const { rows, handling } = rowsIn<UpdateManyBody['customerProfiles'][number]>(request);
      const inexact = inexactNumbersIn(request, (body) =>
        // If rows are judged one by one, not all of them need to be objects.
        (body as UpdateManyBody).customerProfiles.map((row: { attributes?: unknown } | null) => row?.attributes),
      );
      const items = rows.map(({ integrationId, attributes }, index) => {
        markUnfilledId(request, 'customerProfiles[].integrationId', integrationId);
        const inexactNumbers = inexact?.[handling?.places[index] ?? index];
        return { integrationId, attributes: attributes ?? undefined, inexactNumbers };
      });
      const profiles = await updateProfiles(writesOf(core, request), callerOf(request), items, {
        isAnswered,
        skipUndefinedAttributes: keySkipsUndefined(request),
        idempotency: idempotencyOf(request),
        rows: handling,
      });
      announceRepeat(request, reply);
      return answerRows(request, reply, () => {
        if (!isAnswered) return reply.code(204).send();
        return { integrationStates: profiles.map((each) => ({ customerProfile: toIntegrationProfile(each) })) };
      });
    },
  );
}

function pointersTo(wanted: AudienceRef, refs: readonly AudienceRef[], list: string): string[] {
  return refs.flatMap((ref, index) => (ref === wanted ? [`${list}/${index}`] : []));
}

function busyProfile(): DomainError {
  return new DomainError('conflict', 'Too many requests are updating the profile');
}
