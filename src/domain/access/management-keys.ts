/** Management keys: what scripts and connectors open the back office with, each only the operations it was granted. */

import { DomainError } from '../errors.ts';
import { type KeyState, keyState } from './api-keys.ts';
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
  readonly deletedAt: number | undefined;
}

export type NewManagementKey = Omit<ManagementKey, 'id' | 'created' | 'lastUsedAt' | 'disabled' | 'deletedAt'> & {
  readonly hash: Buffer;
};

export type ManagementKeyState = KeyState | 'Invalid';

export interface ManagementKeyWithCreator {
  readonly key: ManagementKey;
  /** Undefined once deleted. */
  readonly creator: User | undefined;
}

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
export function pathShape(path: string): string {
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

export function managementKeyNotFound(id: number): DomainError {
  return new DomainError('not_found', `Management key ${id} not found`);
}
