/**
 * Management keys: the keys with which scripts and connectors use the back office, each limited to the operations
 * granted to it.
 */

import { DomainError } from '../errors.ts';
import { type KeyState, keyState } from './api-keys.ts';
import type { User } from './users.ts';

/** An operation: its method in upper case, and its path with `{…}` for the parts that vary. */
export interface Endpoint {
  readonly method: string;
  readonly path: string;
}

export interface ManagementKey {
  readonly id: number;
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  /** Empty means all. */
  readonly applicationIds: readonly number[];
  /** First and last four characters, by which people recognise a key. */
  readonly prefix: string;
  readonly suffix: string;
  /** ms since the epoch, each */
  readonly expires: number;
  readonly created: number;
  readonly lastUsedAt: number | undefined;
  /** The user whose rights it has; the key is invalid once that user is deactivated or gone. */
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

/** A normal form of paths that differ only in the names of their varying parts. */
export function pathShape(path: string): string {
  return path.replace(/\{[^{}/]*\}/g, '{}');
}

/** Reports whether the key may call an operation. */
export function isGranted(key: ManagementKey, { method, path }: Endpoint): boolean {
  return key.endpoints.some((each) => each.method === method && each.path === path);
}

/** Reports whether the key may access what belongs to an Application. */
export function reachesApplication(key: ManagementKey, applicationId: number): boolean {
  return key.applicationIds.length === 0 || key.applicationIds.includes(applicationId);
}

export function managementKeyNotFound(id: number): DomainError {
  return new DomainError('not_found', `Management key ${id} not found`);
}
