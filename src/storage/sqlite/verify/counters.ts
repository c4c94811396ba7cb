/** Checks the figures stored with the data: member counts and hourly joins and leaves. */

import { type Facts, pairs } from './facts.ts';
import type { AudienceTally } from './ledger.ts';
import type { Problems } from './problems.ts';

/** Every live audience's counter equals its rows, and the ledger's joins and leaves; a deleted one's is 0. */
export function checkCounters(
  facts: Facts,
  rows: ReadonlyMap<number, number>,
  ledger: ReadonlyMap<number, AudienceTally> | undefined,
  problems: Problems,
): void {
  const counters = pairs<number>(
    facts.database,
    'select audience_id, sum(members) from audience_counters group by audience_id',
  );
  for (const audience of facts.audiences.values()) {
    const counted = counters.get(audience.id) ?? 0;
    counters.delete(audience.id);
    const members = audience.deleted ? 0 : (rows.get(audience.memberSet) ?? 0);
    if (counted !== members) {
      const state = audience.deleted ? ' (deleted)' : '';
      problems.add('counters', `audience ${audience.id}${state} counts ${counted} members, expected ${members}`);
    }
    const told = ledger?.get(audience.id)?.members ?? (facts.baseline === 1 && ledger !== undefined ? 0 : undefined);
    if (told !== undefined && told !== members) {
      problems.add(
        'history',
        `audience ${audience.id} has ${members} members, but the ledger's joins and leaves leave ${told}`,
      );
    }
  }
  for (const [id, counted] of counters) {
    problems.add('counters', `audience ${id}, which never existed, counts ${counted} members`);
  }
}

/** If nothing was pruned, the hourly figures add up to the ledger's joins and leaves. */
export function checkHours(facts: Facts, ledger: ReadonlyMap<number, AudienceTally>, problems: Problems): void {
  if (facts.baseline > 1) return;
  const sums = new Map(
    facts.database
      .prepare<[], [number, number, number]>(
        'select audience_id, sum(joins), sum(leaves) from audience_hours group by audience_id',
      )
      .raw()
      .all()
      .map(([id, joins, leaves]) => [id, { joins, leaves }]),
  );
  for (const id of new Set([...sums.keys(), ...ledger.keys()])) {
    const { joins, leaves } = sums.get(id) ?? { joins: 0, leaves: 0 };
    const told = ledger.get(id) ?? { joins: 0, leaves: 0 };
    if (joins !== told.joins || leaves !== told.leaves) {
      problems.add(
        'hours',
        `audience ${id} shows ${joins} joins and ${leaves} leaves over all hours, expected ${told.joins} and ${told.leaves}`,
      );
    }
  }
}
