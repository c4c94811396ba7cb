/** Decides changes of management keys. A store loads, asks here and saves the outcome, all inside one transaction. */

import type { AuditRecord } from '../audit-record.ts';
import { DomainError } from '../errors.ts';
import { managementKeyRecord } from './audit-records.ts';
import { type ManagementKey, managementKeyNotFound } from './management-keys.ts';

const MAX_KEYS = 200;

/**
 * Checks that there is room for one more key.
 * @param others keys that are not deleted
 * @param now ms since the epoch
 * @throws DomainError `conflict`
 */
export function checkRoomForManagementKey(others: readonly Pick<ManagementKey, 'expires'>[], now: number): void {
  const live = others.filter(({ expires }) => expires > now).length;
  if (live < MAX_KEYS) return;
  throw new DomainError('conflict', `There are ${live} unexpired management keys; delete some first`);
}

/** What to do with a key: switch it off or on, or delete it permanently. */
export type ManagementKeyCommand =
  | { readonly kind: 'switch'; readonly id: number; readonly disabled: boolean }
  | { readonly kind: 'delete'; readonly id: number };

export interface ManagementKeyOutcome {
  /** The key afterwards. */
  readonly key: ManagementKey;
  /** Its entry in the audit log; undefined when the key is unchanged and nothing needs to be saved. */
  readonly audit: AuditRecord | undefined;
}

/**
 * Decides a command.
 * @param key undefined when no key has that ID
 * @param now ms since the epoch
 * @throws DomainError `not_found`, also for a key that is already deleted
 */
export function decideManagementKey(
  command: ManagementKeyCommand,
  key: ManagementKey | undefined,
  now: number,
): ManagementKeyOutcome {
  if (key === undefined || key.deletedAt !== undefined) throw managementKeyNotFound(command.id);
  if (command.kind === 'delete') {
    return { key: { ...key, deletedAt: now }, audit: managementKeyRecord({ old: key }) };
  }
  if (key.disabled === command.disabled) return { key, audit: undefined };
  const changed = { ...key, disabled: command.disabled };
  return { key: changed, audit: managementKeyRecord({ old: key, new: changed }) };
}
