/** Reads audiences with their sizes, and the requests that last updated them. */

import type { AudienceWithSize } from '../definitions/audiences.ts';
import { DomainError } from '../errors.ts';
import type { Operation } from '../operation.ts';
import type { AudienceWithFeed, MembershipStorage } from './storage.ts';

/** Lists the audiences of both environments, ascending by number. @param ids only these; unknown ones are ignored */
export async function listAudiences(
  core: Operation<MembershipStorage>,
  ids?: readonly number[],
): Promise<AudienceWithSize[]> {
  return core.storage.browse.listAudiences(ids);
}

/** An audience with its size. @throws DomainError `not_found` */
export async function findAudienceWithSize(core: Operation<MembershipStorage>, id: number): Promise<AudienceWithSize> {
  const [audience] = await core.storage.browse.listAudiences([id]);
  if (audience === undefined) throw audienceNotFound(id);
  return audience;
}

/**
 * An audience with its size and the request that last changed its members, in one snapshot. @throws DomainError
 * `not_found`
 */
export async function findAudienceWithFeed(core: Operation<MembershipStorage>, id: number): Promise<AudienceWithFeed> {
  const found = await core.storage.browse.findAudienceWithFeed(id);
  if (found === undefined) throw audienceNotFound(id);
  return found;
}

function audienceNotFound(id: number): DomainError {
  return new DomainError('not_found', `Audience ${id} not found`);
}
