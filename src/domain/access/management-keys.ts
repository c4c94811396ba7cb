/** Management keys: what scripts and connectors open the back office with, each only the operations it was granted. */

import type { Core } from '../core.ts';
import { codePointLength, isStorableText } from '../environment.ts';
import { DomainError, invalid } from '../errors.ts';
import { generateKey, hashKey, type KeyState, keyState } from './api-keys.ts';
import { noteUse } from './sessions.ts';
import type { User } from './users.ts';

/** An operation: its method in upper case, and its path with `{…}` for what varies. */
export interface Endpoint {
  readonly method: string;
  readonly path: string;
}

export interface ManagementKey {
  readonly id: number;
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  /** Empty: all. */
  readonly applicationIds: readonly number[];
  /** First and last four characters, for people to tell keys apart. */
  readonly prefix: string;
  readonly suffix: string;
  /** ms since the epoch, each */
  readonly expires: number;
  readonly created: number;
  readonly lastUsedAt: number | undefined;
  /** User whose rights it has; an invalid key once that user is deactivated or gone. */
  readonly createdBy: number;
  readonly disabled: boolean;
}

export type NewManagementKey = Omit<ManagementKey, 'id' | 'created' | 'lastUsedAt' | 'disabled'> & {
  readonly hash: Buffer;
};

export type ManagementKeyState = KeyState | 'Invalid';

export interface ManagementKeyWithCreator {
  readonly key: ManagementKey;
  /** Undefined once deleted. */
  readonly creator: User | undefined;
}

const MAX_KEYS = 200;
const MAX_ENDPOINTS = 200;

/** State at `now`, in ms since the epoch. */
export function managementKeyState(
  { key, creator }: { readonly key: ManagementKey; readonly creator: Pick<User, 'state'> | undefined },
  now: number,
): ManagementKeyState {
  const state = keyState(key, now);
  if (state === 'Expired') return state;
  return key.disabled || creator === undefined || creator.state === 'deactivated' ? 'Invalid' : state;
}

/** One form of all ways to name the same path: what the varying parts are called does not matter. */
function pathShape(path: string): string {
  return path.replace(/\{[^{}/]*\}/g, '{}');
}

/** Whether the key may call an operation. */
export function isGranted(key: ManagementKey, { method, path }: Endpoint): boolean {
  return key.endpoints.some((each) => each.method === method && each.path === path);
}

/** Whether the key may touch what belongs to an Application. */
export function reachesApplication(key: ManagementKey, applicationId: number): boolean {
  return key.applicationIds.length === 0 || key.applicationIds.includes(applicationId);
}

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

/** What must hold before a key is added; the store asks inside the transaction. @throws DomainError `conflict` */
export function checkRoomForManagementKey(others: readonly Pick<ManagementKey, 'expires'>[], now: number): void {
  const live = others.filter(({ expires }) => expires > now).length;
  if (live >= MAX_KEYS)
    throw new DomainError('conflict', `There are ${live} unexpired management keys; delete some first`);
}

/**
 * Creates a management key with the rights of a user.
 * @param grantable all operations a key can be granted
 * @returns the key's record, and the secret, which cannot be had again
 * @throws DomainError `invalid`, or `conflict` when there are too many
 */
export async function createManagementKey(
  core: Core,
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
export async function disableManagementKey(core: Core, id: number, disabled: boolean): Promise<ManagementKey> {
  const key = await core.storage.accounts.disableManagementKey(core.actor, id, disabled);
  if (key === undefined) throw notFound(id);
  return key;
}

/** Deletes a key at once; it cannot be undone. @throws DomainError `not_found` */
export async function deleteManagementKey(core: Core, id: number): Promise<void> {
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
  core: Core,
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
