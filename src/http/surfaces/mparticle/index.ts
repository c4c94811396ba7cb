/** The API that mParticle calls: one operation that accepts four kinds of messages. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ignoredName } from '../../../access-log/marks.ts';
import type { Core } from '../../../domain/core.ts';
import { invalid } from '../../../domain/errors.ts';
import {
  createAudience,
  createOrRenameAudience,
  deleteAudienceIfKnown,
} from '../../../domain/memberships/audience-administration.ts';
import { updateProfilesWithMemberships } from '../../../domain/memberships/profile-lists.ts';
import { describeKey } from '../../auth.ts';
import { callerOf, writesOf } from '../../caller.ts';
import { THIRD_PARTY_ERROR } from '../../error-bodies.ts';
import { answerRows } from '../../rows.ts';
import type { Surface, SurfaceParts } from '../../surface.ts';
import { addMark } from '../../undeclared.ts';
import { DEPLOYMENT_FORM, deploymentHost } from '../third-party-headers.ts';
import { audienceId, idOfRow, NAMESPACE, readEventUser, readMemberships } from './messages.ts';
import { REGISTRATION } from './registration.ts';
import { type Account, type SentMessage, type SubscriptionMessage, sendEventSchema, TAG } from './schemas.ts';

// Enough for a thousand changes with their attributes; the body is read before its sender is known.
const MAX_BODY_BYTES = 1024 * 1024;

/** The mParticle integration. */
export const MPARTICLE: Surface = {
  name: 'mparticle',
  roots: ['mparticle'],
  errorBody: THIRD_PARTY_ERROR,
  keys: {
    credential: { in: 'body', member: 'account.account_settings.apiKey', maxBodyBytes: MAX_BODY_BYTES },
    // A module registers before mParticle has a key.
    isOpen: ({ body }) => (body as Partial<SentMessage> | null)?.type === 'module_registration_request',
    refuses(key) {
      if (key.platform === 'mparticle' && key.type === '') return undefined;
      return `API key is not valid for mParticle (it is ${describeKey(key)}; create one of platform mParticle)`;
    },
  },
  logged: true,
  hints: [{ pattern: /^\/+mparticle(\/|$)/, hint: 'only POST /mparticle is served' }],
  tags: [
    {
      name: TAG,
      description:
        'For mParticle, which sends all its messages to one path. Requires a key of the platform mParticle, in the body.',
    },
  ],
  securitySchemes: {},
  register: registerRoutes,
};

async function registerRoutes(app: FastifyInstance, { core, config: { hostnames } }: SurfaceParts): Promise<void> {
  const config = { rowList: 'user_profiles', rowId: idOfRow };
  app.post<{ Body: SentMessage }>('/mparticle', { schema: sendEventSchema, config }, async (request, reply) => {
    const message = request.body;
    const { id, timestamp_ms, firehose_version } = message;
    const answer = {
      type: message.type.replace(/request$/, 'response'),
      ...(id !== undefined && { id }),
      ...(timestamp_ms !== undefined && { timestamp_ms }),
      ...(firehose_version !== undefined && { firehose_version }),
    };
    if (message.type === 'module_registration_request') return { ...answer, ...REGISTRATION };
    requireDeployment(message.account, hostnames);
    switch (message.type) {
      case 'audience_subscription_request':
        return { ...answer, ...(await subscribe(core, request, message)) };
      case 'audience_membership_change_request':
        await updateProfilesWithMemberships(
          writesOf(core, request),
          callerOf(request),
          readMemberships(request, message),
        );
        return answerRows(request, reply, () => answer);
      case 'event_processing_request':
        addMark(request, ignoredName('ignored field', 'events', undefined));
        await updateProfilesWithMemberships(
          writesOf(core, request),
          callerOf(request),
          readEventUser(request, message),
        );
        return answer;
    }
  });
}

/** @throws DomainError `invalid`, because the API has no other answer for a deployment that is not served */
function requireDeployment({ account_settings: { deploymentURL } }: Account, hostnames: readonly string[]): void {
  const source = { pointer: '/account/account_settings/deploymentURL' };
  const host = deploymentHost(deploymentURL);
  if (host === undefined) throw invalid(`account.account_settings.deploymentURL: expected ${DEPLOYMENT_FORM}`, source);
  if (hostnames.length === 0 || hostnames.includes(host)) return;
  throw invalid(`account.account_settings.deploymentURL: deployment '${host}' is not served here`, source);
}

/** Creates, renames or deletes an audience. @returns the settings of the subscription, with the audience's number */
async function subscribe(core: Core, request: FastifyRequest, message: SubscriptionMessage) {
  const { action, audience_name: name, audience_subscription_settings: settings } = message;
  const target = { integration: NAMESPACE, integrationId: audienceId(message.audience_id) };
  const [writes, caller] = [writesOf(core, request), callerOf(request)];
  if (action === 'remove') {
    await deleteAudienceIfKnown(writes, caller, target);
    return { ...(settings && { audience_subscription_settings: settings }) };
  }
  const write = action === 'add' ? createAudience : createOrRenameAudience;
  const { id } = await write(writes, caller, { ...target, name });
  return { audience_subscription_settings: { ...settings, t1AudienceID: id } };
}
