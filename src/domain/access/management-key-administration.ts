/** Creates, lists, disables and deletes management keys, and finds the one behind a secret. */

import type { DefinitionStorage } from '../definitions/storage.ts';
import { codePointLength, isStorableText } from '../environment.ts';
import { invalid } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { generateKey, hashKey, parseExpiry } from './api-keys.ts';
import { isUseDue, noteUse } from './last-use.ts';
import {
  type Endpoint,
  type ManagementKey,
  type ManagementKeyWithCreator,
  managementKeyState,
  pathShape,
} from './management-keys.ts';
import type { AccessStorage } from './storage.ts';
import type { User } from './users.ts';

const MAX_ENDPOINTS = 200;

/** Resolves the named operations, each once. @throws DomainError `invalid` for one that cannot be granted */
function endpointsOf(given: readonly Endpoint[], grantable: readonly Endpoint[]): Endpoint[] {
  if (given.length === 0 || given.length > MAX_ENDPOINTS) {
    throw invalid(`endpoints: 1 to ${MAX_ENDPOINTS} are required`, { pointer: '/endpoints' });
  }
  const found = new Set<Endpoint>();
  for (const [index, { method, path }] of given.entries()) {
    const [wantedMethod, wantedPath] = [method.trim().toUpperCase(), pathShape(path.trim())];
    const endpoint = grantable.find((each) => each.method === wantedMethod && pathShape(each.path) === wantedPath);
    if (endpoint === undefined) {
      throw invalid(`endpoints: ${method} ${path} is not an operation that can be granted to a management key`, {
        pointer: `/endpoints/${index}`,
      });
    }
    found.add(endpoint);
  }
  return [...found].map(({ method, path }) => ({ method, path }));
}

/**
 * Creates a management key with the rights of a user.
 * @param grantable all operations a key can be granted
 * @returns the key's record, and the secret, which is shown only once
 * @throws DomainError `invalid`, or `conflict` when there are too many
 */
export async function createManagementKey(
  core: Operation<AccessStorage & DefinitionStorage>,
  input: {
    readonly name: string;
    readonly creator: User;
    /** ms since the epoch, or a text that `parseExpiry` accepts: a date ends in UTC. */
    readonly expires: number | string;
    readonly endpoints: readonly Endpoint[];
    readonly applicationIds: readonly number[];
  },
  grantable: readonly Endpoint[],
): Promise<{ key: ManagementKey; secret: string }> {
  const { expires: given } = input;
  const expires = typeof given === 'number' ? given : parseExpiry(given, 'UTC', core.now(), 'expiryDate');
  const name = input.name.trim();
  if (name === '' || codePointLength(name) > 255 || !isStorableText(name)) {
    throw invalid('name: length must be 1 to 255', { pointer: '/name' });
  }
  const { applications } = await core.storage.catalog();
  const unknown = input.applicationIds.findIndex((id) => !applications.has(id));
  if (unknown >= 0) {
    throw invalid(`allowedApplicationIds: Application ${input.applicationIds[unknown] ?? 0} does not exist`, {
      pointer: `/allowedApplicationIds/${unknown}`,
    });
  }
  const secret = generateKey('rcm_');
  const key = await core.storage.accounts.createManagementKey(core.actor, {
    name,
    endpoints: endpointsOf(input.endpoints, grantable),
    applicationIds: [...new Set(input.applicationIds)],
    prefix: secret.slice(0, 4),
    suffix: secret.slice(-4),
    expires,
    createdBy: input.creator.id,
    hash: hashKey(secret),
  });
  return { key, secret };
}

/** Lists keys, newest first; expired and disabled ones are included, deleted ones are not. */
export async function listManagementKeys(core: Operation<AccessStorage>): Promise<ManagementKeyWithCreator[]> {
  const [keys, users] = await Promise.all([
    core.storage.accounts.listManagementKeys(),
    core.storage.accounts.listUsers(),
  ]);
  const creators = new Map(users.map((user) => [user.id, user]));
  return keys.map((key) => ({ key, creator: creators.get(key.createdBy) }));
}

/** Switches a key off, or on again. @throws DomainError `not_found` */
export async function disableManagementKey(
  core: Operation<AccessStorage>,
  id: number,
  disabled: boolean,
): Promise<ManagementKeyWithCreator> {
  const key = await core.storage.accounts.changeManagementKey(core.actor, { kind: 'switch', id, disabled });
  const creator = (await core.storage.accounts.listUsers()).find((user) => user.id === key.createdBy);
  return { key, creator };
}

/** Deletes a key, with immediate effect; this cannot be undone. @throws DomainError `not_found` */
export async function deleteManagementKey(core: Operation<AccessStorage>, id: number): Promise<void> {
  await core.storage.accounts.changeManagementKey(core.actor, { kind: 'delete', id });
}

/**
 * Finds the usable key behind a secret, with its creator; undefined if it is unknown, deleted, expired, disabled, or
 * its creator is gone.
 */
export async function findManagementKey(
  core: Operation<AccessStorage>,
  secret: string,
): Promise<{ key: ManagementKey; creator: User } | undefined> {
  const found = await core.storage.findManagementKey(hashKey(secret));
  if (found === undefined) return undefined;
  const { key, creator } = found;
  const now = core.now();
  const state = managementKeyState(found, now);
  if (creator === undefined || state === 'Invalid' || state === 'Expired') return undefined;
  if (isUseDue(key.lastUsedAt, now)) {
    await noteUse(async () => core.storage.accounts.touchManagementKey(key.id, now));
  }
  return { key, creator };
}
