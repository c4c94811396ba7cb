/** Creates, lists, changes and deletes API keys, and finds the one behind a secret. */

import type { Application } from '../definitions/applications.ts';
import type { DefinitionStorage } from '../definitions/storage.ts';
import { codePointLength, isStorableText } from '../environment.ts';
import { invalid } from '../errors.ts';
import type { Operation } from '../operation.ts';
import {
  type ApiKey,
  generateKey,
  hashKey,
  type KeyRefusal,
  type KeySwitchChange,
  type KeyWithApplication,
  keyRefusal,
  looksMistyped,
  PLATFORMS,
  type Platform,
  parseExpiry,
} from './api-keys.ts';
import type { AccessStorage } from './storage.ts';

export interface ApiKeyInput {
  readonly application: Application;
  readonly title: string;
  /** ms since the epoch, or a text that `parseExpiry` accepts: a date ends in the Application's time zone. */
  readonly expires: number | string;
  readonly platform?: string | undefined;
  /** `staging` creates a Test key. */
  readonly type?: string | undefined;
  readonly readOnly?: boolean | undefined;
  readonly rateLimit?: number | undefined;
  readonly timeOffset?: number | undefined;
  readonly lenientRows?: boolean | undefined;
  readonly rowReports?: boolean | undefined;
  readonly skipUndefinedAttributes?: boolean | undefined;
}

/**
 * Creates an API key for an Application.
 * @returns the key's record, and the secret, which is shown only once
 * @throws DomainError `invalid`, or `conflict` when the Application has too many live keys or already has a Test key
 */
export async function createApiKey(
  core: Operation<AccessStorage>,
  input: ApiKeyInput,
): Promise<{ apiKey: ApiKey; secret: string }> {
  const expires = expiryOf(input, core.now());
  const title = input.title.trim();
  const { application, platform = 'none', type = '', readOnly = false, rateLimit, timeOffset } = input;
  const { lenientRows = false, rowReports = false, skipUndefinedAttributes = false } = input;
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
    lenientRows,
    rowReports,
    skipUndefinedAttributes,
    prefix: secret.slice(0, 4),
    suffix: secret.slice(-4),
    expires,
    createdBy: core.actor.userId,
    hash: hashKey(secret),
  });
  return { apiKey, secret };
}

function expiryOf({ expires, application }: ApiKeyInput, now: number): number {
  return typeof expires === 'number' ? expires : parseExpiry(expires, application.timezone, now);
}

function checkType(
  type: string,
  { application, platform, readOnly }: { application: Application; platform: Platform; readOnly: boolean },
): asserts type is ApiKey['type'] {
  const source = { pointer: '/type' };
  if (type === '') return;
  if (type !== 'staging') throw invalid(`type: '${type}' is neither empty (Production) nor staging (Test)`, source);
  if (!application.staging) {
    const remedy = 'switch it on in the general settings of the Application (enableCampaignStateManagement)';
    throw invalid(`type: a Test key requires campaign staging and revisions; ${remedy}`, source);
  }
  if (platform !== 'none') throw invalid('type: a Test key cannot have a platform', source);
  if (readOnly) throw invalid('type: a Test key cannot be read-only', source);
}

function isPlatform(text: string): text is Platform {
  return (PLATFORMS as readonly string[]).includes(text);
}

/**
 * Deletes a key, with immediate effect; this cannot be undone.
 * @param application the one it must belong to; any when absent
 * @throws DomainError `not_found`
 */
export async function deleteApiKey(
  core: Operation<AccessStorage>,
  id: number,
  application?: Application,
): Promise<ApiKey> {
  return core.storage.deleteApiKey(core.actor, id, application?.id);
}

/**
 * Changes the options of a key that replace headers of its callers; those that are undefined stay as they are.
 * @param application the one it must belong to; any when absent
 * @throws DomainError `not_found`
 */
export async function changeApiKey(
  core: Operation<AccessStorage>,
  id: number,
  change: KeySwitchChange,
  application?: Application,
): Promise<ApiKey> {
  return core.storage.changeApiKey(core.actor, id, change, application?.id);
}

/** Lists live and expired keys, newest first: of one Application, or of all. */
export async function listApiKeys(core: Operation<AccessStorage>, application?: Application): Promise<ApiKey[]> {
  const keys = await core.storage.listApiKeys();
  return application === undefined ? keys : keys.filter(({ applicationId }) => applicationId === application.id);
}

/** Finds the key with this number and its Application, if the key can be used now. */
export async function findUsableKey(
  core: Operation<AccessStorage & DefinitionStorage>,
  id: number,
  applicationId: number,
): Promise<KeyWithApplication | undefined> {
  const key = (await core.storage.listApiKeys()).find((each) => each.id === id);
  const application = (await core.storage.catalog()).applications.get(applicationId);
  if (key === undefined || application === undefined || keyRefusal(key, core.now()) !== undefined) return undefined;
  return { key, application };
}

/** A key that was sent: either one that can be used, or the reason it cannot, and its owner as far as known. */
export type SentKey =
  | { readonly found: KeyWithApplication; readonly refusal: undefined }
  | { readonly found: KeyWithApplication | undefined; readonly refusal: KeyRefusal };

/** Finds the key behind a secret, and decides whether it can be used now. @param hash of the secret, if it is known */
export async function findSentKey(
  core: Operation<AccessStorage>,
  secret: string,
  hash = hashKey(secret),
): Promise<SentKey> {
  const found = await core.storage.findApiKey(hash);
  if (found === undefined) return { found, refusal: looksMistyped(secret) ? 'unknown, looks mistyped' : 'unknown' };
  return { found, refusal: keyRefusal(found.key, core.now()) };
}
