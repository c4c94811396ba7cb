/**
 * Replacing the list of values an attribute allows: the new one gathers in small transactions that let other writes through;
 * then one transaction puts it in the place of the old one.
 */

import type { Actor } from '../../domain/actor.ts';
import { auditRecord } from '../../domain/audit-record.ts';
import { attributeNotFound } from '../../domain/definitions/attributes.ts';
import { attributeState } from '../../domain/definitions/audit-states.ts';
import type { Import } from '../../domain/definitions/imports.ts';
import { DomainError } from '../../domain/errors.ts';
import { auditedWarnings, type NoticedInList, recordedWarnings } from '../../domain/list-warnings.ts';
import { type AttributeRow, toAttribute } from '../sql/rows.ts';
import { recordImport } from './imports.ts';
import { StagingClaims } from './staging-claims.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteAllowedLists {
  readonly #writer: SqliteWriter;
  readonly #claims: StagingClaims;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
    this.#claims = new StagingClaims(writer.database);
  }

  begin(attributeId: number): number {
    return this.#writer.transaction(() => {
      const row = this.#attribute(attributeId);
      if (row.staged_list !== null) {
        if (this.#claims.isUnderWay('values', row.staged_list, row.staged_at ?? 0, this.#writer.now())) {
          throw new DomainError('conflict', `Another import of values for attribute ${attributeId} is under way`);
        }
        buryAllowedList(this.#writer, row.staged_list);
      }
      const list = this.#prepare("update sequences set next = next + 1 where name = 'allowed_list' returning next - 1")
        .pluck()
        .get() as number;
      this.#stage(attributeId, list);
      // Last: only what was begun is claimed.
      this.#claims.claim('values', list);
      return list;
    });
  }

  add(attributeId: number, list: number, values: readonly string[]): void {
    this.#writer.transaction(() => {
      this.#staging(attributeId, list);
      const insert = this.#prepare('insert into allowed_values values (?, ?) on conflict do nothing');
      for (const value of values) insert.run(list, value);
      this.#stage(attributeId, list);
    });
  }

  finish(actor: Actor, attributeId: number, list: number, noticed?: NoticedInList): Import {
    const done = this.#replace(actor, attributeId, list, noticed);
    this.#claims.release('values', list);
    return done;
  }

  #replace(actor: Actor, attributeId: number, list: number, noticed: NoticedInList | undefined): Import {
    return this.#writer.transaction(() => {
      const before = this.#staging(attributeId, list);
      const count = this.#prepare('select count(*) from allowed_values where allowed_list = ?').pluck();
      const amount = count.get(list) as number;
      const after = this.#prepare(`
        update attributes set allowed_list = ?, has_allowed_list = 1, staged_list = null, staged_at = null, version = ?
        where id = ? returning *`).get(list, this.#writer.raiseCatalogVersion(), attributeId) as AttributeRow;
      const warnings = recordedWarnings(noticed, amount);
      if (before.allowed_list !== null) buryAllowedList(this.#writer, before.allowed_list);
      const states = {
        old: attributeState(toAttribute(before)),
        new: { ...attributeState(toAttribute(after)), allowedValues: amount, ...auditedWarnings(warnings) },
      };
      this.#writer.audit(actor, auditRecord(`/v1/attributes/${attributeId}/allowed_list/import`, states));
      return recordImport(this.#writer, actor, 'AttributeAllowedList', attributeId, amount, warnings);
    });
  }

  abandon(attributeId: number, list: number): void {
    this.#claims.release('values', list);
    this.#writer.transaction(() => {
      const row = this.#prepare('select staged_list from attributes where id = ?').pluck().get(attributeId);
      if (row !== list) return;
      this.#stage(attributeId, null);
      buryAllowedList(this.#writer, list);
    });
  }

  /** Readers need not know of a list that is not in effect: the catalog's version stays. */
  #stage(attributeId: number, list: number | null): void {
    this.#prepare('update attributes set staged_list = ?, staged_at = ? where id = ?').run(
      list,
      list === null ? null : this.#writer.now(),
      attributeId,
    );
  }

  #attribute(attributeId: number): AttributeRow {
    const row = this.#prepare('select * from attributes where id = ?').get(attributeId) as AttributeRow | undefined;
    if (row === undefined) throw attributeNotFound(attributeId);
    return row;
  }

  #staging(attributeId: number, list: number): AttributeRow {
    const row = this.#attribute(attributeId);
    if (row.staged_list !== list) {
      throw new DomainError(
        'conflict',
        `This import of values for attribute ${attributeId} was given up and taken over by another`,
      );
    }
    return row;
  }

  #prepare(sql: string) {
    return this.#writer.database.prepare(sql);
  }
}

/** Leaves the list's values to the upkeep, within the current transaction. */
export function buryAllowedList(writer: SqliteWriter, list: number): void {
  writer.database.prepare('insert into dead_allowed_lists values (?) on conflict do nothing').run(list);
}
