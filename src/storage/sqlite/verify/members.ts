/**
 * Checks the rows of `members` against the lists in profiles: the same fact stored twice, for two kinds of question.
 */

import type { Facts } from './facts.ts';
import { type Problems, profileName } from './problems.ts';

/** Counts the rows of each set; a set that nobody uses and nobody removes is an orphan. */
export function countMemberRows(facts: Facts, problems: Problems): Map<number, number> {
  const counts = new Map<number, number>();
  const rows = facts.database
    .prepare<[], [number, number]>('select member_set, count(*) from members group by member_set')
    .raw()
    .iterate();
  for (const [set, count] of rows) {
    if (facts.sets.has(set)) counts.set(set, count);
    else if (!facts.deadSets.has(set)) {
      problems.add(
        'members',
        `set ${set} holds ${count} members, but no audience uses it and it is not marked for removal`,
      );
    }
  }
  return counts;
}

/**
 * The other direction: every listed membership was found among the rows, so a set with as many rows as were found
 * contains no others, and only the remaining sets need be checked row by row.
 * @param rows rows of each set in use
 * @param listed those of them that a profile lists
 */
export function checkMemberRows(
  facts: Facts,
  rows: ReadonlyMap<number, number>,
  listed: ReadonlyMap<number, number>,
  problems: Problems,
): void {
  const unlisted = facts.database.prepare<[number], [number, string | null]>(`
    select profile_id, integration_id
    from members left join profiles on profiles.id = profile_id
    where member_set = ? and (integration_id is null or json_valid(sets) and
      not exists (select 1 from json_each(sets) where value = members.member_set))`);
  for (const [set, count] of rows) {
    if (count === (listed.get(set) ?? 0)) continue;
    const audience = facts.sets.get(set)?.audience.id;
    for (const [profileId, integrationId] of unlisted.raw().iterate(set)) {
      const profile = integrationId === null ? `profile ${profileId}` : profileName(profileId, integrationId);
      const why = integrationId === null ? 'does not exist' : 'does not list it';
      problems.add('members', `set ${set} of audience ${audience} holds ${profile}, which ${why}`);
    }
  }
}
