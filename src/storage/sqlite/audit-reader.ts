/** Reads of the audit log: filtered, in the order of its numbers. */

import type { AuditEntry, AuditFilter, AuditPage, AuditSlice } from '../../domain/access/audit-log.ts';
import type { AuditState } from '../../domain/audit-record.ts';
import { type Connection, readOnce } from './database.ts';

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

export class SqliteAuditReader {
  readonly #database: Connection;

  constructor(database: Connection) {
    this.#database = database;
  }

  list(filter: AuditFilter, { limit, skip, descending, after, countAll = false }: AuditPage): AuditSlice {
    return readOnce(this.#database, () => {
      const total = countAll ? this.#count(filter) : undefined;
      const { conditions, values } = conditionsOf(filter);
      if (after !== undefined) {
        conditions.push(descending ? 'id < ?' : 'id > ?');
        values.push(after);
      }
      const entries = this.#database
        .prepare<unknown[], AuditRow>(`
          select * from audit_entries where ${conditions.join(' and ')}
          order by id ${descending ? 'desc' : 'asc'} limit ? offset ?`)
        .all(...values, limit, skip)
        .map(toEntry);
      return { entries, total };
    });
  }

  #count(filter: AuditFilter): number {
    const { conditions, values } = conditionsOf(filter);
    const sql = `select count(*) from audit_entries where ${conditions.join(' and ')}`;
    return (
      this.#database
        .prepare<unknown[], number>(sql)
        .pluck()
        .get(...values) ?? 0
    );
  }
}

/** The filter as SQL: the texts are ours, what was asked for is bound. */
function conditionsOf(filter: AuditFilter): { conditions: string[]; values: (number | string)[] } {
  const conditions = ['true'];
  const values: (number | string)[] = [];
  const add = (condition: string, value: number | string | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add('application_id = ?', filter.applicationId);
  if (filter.visibleApplicationIds !== undefined) {
    add('application_id in (select value from json_each(?))', JSON.stringify(filter.visibleApplicationIds));
  }
  add('instr(lower(entity), lower(?)) > 0', filter.entityPath);
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
