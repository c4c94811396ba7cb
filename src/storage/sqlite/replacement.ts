/**
 * Replacing all members of an audience: the new ones gather in a hidden set, in small transactions that let other writes
 * through; then one transaction compares it with the old set, keeps the difference and swaps the two.
 */

import { auditRecord } from '../../domain/audit-record.ts';
import { DomainError } from '../../domain/errors.ts';
import { auditedWarnings, recordedWarnings } from '../../domain/list-warnings.ts';
import { type ProfileDraft, profileKey } from '../../domain/memberships/batch.ts';
import type { Caller } from '../../domain/memberships/commands.ts';
import { isDrasticReplacement, tooDrastic } from '../../domain/memberships/replacement.ts';
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
      const row = this.#audience(audienceId);
      if (row.staged_set !== null) {
        if (this.#claims.isUnderWay('members', row.staged_set, row.staged_at ?? 0, this.#writer.now())) {
          throw new DomainError('conflict', `Another import into audience ${audienceId} is under way`);
        }
        this.#bury(row.staged_set);
      }
      const set = sequences.memberSet++;
      this.#stage(audienceId, set);
      // Last: only what was begun is claimed.
      this.#claims.claim('members', set);
      return set;
    });
  }

  add(audienceId: number, set: number, integrationIds: readonly string[]): void {
    this.#writer.transaction((sequences) => {
      const row = this.#audienceStaging(audienceId, set);
      const environment = environmentFromNumber(row.environment);
      const now = this.#writer.now();
      const profiles = new Map<string, ProfileDraft>();
      for (const integrationId of integrationIds) {
        this.#writer.loadProfile(profiles, environment, integrationId);
        const key = profileKey(environment, integrationId);
        const known = profiles.get(key);
        if (known === undefined) {
          profiles.set(key, {
            id: sequences.profile++,
            environment,
            integrationId,
            created: now,
            isNew: true,
            storedSets: [],
            sets: [set],
            attributesJson: '{}',
            lastActivity: now,
            lastChange: 0,
            attributesWritten: 0,
            changed: true,
          });
        } else if (!known.sets.includes(set)) {
          known.sets = [...known.sets, set];
          known.changed = true;
        }
      }
      this.#writer.saveProfiles(profiles.values(), now);
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
      const now = this.#writer.now();
      const { member_set: old } = this.#audienceStaging(audienceId, set);
      const keepDifference = this.#prepare(`
        insert into replacement_changes (member_set, profile_id, action)
        select $set, profile_id, $action from members
        where member_set = $from and not exists (
          select 1 from members as other where other.member_set = $without and other.profile_id = members.profile_id)`);
      const joins = keepDifference.run({ set, action: ACTION_NUMBERS.joined, from: set, without: old }).changes;
      const leaves = keepDifference.run({ set, action: ACTION_NUMBERS.left, from: old, without: set }).changes;
      const members = this.#prepare('select count(*) from members where member_set = ?').pluck().get(set) as number;
      const before = members - joins + leaves;
      if (options.isDrasticMeant === false && isDrasticReplacement({ members, before, leaves })) {
        throw tooDrastic({ members, before, leaves });
      }

      const requestId = sequences.request++;
      const changeId = sequences.change++;
      this.#writer.saveRequest(
        {
          id: requestId,
          uuid: caller.requestUuid,
          keyId: caller.keyId,
          userId: caller.userId,
          firstChange: changeId,
          arrival: undefined,
        },
        now,
      );
      this.#prepare('insert into membership_changes values (?, ?, ?, null, ?, ?, 0)').run(
        changeId,
        requestId,
        audienceId,
        ACTION_NUMBERS.replaced,
        members,
      );
      this.#prepare('insert into replacements values (?, ?)').run(set, changeId);
      this.#writer.saveCounters(new Map([[audienceId, { joins, leaves, lastRequest: requestId }]]), now);
      this.#prepare(
        'update audiences set member_set = ?, staged_set = null, staged_at = null, version = ? where id = ?',
      ).run(set, this.#writer.raiseCatalogVersion(), audienceId);
      this.#bury(old);
      const { keyId, userId, managementKeyId } = caller;
      const actor = { userId, managementKeyId };
      const warnings = recordedWarnings(options.noticed, members);
      const state = { members, joins, leaves, ...auditedWarnings(warnings) };
      const record = auditRecord(`/v1/audiences/${audienceId}/memberships`, { new: state });
      if (keyId === undefined) this.#writer.audit(actor, record);
      const recorded = recordImport(this.#writer, actor, 'AudienceMembership', audienceId, members, warnings);
      return { recorded, members, joins, leaves };
    });
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
    if (row.staged_set !== set) {
      throw new DomainError(
        'conflict',
        `This import into audience ${audienceId} was given up and taken over by another`,
      );
    }
    return row;
  }

  #prepare(sql: string) {
    return this.#writer.database.prepare(sql);
  }
}
