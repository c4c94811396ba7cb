/** Operations on customer profiles and on their memberships. */

import type { InexactNumbers } from '../definitions/attribute-values.ts';
import type { AudienceReference } from '../definitions/audiences.ts';
import { type Environment, MAX_CHANGES_PER_REQUEST } from '../environment.ts';
import { invalid, profileNotFound } from '../errors.ts';
import type { JsonValue } from '../json-value.ts';
import type { Operation } from '../operation.ts';
import type {
  AttributeCreation,
  Caller,
  Idempotency,
  MembershipChange,
  NamedAudiences,
  ProfileState,
  RowHandling,
  UpdatedProfile,
} from './commands.ts';
import { submit, type WriteOperation } from './queue.ts';
import type { MembershipStorage } from './storage.ts';

export interface ProfileChange extends MembershipChange {
  /** The platform's audience namespace, for external audience IDs. */
  readonly integration: string;
  readonly attributes?: Readonly<Record<string, JsonValue>> | undefined;
  /** Undefined if the caller's API has no such option. */
  readonly skipUndefinedAttributes?: boolean | undefined;
  readonly inexactNumbers?: InexactNumbers | undefined;
  /** The request's `runRuleEngine`. */
  readonly runRuleEngine: boolean;
  /**
   * How audience changes relate to `runRuleEngine`. They `force` it to be true, as in the Third-party API (the
   * default); are `independent` of it, as in the Integration API; or `need` it, as Segment's do: while it is false,
   * they are only checked.
   */
  readonly audiencesAndRules?: 'force' | 'independent' | 'need';
  readonly idempotency?: Idempotency | undefined;
  /** How undefined attributes are created; absent if they are refused or skipped. */
  readonly creation?: AttributeCreation | undefined;
  /**
   * Audiences that are created if they are unknown, whether or not memberships change; absent if audiences must exist.
   */
  readonly named?: NamedAudiences | undefined;
}

/** Entries count as received, before repeated ones collapse. @throws DomainError `invalid` when there are too many */
export function checkChangeCount(items: readonly MembershipChange[]): void {
  let count = 0;
  for (const item of items) count += item.adds.length + item.deletes.length;
  if (count > MAX_CHANGES_PER_REQUEST) {
    throw invalid(
      `adds and deletes contain ${count} entries; at most ${MAX_CHANGES_PER_REQUEST} per request: split it`,
      undefined,
      'limit',
    );
  }
}

/**
 * Creates or updates one profile: merges attributes, then applies audience adds, then deletes, all or nothing.
 * @returns the profile right after this request
 * @throws DomainError `invalid`, `not_found` (audience), `unavailable`
 */
export async function updateProfile(
  core: WriteOperation,
  caller: Caller,
  change: ProfileChange,
): Promise<UpdatedProfile> {
  checkChangeCount([change]);
  const { audiencesAndRules = 'force' } = change;
  const applies = change.runRuleEngine || audiencesAndRules !== 'need';
  const { adds, deletes } = applies ? change : { adds: [], deletes: [] };
  const isForced = audiencesAndRules === 'force' && adds.length + deletes.length > 0;
  return submit(core, {
    kind: 'updateProfile',
    caller,
    integrationId: change.integrationId,
    integration: change.integration,
    attributes: change.attributes,
    skipUndefinedAttributes: change.skipUndefinedAttributes,
    inexactNumbers: change.inexactNumbers,
    adds,
    deletes,
    onlyChecked: applies ? undefined : [...change.adds, ...change.deletes],
    creation: change.creation,
    named: change.named,
    runRuleEngine: change.runRuleEngine || isForced,
    idempotency: change.idempotency,
  });
}

/**
 * Changes the memberships of many profiles in one request, all or nothing; unknown profiles are created.
 * @param change.skipsUnknownProfiles whether items without adds do not create profiles
 * @param change.rows requests verdicts on the rows, and may skip refused rows
 * @throws DomainError `invalid`, `not_found` (audience), `unavailable`
 */
export async function updateMemberships(
  core: WriteOperation,
  caller: Caller,
  change: {
    integration: string;
    items: readonly MembershipChange[];
    skipsUnknownProfiles?: boolean;
    rows?: RowHandling | undefined;
  },
): Promise<void> {
  checkChangeCount(change.items);
  if (change.items.length === 0 && change.rows === undefined) return;
  await submit(core, { kind: 'updateMemberships', caller, ...change });
}

/** The current profile. @throws DomainError `not_found` */
export async function findProfile(
  core: Operation<MembershipStorage>,
  environment: Environment,
  integrationId: string,
): Promise<ProfileState> {
  const profile = await core.storage.findProfile(environment, integrationId);
  if (profile === undefined) throw profileNotFound(integrationId);
  return profile;
}

/** The audiences of each profile, in the order given; none for an unknown profile. */
export async function findAudiencesOf(
  core: Operation<MembershipStorage>,
  environment: Environment,
  integrationIds: readonly string[],
): Promise<AudienceReference[][]> {
  return core.storage.findAudiencesOf(environment, integrationIds);
}
