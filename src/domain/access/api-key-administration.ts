/** Creates and deletes API keys. */

import type { Application } from '../definitions/applications.ts';
import { codePointLength, isStorableText } from '../environment.ts';
import { DomainError, invalid } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { type ApiKey, generateKey, hashKey, PLATFORMS, type Platform } from './api-keys.ts';
import type { AccessStorage } from './storage.ts';

export interface ApiKeyInput {
  readonly application: Application;
  readonly title: string;
  /** ms since the epoch */
  readonly expires: number;
  readonly platform?: string | undefined;
  /** `staging` makes a Test key. */
  readonly type?: string | undefined;
  readonly readOnly?: boolean | undefined;
  readonly rateLimit?: number | undefined;
  readonly timeOffset?: number | undefined;
}

/**
 * Creates an API key of an Application.
 * @returns the key's record, and the secret, which cannot be had again
 * @throws DomainError `invalid`, or `conflict` when the Application holds too many live keys or a Test key already
 */
export async function createApiKey(
  core: Operation<AccessStorage>,
  input: ApiKeyInput,
): Promise<{ apiKey: ApiKey; secret: string }> {
  const title = input.title.trim();
  const { application, platform = 'none', type = '', readOnly = false, rateLimit, timeOffset } = input;
  if (title === '' || codePointLength(title) > 255 || !isStorableText(title)) {
    throw invalid('name: length must be 1 to 255', { pointer: '/title' });
  }
  if (!isPlatform(platform)) {
    throw invalid(`platform: '${platform}' is not one of ${PLATFORMS.join(', ')}`, { pointer: '/platform' });
  }
  if (readOnly && platform !== 'none') {
    throw invalid('read-only: only keys of platform none can be read-only', { pointer: '/readOnly' });
  }
  if (rateLimit !== undefined && !(Number.isInteger(rateLimit) && rateLimit > 0)) {
    throw invalid('rate-limit: a whole number of requests per second, 1 or more', { pointer: '/rateLimit' });
  }
  checkType(type, { application, platform, readOnly });
  const secret = generateKey();
  const apiKey = await core.storage.createApiKey(core.actor, {
    applicationId: application.id,
    title,
    platform,
    type,
    readOnly,
    rateLimit,
    timeOffset,
    prefix: secret.slice(0, 4),
    suffix: secret.slice(-4),
    expires: input.expires,
    createdBy: core.actor.userId,
    hash: hashKey(secret),
  });
  return { apiKey, secret };
}

function checkType(
  type: string,
  { application, platform, readOnly }: { application: Application; platform: Platform; readOnly: boolean },
): asserts type is ApiKey['type'] {
  const source = { pointer: '/type' };
  if (type === '') return;
  if (type !== 'staging') throw invalid(`type: '${type}' is neither empty (Production) nor staging (Test)`, source);
  if (!application.staging) {
    throw invalid('type: Test keys need enableCampaignStateManagement of the Application', source);
  }
  if (platform !== 'none') throw invalid('type: a Test key cannot be of a platform', source);
  if (readOnly) throw invalid('type: a Test key cannot be read-only', source);
}

function isPlatform(text: string): text is Platform {
  return (PLATFORMS as readonly string[]).includes(text);
}

/**
 * Deletes a key at once; it cannot be undone.
 * @param application the one it must belong to; any when absent
 * @throws DomainError `not_found`
 */
export async function deleteApiKey(
  core: Operation<AccessStorage>,
  id: number,
  application?: Application,
): Promise<ApiKey> {
  const key = await core.storage.deleteApiKey(core.actor, id, application?.id);
  if (key === undefined) throw new DomainError('not_found', `API key ${id} not found`);
  return key;
}
