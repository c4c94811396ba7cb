/** Erases what is kept of a person, in the store and beside it. */

import type { Environment } from '../environment.ts';
import type { Caller } from '../memberships/commands.ts';
import { submit, type WriteOperation } from '../memberships/queue.ts';

/** What an erasure works with. */
export interface Erasure extends WriteOperation {
  /** Whoever keeps requests and answers, in which people occur. */
  readonly accessLog: {
    /** Forgets a person, wherever they are named. @throws DomainError `unavailable` */
    eraseProfile(environment: Environment, integrationId: string): Promise<void>;
  };
}

/**
 * Removes a profile's attributes and memberships, and what the access log tells of it. Its empty row stays, so that a later
 * update finds the same number; the ledger keeps the numbers of who was where, as it does for everyone, until its retention.
 * @throws DomainError `not_found`, `unavailable` (then it may be done in part: safe to be repeated)
 */
export async function eraseProfile(core: Erasure, caller: Caller, integrationId: string): Promise<void> {
  await submit(core, { kind: 'eraseProfile', caller, integrationId });
  await core.accessLog.eraseProfile(caller.environment, integrationId);
}
