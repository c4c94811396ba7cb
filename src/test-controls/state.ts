/** The state that a test can read: one profile, all audiences, the members of one audience. */

import type { Core } from '../domain/core.ts';
import type { AudienceWithSize } from '../domain/definitions/audiences.ts';
import { findAudience } from '../domain/definitions/lookups.ts';
import type { Environment } from '../domain/environment.ts';
import { DomainError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json-value.ts';
import { listAudiences } from '../domain/memberships/audience-lists.ts';
import { listMembersPage } from '../domain/memberships/members.ts';
import { findProfile } from '../domain/memberships/profiles.ts';

export interface ProfileView {
  readonly id: number;
  readonly integrationId: string;
  readonly attributes: Readonly<Record<string, JsonValue>>;
  /** Ascending by number. */
  readonly audiences: readonly AudienceOfProfile[];
  /** RFC 3339, like all times here. */
  readonly created: string;
  readonly lastActivity: string;
}

export interface AudienceOfProfile {
  readonly id: number;
  readonly name: string;
  /** The platform it belongs to, and its ID there; null if it was created by hand. */
  readonly platform: string | null;
  readonly integrationId: string | null;
}

export interface AudienceView extends AudienceOfProfile {
  readonly environment: Environment;
  readonly members: number;
}

/** The largest number of members that are read at once; tests compare lists, and can count larger ones. */
export const MAX_MEMBERS = 10_000;
const PAGE = 1000;

/** @throws DomainError `not_found` */
export async function viewProfile(core: Core, environment: Environment, integrationId: string): Promise<ProfileView> {
  const { id, attributes, memberships, created, lastActivity } = await findProfile(core, environment, integrationId);
  const catalog = await core.storage.catalog();
  const audiences = memberships.map(({ id: audienceId, name }) => {
    const { integration, integrationId: external } = catalog.audience(audienceId) ?? {};
    return { id: audienceId, name, platform: integration ?? null, integrationId: external ?? null };
  });
  return {
    id,
    integrationId,
    attributes,
    audiences,
    created: new Date(created).toISOString(),
    lastActivity: new Date(lastActivity).toISOString(),
  };
}

/** The audiences of an environment, ascending by number. */
export async function viewAudiences(core: Core, environment: Environment): Promise<AudienceView[]> {
  return (await listAudiences(core)).filter((each) => each.environment === environment).map(viewAudience);
}

function viewAudience({ id, name, integration, integrationId, environment, members }: AudienceWithSize): AudienceView {
  return { id, name, platform: integration ?? null, integrationId: integrationId ?? null, environment, members };
}

/**
 * The integration IDs of all members, in the order in which their profiles were created.
 * @throws DomainError `not_found`, or `too_large` for more than 10,000
 */
export async function viewMembers(core: Core, audienceId: number): Promise<string[]> {
  const audience = await findAudience(core, audienceId);
  const found: string[] = [];
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page = { after, skip: 0, limit: PAGE, query: undefined };
    const step: Awaited<ReturnType<typeof listMembersPage>> = await listMembersPage(core, audience, page);
    found.push(...step.profiles.map(({ integrationId }) => integrationId));
    if (found.length > MAX_MEMBERS) {
      throw new DomainError(
        'too_large',
        `Audience ${audienceId} has more than ${MAX_MEMBERS} members; export the list`,
      );
    }
    after = step.next;
  }
  return found;
}
