/** Updates the attributes of many customer profiles in one request. */

import type { AttributesChange, Caller, Idempotency, ProfileState } from './commands.ts';
import { submit, type WriteOperation } from './queue.ts';

/**
 * Merges attributes into many profiles, all or nothing; unknown profiles are created. No rules run: `lastActivity` stays.
 * @param options.isAnswered whether the profiles are wanted
 * @returns the profiles right after this request, in the order of the items; none where they are not wanted
 * @throws DomainError `invalid` with pointers from `/customerProfiles` on, `unavailable`
 */
export async function updateProfiles(
  core: WriteOperation,
  caller: Caller,
  items: readonly AttributesChange[],
  { isAnswered, idempotency }: { isAnswered: boolean; idempotency?: Idempotency | undefined },
): Promise<readonly ProfileState[]> {
  return (await submit(core, { kind: 'updateProfiles', caller, items, isAnswered, idempotency })) ?? [];
}
