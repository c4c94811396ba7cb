/**
 * Replaces all members of an audience: the new ones are gathered in a hidden set, in small transactions that let other
 * writes through; then one transaction compares it with the old set, records the difference and swaps the two.
 */

import { DomainError } from '../../domain/errors.ts';
import { noChanges } from '../../domain/memberships/batch.ts';
import type { Caller } from '../../domain/memberships/commands.ts';
import { decideReplacement } from '../../domain/memberships/decide/replacement.ts';
import { requireStaged, stageMembers, takeOver } from '../../domain/memberships/staging.ts';
import type { Replacement, ReplacementOptions } from '../../domain/memberships/storage.ts';
import { ACTION_NUMBERS, environmentFromNumber } from '../sql/rows.ts';
import { recordImport } from './imports.ts';
import { StagingClaims } from './staging-claims.ts';
import type { SqliteWriter } from './writer.ts';

interface StagingRow {
  environment: number;
  member_set: number;
  staged_set: number | null;
  staged_at: number | null;
}

export class SqliteReplacement {
  readonly #writer: SqliteWriter;
  readonly #claims: StagingClaims;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
    this.#claims = new StagingClaims(writer.database);
  }

  begin(audienceId: number): number {
    return this.#writer.transaction((sequences) => {
      const { staged_set: staged, staged_at: movedAt } = this.#audience(audienceId);
      const now = this.#writer.now();
      const isStagedUnderWay = staged !== null && this.#claims.isUnderWay('members', staged, movedAt ?? 0, now);
      const dead = takeOver(audienceId, staged === null ? undefined : { set: staged, isUnderWay: isStagedUnderWay });
      if (dead !== undefined) this.#bury(dead);
      const set = sequences.memberSet++;
      this.#stage(audienceId, set);
      // Last: only a set that was begun is claimed.
      this.#claims.claim('members', set);
      return set;
    });
  }

  add(audienceId: number, set: number, integrationIds: readonly string[]): void {
    this.#writer.transaction((sequences) => {
      const row = this.#audienceStaging(audienceId, set);
      const environment = environmentFromNumber(row.environment);
      const now = this.#writer.now();
      const profiles = this.#writer.loadProfiles(
        integrationIds.map((integrationId) => ({ environment, integrationId })),
      );
      const { limits } = this.#writer;
      const changes = noChanges();
      const state = {
        catalog: this.#writer.catalog.current(),
        profiles,
        sequences,
        limits,
        erased: this.#writer.erased,
        now,
      };
      stageMembers(state, changes, environment, set, integrationIds);
      this.#writer.save(changes, profiles.values(), sequences, now);
      this.#prepare('update audiences set staged_at = ? where id = ?').run(now, audienceId);
    });
  }

  finish(audienceId: number, set: number, caller: Caller, options: ReplacementOptions = {}): Replacement {
    const replacement = this.#replace(audienceId, set, caller, options);
    this.#claims.release('members', set);
    return replacement;
  }

  #replace(audienceId: number, set: number, caller: Caller, options: ReplacementOptions): Replacement {
    return this.#writer.transaction((sequences) => {
      const { member_set: oldSet } = this.#audienceStaging(audienceId, set);
      const { members, joins, leaves } = this.#keepDifference(set, oldSet);
      const compared = { audienceId, oldSet, members, joins, leaves };
      const { changes, recorded } = decideReplacement(compared, caller, options);
      const { firstEntry } = this.#writer.save(changes, [], sequences, this.#writer.now());
      this.#prepare('insert into replacements values (?, ?)').run(set, firstEntry);
      this.#prepare(
        'update audiences set member_set = ?, staged_set = null, staged_at = null, version = ? where id = ?',
      ).run(set, this.#writer.raiseCatalogVersion(), audienceId);
      const { userId, entity, amount, warnings } = recorded;
      const done = recordImport(this.#writer, { userId }, entity, audienceId, amount, warnings);
      return { recorded: done, members, joins, leaves };
    });
  }

  /** Records, with the new set, which profiles it adds and removes. */
  #keepDifference(set: number, old: number): { members: number; joins: number; leaves: number } {
    const keep = this.#prepare(`
      insert into replacement_changes (member_set, profile_id, action)
      select $set, profile_id, $action from members
      where member_set = $from and not exists (
        select 1 from members as other where other.member_set = $without and other.profile_id = members.profile_id)`);
    const joins = keep.run({ set, action: ACTION_NUMBERS.joined, from: set, without: old }).changes;
    const leaves = keep.run({ set, action: ACTION_NUMBERS.left, from: old, without: set }).changes;
    const members = this.#prepare('select count(*) from members where member_set = ?').pluck().get(set) as number;
    return { members, joins, leaves };
  }

  abandon(audienceId: number, set: number): void {
    this.#claims.release('members', set);
    this.#writer.transaction(() => {
      const row = this.#prepare('select staged_set from audiences where id = ?').pluck().get(audienceId);
      if (row !== set) return;
      this.#stage(audienceId, null);
      this.#bury(set);
    });
  }

  #stage(audienceId: number, set: number | null): void {
    this.#prepare('update audiences set staged_set = ?, staged_at = ?, version = ? where id = ?').run(
      set,
      set === null ? null : this.#writer.now(),
      this.#writer.raiseCatalogVersion(),
      audienceId,
    );
  }

  #bury(set: number): void {
    this.#prepare('insert into dead_sets values (?) on conflict do nothing').run(set);
  }

  #audience(audienceId: number): StagingRow {
    const row = this.#prepare(
      'select environment, member_set, staged_set, staged_at from audiences where id = ? and deleted is null',
    ).get(audienceId) as StagingRow | undefined;
    if (row === undefined) throw new DomainError('not_found', `Audience ${audienceId} not found`);
    return row;
  }

  #audienceStaging(audienceId: number, set: number): StagingRow {
    const row = this.#audience(audienceId);
    requireStaged(audienceId, row.staged_set ?? undefined, set);
    return row;
  }

  #prepare(sql: string) {
    return this.#writer.database.prepare(sql);
  }
}
