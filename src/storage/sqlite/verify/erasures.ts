/** Checks what is stored of erased people: the key of their pseudonyms, and that unfinished erasures are of erased profiles. */

import { pseudonymOf } from '../../../domain/memberships/erased-people.ts';
import { environmentFromNumber } from '../../sql/rows.ts';
import type { Facts } from './facts.ts';
import type { Problems } from './problems.ts';

export function checkErasures({ database }: Facts, problems: Problems): void {
  const keys = database.prepare<[], Buffer>('select key from erasure_key').pluck().all();
  const [key] = keys;
  if (key?.length !== 32 || keys.length > 1) {
    problems.add('erasures', `there are ${keys.length} keys of pseudonyms, expected one of 32 bytes`);
    return;
  }
  const rows = database
    .prepare<[], [profileId: number, environment: number, integrationId: string, stored: string | null]>(`
      select profile_id, unfinished_erasures.environment, unfinished_erasures.integration_id, profiles.integration_id
      from unfinished_erasures left join profiles on profiles.id = profile_id`)
    .raw()
    .iterate();
  for (const [profileId, environment, integrationId, stored] of rows) {
    const person = { profileId, environment: environmentFromNumber(environment), integrationId };
    if (stored !== pseudonymOf(key, person)) {
      problems.add('erasures', `profile ${profileId} is not the one whose erasure is unfinished`);
    }
  }
}
