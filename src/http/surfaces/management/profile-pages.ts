/** Pages of customer profiles: their query parameters, and their responses. */

import type { FastifyRequest } from 'fastify';
import type { JsonValue } from '../../../domain/json-value.ts';
import type { ProfileState } from '../../../domain/memberships/commands.ts';
import type { ProfilePage, ProfileSearch } from '../../../domain/memberships/search.ts';
import { inexactAttributes } from '../../exact-numbers.ts';
import { type Sort, writeCursor } from '../../paging.ts';
import { toWireProfile } from '../../wire.ts';
import type { CustomerProfile, CustomerSearch } from './customers-schemas.ts';

/** The query parameters for a page of profiles. */
interface PageQuery {
  readonly pageSize: number;
  readonly skip: number;
  readonly sort: Sort;
  readonly cursor: number | undefined;
}

/** Profiles are sorted by ID, which is the order in which they were first seen. */
export function toProfilePageRequest({ pageSize, skip, sort, cursor }: PageQuery): ProfilePage {
  return { descending: sort.descending, after: cursor, skip, limit: pageSize };
}

/** Null for a value that was not requested. */
export function toSearch(request: FastifyRequest): ProfileSearch {
  const { attributes, integrationIDs, profileIDs } = request.body as CustomerSearch;
  return {
    inexactNumbers: inexactAttributes(request),
    attributes: (attributes ?? undefined) as Record<string, JsonValue> | undefined,
    integrationIds: integrationIDs ?? undefined,
    profileIds: profileIDs ?? undefined,
  };
}

export function toCustomerProfile(profile: ProfileState): CustomerProfile {
  const wire = toWireProfile(profile);
  return {
    ...wire,
    audienceMemberships: [...wire.audienceMemberships],
    sandbox: profile.environment === 'sandbox',
  };
}

/** `nextCursor`, if there is a next page. */
export function cursorOf(next: number | undefined): { nextCursor?: string } {
  return next === undefined ? {} : { nextCursor: writeCursor([next]) };
}

export function toProfilePage({ profiles, next }: { profiles: readonly ProfileState[]; next: number | undefined }) {
  return { hasMore: next !== undefined, ...cursorOf(next), data: profiles.map(toCustomerProfile) };
}
