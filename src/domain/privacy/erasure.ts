/** Erases what is stored about a person, in the store and next to it. */

import type { Environment } from '../environment.ts';
import { DomainError } from '../errors.ts';
import type { Caller } from '../memberships/commands.ts';
import type { ErasedPerson } from '../memberships/erased-people.ts';
import { submit, type WriteOperation } from '../memberships/queue.ts';
import { findProfileById } from '../memberships/search.ts';

/** What an erasure needs. */
export interface Erasure extends WriteOperation {
  /** The store of requests and responses, which mention people. */
  readonly accessLog: {
    /** Erases every mention of a person. @throws DomainError `unavailable` */
    eraseProfile(environment: Environment, integrationId: string): Promise<void>;
  };
}

/**
 * Removes a profile's attributes, memberships and ID, and the access log's payloads about it. The empty row stays under
 * a pseudonym, to which the ledger refers until its retention ends; the same ID later creates a new profile. The store
 * keeps the ID until the access log is done, so that an interrupted erasure is completed by `finishErasures`.
 * @throws DomainError `not_found`, `unavailable` (it may then be partly done, and can safely be repeated)
 */
export async function eraseProfile(core: Erasure, caller: Caller, integrationId: string): Promise<void> {
  const { profileId } = await submit(core, { kind: 'eraseProfile', caller, integrationId });
  await finish(core, { profileId, environment: caller.environment, integrationId });
}

/**
 * `eraseProfile` of the profile with an internal ID.
 * @param callerIn the caller, in the profile's environment
 * @throws DomainError as `eraseProfile` does
 */
export async function eraseProfileById(
  core: Erasure,
  id: number,
  callerIn: (environment: Environment) => Caller,
): Promise<void> {
  const { environment, integrationId, isErased } = await findProfileById(core, id);
  // Its pseudonym may be the ID of somebody else.
  if (isErased === true) throw new DomainError('not_found', `Customer ${id} has been erased`);
  await eraseProfile(core, callerIn(environment), integrationId);
}

/** Erasures completed per step; together, they share a search of the access log. */
const TOGETHER = 100;

/** Completes some erasures that were interrupted. @returns whether there are more */
export async function finishErasures(core: Erasure): Promise<boolean> {
  const people = await core.storage.listUnfinishedErasures(TOGETHER);
  await Promise.all(people.map(async (person) => finish(core, person)));
  return people.length === TOGETHER;
}

async function finish({ storage, accessLog }: Erasure, person: ErasedPerson): Promise<void> {
  await accessLog.eraseProfile(person.environment, person.integrationId);
  await storage.finishErasure(person.profileId);
}
