/** What all checks look things up in: the small tables, read once. */

import type { Attribute } from '../../../domain/definitions/attributes.ts';
import { ACTION_NUMBERS, type AttributeRow, toAttribute } from '../../sql/rows.ts';
import type { Connection } from '../database.ts';
import type { Problems } from './problems.ts';

export interface AudienceFacts {
  readonly id: number;
  readonly environment: number;
  readonly memberSet: number;
  readonly stagedSet: number | null;
  readonly deleted: boolean;
}

/** A set in use: an audience's members, or those being staged for it. */
export interface SetFacts {
  readonly audience: AudienceFacts;
  readonly staged: boolean;
}

/** A ledger entry that replaced an audience's members, with its details. */
export interface ReplacementFacts {
  readonly changeId: number;
  readonly set: number;
  joins: number;
  leaves: number;
}

export interface Facts {
  readonly database: Connection;
  readonly sequences: ReadonlyMap<string, number>;
  /** The first ledger entry that must exist; 1 if nothing was pruned. */
  readonly baseline: number;
  readonly audiences: ReadonlyMap<number, AudienceFacts>;
  readonly sets: ReadonlyMap<number, SetFacts>;
  readonly deadSets: ReadonlySet<number>;
  /** Environment of each Application. */
  readonly applications: ReadonlyMap<number, number>;
  /** Of every entity. */
  readonly attributes: readonly Attribute[];
  readonly replacements: readonly ReplacementFacts[];
  /** Entries after which an audience had no members, ascending, by audience. */
  readonly resets: ReadonlyMap<number, readonly number[]>;
}

export function loadFacts(database: Connection, problems: Problems): Facts {
  const audiences = new Map<number, AudienceFacts>();
  const sets = new Map<number, SetFacts>();
  const rows = database
    .prepare<[], Omit<AudienceFacts, 'deleted'> & { deleted: number }>(`
      select id, environment, member_set as memberSet, staged_set as stagedSet, deleted is not null as deleted
      from audiences order by id`)
    .iterate();
  for (const row of rows) {
    const audience = { ...row, deleted: row.deleted === 1 };
    audiences.set(audience.id, audience);
    if (audience.deleted) continue;
    const used = [{ set: audience.memberSet, staged: false }];
    if (audience.stagedSet !== null) used.push({ set: audience.stagedSet, staged: true });
    for (const { set, staged } of used) {
      const other = sets.get(set);
      if (other === undefined) sets.set(set, { audience, staged });
      else
        problems.add(
          'audiences',
          `audience ${audience.id} uses set ${set}, which is in use by audience ${other.audience.id}`,
        );
    }
  }
  const baseline = database.prepare<[], number>('select pruned_before from ledger_baseline').pluck().get() ?? 0;
  return {
    database,
    sequences: pairs(database, 'select name, next from sequences'),
    baseline: Math.max(1, baseline),
    audiences,
    sets,
    deadSets: new Set(database.prepare<[], number>('select member_set from dead_sets').pluck().all()),
    applications: pairs(database, 'select id, environment from applications'),
    attributes: loadAttributes(database, problems),
    replacements: loadReplacements(database),
    resets: loadResets(database, Math.max(1, baseline)),
  };
}

/** Reads a table of two columns as a map. */
export function pairs<Key>(database: Connection, sql: string): Map<Key, number> {
  return new Map(database.prepare<[], [Key, number]>(sql).raw().all());
}

function loadAttributes(database: Connection, problems: Problems): Attribute[] {
  const attributes: Attribute[] = [];
  for (const row of database.prepare<[], AttributeRow>('select * from attributes').iterate()) {
    try {
      attributes.push(toAttribute(row));
    } catch {
      problems.add('json', `attribute ${row.id} '${row.name}': suggestions, application_ids or details is not JSON`);
      attributes.push(toAttribute({ ...row, suggestions: '[]', application_ids: '[]', details: '{}' }));
    }
  }
  return attributes;
}

function loadReplacements(database: Connection): ReplacementFacts[] {
  const joins = ACTION_NUMBERS.joined;
  const leaves = ACTION_NUMBERS.left;
  return database
    .prepare<[], ReplacementFacts>(`
      select change_id as changeId, replacements.member_set as "set",
        count(action) filter (where action = ${joins}) as joins, count(action) filter (where action = ${leaves}) as leaves
      from replacements left join replacement_changes using (member_set)
      group by replacements.member_set order by change_id`)
    .all();
}

function loadResets(database: Connection, baseline: number): Map<number, number[]> {
  const resets = new Map<number, number[]>();
  const rows = database
    .prepare<[number], [number, number]>(`
      select audience_id, id from membership_changes
      where profile_id is null and id >= ? and action in (${ACTION_NUMBERS.deleted}, ${ACTION_NUMBERS.emptied})
      order by audience_id, id`)
    .raw()
    .iterate(baseline);
  for (const [audienceId, id] of rows) {
    const known = resets.get(audienceId);
    if (known === undefined) resets.set(audienceId, [id]);
    else known.push(id);
  }
  return resets;
}
