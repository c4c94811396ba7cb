/** Reads of the audit log: filtered, in the order of its numbers. */

import type { AuditEntry, AuditFilter, AuditPage, AuditSlice } from '../../domain/access/audit-log.ts';
import type { AuditState } from '../../domain/audit-record.ts';
import type { Db, Queries, SqlValue } from './db.ts';
import { containing, placeholders } from './patterns.ts';

interface AuditRow {
  id: number;
  created: number;
  user_id: number | null;
  management_key_id: number | null;
  application_id: number | null;
  entity: string;
  old: string | null;
  new: string | null;
}

export function auditEntryMethods(db: Db) {
  return {
    async listAuditEntries(filter: AuditFilter, page: AuditPage): Promise<AuditSlice> {
      const { limit, skip, descending, after, countAll = false } = page;
      return db.snapshot(async (tx) => {
        const total = countAll ? await countEntries(tx, filter) : undefined;
        const { conditions, values } = conditionsOf(filter);
        if (after !== undefined) {
          conditions.push(descending ? 'id < ?' : 'id > ?');
          values.push(after);
        }
        const rows = await tx.all<AuditRow>(
          `select * from audit_entries where ${conditions.join(' and ')}
          order by id ${descending ? 'desc' : 'asc'} limit ? offset ?`,
          ...values,
          limit,
          skip,
        );
        return { entries: rows.map(toEntry), total };
      });
    },
  };
}

async function countEntries(tx: Queries, filter: AuditFilter): Promise<number> {
  const { conditions, values } = conditionsOf(filter);
  const sql = `select count(*) as entries from audit_entries where ${conditions.join(' and ')}`;
  return (await tx.get<{ entries: number }>(sql, ...values))?.entries ?? 0;
}

/** The filter as SQL: the texts are ours, and requested values are bound. */
function conditionsOf(filter: AuditFilter): { conditions: string[]; values: SqlValue[] } {
  const conditions = ['true'];
  const values: SqlValue[] = [];
  const add = (condition: string, value: number | string | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add('application_id = ?', filter.applicationId);
  if (filter.visibleApplicationIds !== undefined) {
    conditions.push(`application_id in (${placeholders(filter.visibleApplicationIds.length)})`);
    values.push(...filter.visibleApplicationIds);
  }
  if (filter.entityPath !== undefined) add("lower(entity) like lower(?) escape '\\'", containing(filter.entityPath));
  if (filter.userId === 0) conditions.push('user_id is null');
  else add('user_id = ?', filter.userId);
  add('created < ?', filter.createdBefore);
  add('created > ?', filter.createdAfter);
  add('management_key_id = ?', filter.managementKeyId);
  return { conditions, values };
}

function toEntry(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    created: row.created,
    userId: row.user_id ?? undefined,
    managementKeyId: row.management_key_id ?? undefined,
    applicationId: row.application_id ?? undefined,
    entity: row.entity,
    old: row.old === null ? undefined : (JSON.parse(row.old) as AuditState),
    new: row.new === null ? undefined : (JSON.parse(row.new) as AuditState),
  };
}
