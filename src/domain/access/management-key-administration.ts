/** Creates, disables and deletes management keys, and finds the one behind a secret. */

import type { DefinitionStorage } from '../definitions/storage.ts';
import { codePointLength, isStorableText } from '../environment.ts';
import { DomainError, invalid } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { generateKey, hashKey } from './api-keys.ts';
import { type Endpoint, type ManagementKey, managementKeyState, pathShape } from './management-keys.ts';
import { noteUse } from './signing-in.ts';
import type { AccessStorage } from './storage.ts';
import type { User } from './users.ts';

const MAX_ENDPOINTS = 200;

/** The operations meant, by their own names, each once. @throws DomainError `invalid` for one that cannot be granted */
function endpointsOf(given: readonly Endpoint[], grantable: readonly Endpoint[]): Endpoint[] {
  if (given.length === 0 || given.length > MAX_ENDPOINTS) {
    throw invalid(`endpoints: 1 to ${MAX_ENDPOINTS} are needed`, { pointer: '/endpoints' });
  }
  const found = new Set<Endpoint>();
  for (const [index, { method, path }] of given.entries()) {
    const [wantedMethod, wantedPath] = [method.trim().toUpperCase(), pathShape(path.trim())];
    const endpoint = grantable.find((each) => each.method === wantedMethod && pathShape(each.path) === wantedPath);
    if (endpoint === undefined) {
      throw invalid(`endpoints: ${method} ${path} is no operation a management key can be granted`, {
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
 * @returns the key's record, and the secret, which cannot be had again
 * @throws DomainError `invalid`, or `conflict` when there are too many
 */
export async function createManagementKey(
  core: Operation<AccessStorage & DefinitionStorage>,
  input: {
    readonly name: string;
    readonly creator: User;
    /** ms since the epoch */
    readonly expires: number;
    readonly endpoints: readonly Endpoint[];
    readonly applicationIds: readonly number[];
  },
  grantable: readonly Endpoint[],
): Promise<{ key: ManagementKey; secret: string }> {
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
    expires: input.expires,
    createdBy: input.creator.id,
    hash: hashKey(secret),
  });
  return { key, secret };
}

/** Switches a key off, or on again. @throws DomainError `not_found` */
export async function disableManagementKey(
  core: Operation<AccessStorage>,
  id: number,
  disabled: boolean,
): Promise<ManagementKey> {
  const key = await core.storage.accounts.disableManagementKey(core.actor, id, disabled);
  if (key === undefined) throw notFound(id);
  return key;
}

/** Deletes a key at once; it cannot be undone. @throws DomainError `not_found` */
export async function deleteManagementKey(core: Operation<AccessStorage>, id: number): Promise<void> {
  const key = await core.storage.accounts.deleteManagementKey(core.actor, id);
  if (key === undefined) throw notFound(id);
}

function notFound(id: number): DomainError {
  return new DomainError('not_found', `Management key ${id} not found`);
}

// A write per request would be waste.
const TOUCH_EVERY_MS = 60_000;

/** The usable key behind a secret, with its creator; undefined for one that is unknown, deleted, expired, disabled or an orphan. */
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
  if (now - (key.lastUsedAt ?? 0) > TOUCH_EVERY_MS) {
    await noteUse(async () => core.storage.accounts.touchManagementKey(key.id, now));
  }
  return { key, creator };
}
