/** Writes entries of the audit log: in the transaction of the change they record, or alone if nothing changes. */

import type { Actor } from '../../domain/actor.ts';
import type { AuditRecord } from '../../domain/audit-record.ts';
import type { Queries, SqlValue, Writing } from './db.ts';

/** Adds an entry; its parameters are those of `auditValues`. */
export const INSERT_AUDIT_ENTRY = `
  insert into audit_entries (created, user_id, management_key_id, application_id, entity, old, new)
  values (?, ?, ?, ?, ?, ?, ?)`;

/** @param now in ms since the epoch */
export function auditValues(actor: Actor, record: AuditRecord, now: number): SqlValue[] {
  return [
    now,
    actor.userId ?? null,
    actor.managementKeyId ?? null,
    record.applicationId ?? null,
    record.entity,
    record.old === undefined ? null : JSON.stringify(record.old),
    record.new === undefined ? null : JSON.stringify(record.new),
  ];
}

export function auditMethods({ db, now }: Writing) {
  return {
    async recordAudit(actor: Actor, record: AuditRecord): Promise<void> {
      await db.transaction(async (tx) => writeAudit(tx, actor, record, now()));
    },
  };
}

/** Adds an entry to the audit log. @param now in ms since the epoch */
export async function writeAudit(tx: Queries, actor: Actor, record: AuditRecord, now: number): Promise<void> {
  await tx.run(INSERT_AUDIT_ENTRY, ...auditValues(actor, record, now));
}
