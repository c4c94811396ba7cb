/** Updates the attributes of many customer profiles in one request. */

import type {
  AttributesChange,
  Caller,
  Idempotency,
  MembershipOfItem,
  NamedAudiences,
  ProfileState,
  RowHandling,
} from './commands.ts';
import { checkChangeCount } from './profiles.ts';
import { submit, type WriteOperation } from './queue.ts';

/**
 * Merges attributes into many profiles, all or nothing. Unknown profiles are created. Rules do not run, so
 * `lastActivity` does not change.
 * @param options.isAnswered whether the profiles are wanted
 * @param options.rows requests verdicts on the rows, and may skip refused rows
 * @returns the profiles right after this request, in the order of the accepted items; empty if they are not wanted
 * @throws DomainError `invalid` with pointers that start at `/customerProfiles`, `unavailable`
 */
export async function updateProfiles(
  core: WriteOperation,
  caller: Caller,
  items: readonly AttributesChange[],
  options: {
    readonly isAnswered: boolean;
    readonly skipUndefinedAttributes?: boolean | undefined;
    readonly idempotency?: Idempotency | undefined;
    readonly rows?: RowHandling | undefined;
  },
): Promise<readonly ProfileState[]> {
  return (await submit(core, { kind: 'updateProfiles', caller, items, ...options })) ?? [];
}

/** Attributes and memberships of many profiles, as a platform sends them in one request. */
export interface ProfilesChange {
  /** Every affected profile, with its attributes; undefined attributes are skipped. */
  readonly items: readonly AttributesChange[];
  /** The platform's audience namespace. */
  readonly integration: string;
  readonly memberships: readonly MembershipOfItem[];
  /** Audiences that are created if they are unknown. */
  readonly named: NamedAudiences;
  readonly runRuleEngine: boolean;
  /** Requests verdicts on the rows, one of which is an item with its memberships, and may skip refused rows. */
  readonly rows?: RowHandling | undefined;
}

/**
 * Merges attributes into many profiles and changes their memberships, all or nothing; unknown profiles are created.
 * @throws DomainError `invalid`, `not_found` (audience), `unavailable`
 */
export async function updateProfilesWithMemberships(
  core: WriteOperation,
  caller: Caller,
  { items, integration, memberships, named, runRuleEngine, rows }: ProfilesChange,
): Promise<void> {
  checkChangeCount(memberships);
  if (items.length === 0 && rows === undefined) return;
  await submit(core, {
    kind: 'updateProfiles',
    caller,
    items,
    rows,
    isAnswered: false,
    skipUndefinedAttributes: true,
    runRuleEngine,
    memberships: { integration, items: memberships, named },
  });
}
