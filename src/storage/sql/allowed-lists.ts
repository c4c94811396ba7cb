/**
 * Replaces the list of values an attribute allows: the new list is gathered in small transactions that let other writes
 * through; then one transaction replaces the old list.
 */

import type { Actor } from '../../domain/actor.ts';
import { auditRecord } from '../../domain/audit-record.ts';
import {
  abandonedList,
  importStates,
  requireStagedList,
  takeOverList,
} from '../../domain/definitions/attribute-changes.ts';
import { attributeNotFound } from '../../domain/definitions/attributes.ts';
import type { Import } from '../../domain/definitions/imports.ts';
import { type NoticedInList, recordedWarnings } from '../../domain/list-warnings.ts';
import { writeAudit } from './audit.ts';
import { raiseCatalogVersion } from './catalog.ts';
import type { Queries, Writing } from './db.ts';
import { recordImport } from './imports.ts';
import { placeholders } from './patterns.ts';
import { type AttributeRow, toAttribute } from './rows.ts';

/** Who gathers which list. An engine knows how to find out that the owner is gone. */
export interface ListClaims {
  /** @param movedAt when the list last grew, and `now`, in ms since the epoch */
  isUnderWay(kind: 'values', list: number, movedAt: number, now: number): boolean;
  /** @throws DomainError `unavailable` if no claim can be made */
  claim(kind: 'values', list: number): void;
  release(kind: 'values', list: number): void;
}

// One statement adds this many values: few round trips, and far fewer parameters than either engine allows.
const VALUES_PER_STATEMENT = 500;

export function allowedListMethods({ db, now }: Writing, claims: ListClaims) {
  return {
    async beginAllowedList(attributeId: number): Promise<number> {
      return db.transaction(async (tx) => {
        const { staged_list: staged, staged_at: movedAt } = await attributeOf(tx, attributeId);
        const isUnderWay = staged !== null && claims.isUnderWay('values', staged, movedAt ?? 0, now());
        const dead = takeOverList(attributeId, staged === null ? undefined : { list: staged, isUnderWay });
        if (dead !== undefined) await discardAllowedList(tx, dead);
        const list = await nextList(tx);
        await stage(tx, attributeId, list, now());
        // Last: only a list that was begun is claimed.
        claims.claim('values', list);
        return list;
      });
    },

    async addAllowedValues(attributeId: number, list: number, values: readonly string[]): Promise<void> {
      await db.transaction(async (tx) => {
        await stagingOf(tx, attributeId, list);
        for (let start = 0; start < values.length; start += VALUES_PER_STATEMENT) {
          await addValues(tx, list, values.slice(start, start + VALUES_PER_STATEMENT));
        }
        await stage(tx, attributeId, list, now());
      });
    },

    async finishAllowedList(actor: Actor, attributeId: number, list: number, noticed?: NoticedInList): Promise<Import> {
      const done = await db.transaction(async (tx) => {
        const before = toAttribute(await stagingOf(tx, attributeId, list));
        const amount = await countValues(tx, list);
        const row = await tx.get<AttributeRow>(
          `update attributes set allowed_list = ?, has_allowed_list = 1, staged_list = null, staged_at = null, version = ?
          where id = ? returning *`,
          list,
          await raiseCatalogVersion(tx),
          attributeId,
        );
        const after = toAttribute(row as AttributeRow);
        const dead = abandonedList(before, after);
        if (dead !== undefined) await discardAllowedList(tx, dead);
        const warnings = recordedWarnings(noticed, amount);
        const states = importStates(before, after, amount, warnings);
        const time = now();
        await writeAudit(tx, actor, auditRecord(`/v1/attributes/${attributeId}/allowed_list/import`, states), time);
        const entity = 'AttributeAllowedList';
        return recordImport(tx, {
          entityId: attributeId,
          created: time,
          userId: actor.userId,
          entity,
          amount,
          warnings,
        });
      });
      claims.release('values', list);
      return done;
    },

    async abandonAllowedList(attributeId: number, list: number): Promise<void> {
      claims.release('values', list);
      await db.transaction(async (tx) => {
        const row = await tx.get<AttributeRow>('select * from attributes where id = ?', attributeId);
        if (row?.staged_list !== list) return;
        await stage(tx, attributeId, null, null);
        await discardAllowedList(tx, list);
      });
    },
  };
}

/** Marks a list that is no longer used; upkeep removes its values. */
export async function discardAllowedList(tx: Queries, list: number): Promise<void> {
  await tx.run('insert into dead_allowed_lists values (?) on conflict do nothing', list);
}

async function nextList(tx: Queries): Promise<number> {
  const row = await tx.get<{ list: number }>(
    "update sequences set next = next + 1 where name = 'allowed_list' returning next - 1 as list",
  );
  if (row === undefined) throw new Error('The database lacks the sequence allowed_list');
  return row.list;
}

async function addValues(tx: Queries, list: number, values: readonly string[]): Promise<void> {
  const rows = values.map(() => `(${placeholders(2)})`).join(', ');
  await tx.run(
    `insert into allowed_values (allowed_list, value) values ${rows} on conflict do nothing`,
    ...values.flatMap((value) => [list, value]),
  );
}

async function countValues(tx: Queries, list: number): Promise<number> {
  const sql = 'select count(*) as amount from allowed_values where allowed_list = ?';
  return (await tx.get<{ amount: number }>(sql, list))?.amount ?? 0;
}

/** Readers need not know about a list that is not in effect, so the catalog's version stays the same. */
async function stage(tx: Queries, attributeId: number, list: number | null, time: number | null): Promise<void> {
  await tx.run('update attributes set staged_list = ?, staged_at = ? where id = ?', list, time, attributeId);
}

async function attributeOf(tx: Queries, attributeId: number): Promise<AttributeRow> {
  const row = await tx.get<AttributeRow>('select * from attributes where id = ?', attributeId);
  if (row === undefined) throw attributeNotFound(attributeId);
  return row;
}

async function stagingOf(tx: Queries, attributeId: number, list: number): Promise<AttributeRow> {
  const row = await attributeOf(tx, attributeId);
  requireStagedList(attributeId, row.staged_list ?? undefined, list);
  return row;
}
