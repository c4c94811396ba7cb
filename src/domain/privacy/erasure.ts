/** Erases what is stored about a person, in the store and next to it. */

import type { Environment } from '../environment.ts';
import type { Caller } from '../memberships/commands.ts';
import { submit, type WriteOperation } from '../memberships/queue.ts';

/** What an erasure needs. */
export interface Erasure extends WriteOperation {
  /** The store of requests and responses, which mention people. */
  readonly accessLog: {
    /** Erases every mention of a person. @throws DomainError `unavailable` */
    eraseProfile(environment: Environment, integrationId: string): Promise<void>;
  };
}

/**
 * Removes a profile's attributes and memberships, and the access log's payloads about it. The empty row stays, so that
 * a later update finds the same ID; the ledger keeps its entries until their retention ends, as it does for everyone.
 * @throws DomainError `not_found`, `unavailable` (it may then be partly done, and can safely be repeated)
 */
export async function eraseProfile(core: Erasure, caller: Caller, integrationId: string): Promise<void> {
  await submit(core, { kind: 'eraseProfile', caller, integrationId });
  await core.accessLog.eraseProfile(caller.environment, integrationId);
}
