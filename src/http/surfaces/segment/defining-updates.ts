/**
 * Segment's deprecated updates of one profile, both of which create the attributes they name, and one of them the
 * audiences.
 */

import type { FastifyInstance } from 'fastify';
import type { Core } from '../../../domain/core.ts';
import type { AttributeType } from '../../../domain/definitions/attributes.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import type { NamedAudience, NamedOutcome, UpdatedProfile } from '../../../domain/memberships/commands.ts';
import { updateProfile } from '../../../domain/memberships/profiles.ts';
import { toWireAttribute } from '../../attribute-wire.ts';
import { callerOf, keySkipsUndefined, writesOf } from '../../caller.ts';
import { inexactAttributes } from '../../exact-numbers.ts';
import { markUnfilledId } from '../../path-ids.ts';
import { timestamp, toWireProfile } from '../../wire.ts';
import type { SentChanges } from '../membership-routes.ts';
import { definingUpdateSchema, namingUpdateSchema } from './defining-updates-schemas.ts';

interface DefiningBody {
  attributes?: Record<string, JsonValue> | null;
  attributesInfo?: { name?: string | null; type?: AttributeType | null }[] | null;
  runRuleEngine?: boolean | null;
  audiencesChanges?: SentChanges | null;
}

interface AudienceItem {
  name: string;
  integrationId?: string | null;
}

interface NamingBody extends Omit<DefiningBody, 'audiencesChanges'> {
  audiencesChanges?: { adds?: AudienceItem[] | null; deletes?: AudienceItem[] | null } | null;
}

/** Adds both routes. */
export function addDefiningRoutes(app: FastifyInstance, core: Core): void {
  app.put<{ Params: { customerProfileId: string }; Body: DefiningBody }>(
    '/segment/customer_profile/:customerProfileId',
    { schema: definingUpdateSchema },
    async (request) => {
      const { runRuleEngine, audiencesChanges } = request.body;
      const profile = await updateProfile(writesOf(core, request), callerOf(request), {
        integrationId: request.params.customerProfileId,
        integration: request.platformName,
        ...attributesOf(request.body),
        inexactNumbers: inexactAttributes(request),
        skipUndefinedAttributes: keySkipsUndefined(request),
        runRuleEngine: runRuleEngine ?? false,
        audiencesAndRules: 'need',
        adds: audiencesChanges?.adds ?? [],
        deletes: audiencesChanges?.deletes ?? [],
      });
      return toWireUpdate(profile);
    },
  );

  app.put<{ Params: { customerProfileId: string }; Body: NamingBody }>(
    '/segment/customer_profile_v2/:customerProfileId',
    { schema: namingUpdateSchema },
    async (request) => {
      const { runRuleEngine, audiencesChanges } = request.body;
      const namedIn = (list: 'adds' | 'deletes'): NamedAudience[] =>
        (audiencesChanges?.[list] ?? []).map((item) => {
          const field = typeof item.integrationId === 'string' ? 'integrationId' : 'name';
          markUnfilledId(request, `audiencesChanges.${list}[].${field}`, item[field] ?? '');
          return named(item);
        });
      const adds = namedIn('adds');
      const deletes = namedIn('deletes');
      const profile = await updateProfile(writesOf(core, request), callerOf(request), {
        integrationId: request.params.customerProfileId,
        integration: request.platformName,
        ...attributesOf(request.body),
        inexactNumbers: inexactAttributes(request),
        skipUndefinedAttributes: keySkipsUndefined(request),
        runRuleEngine: runRuleEngine ?? false,
        audiencesAndRules: 'need',
        adds: adds.map(({ ref }) => ref),
        deletes: deletes.map(({ ref }) => ref),
        named: { audiences: [...adds, ...deletes], renames: true },
      });
      return { ...toWireUpdate(profile), audiences: (profile.namedAudiences ?? []).map(toWireOutcome) };
    },
  );
}

/** The attributes of a body, and how undefined ones are created. */
function attributesOf({ attributes, attributesInfo }: Pick<DefiningBody, 'attributes' | 'attributesInfo'>) {
  const types = (attributesInfo ?? []).flatMap(({ name, type }): [string, AttributeType][] =>
    typeof name === 'string' && typeof type === 'string' ? [[name, type]] : [],
  );
  return {
    attributes: attributes ?? undefined,
    creation: { description: 'Created by Segment', types: Object.fromEntries(types) },
  };
}

/**
 * The ID of a new audience consists of letters, digits and underscores, derived from the ID sent or else from its name.
 */
function named({ name, integrationId }: AudienceItem): NamedAudience {
  const newId = (integrationId ?? name).replace(/[^A-Za-z0-9]/gu, '_');
  return { ref: integrationId ?? newId, newId, name };
}

function toWireUpdate(profile: UpdatedProfile) {
  return {
    customerProfile: toWireProfile(profile),
    createdAttributes: (profile.createdAttributes ?? []).map(toWireAttribute),
  };
}

function toWireOutcome({ audience, status }: NamedOutcome) {
  return {
    id: audience.id,
    created: timestamp(audience.created),
    name: audience.name,
    integration: audience.integration ?? '',
    integrationId: audience.integrationId ?? '',
    status,
  };
}
