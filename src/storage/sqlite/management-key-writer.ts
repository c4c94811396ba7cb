/** Writes about management keys. One small transaction each, its audit entry included. */

import { managementKeyAuditState } from '../../domain/access/audit-log.ts';
import {
  checkRoomForManagementKey,
  type ManagementKey,
  type NewManagementKey,
} from '../../domain/access/management-keys.ts';
import type { Actor } from '../../domain/actor.ts';
import { auditRecord } from '../../domain/audit-record.ts';
import { type ManagementKeyRow, toManagementKey } from '../sql/rows.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteManagementKeyWriter {
  readonly #writer: SqliteWriter;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  create(actor: Actor, key: NewManagementKey): ManagementKey {
    return this.#writer.insert('This key exists already', () => {
      const { database } = this.#writer;
      const now = this.#writer.now();
      const others = database
        .prepare<[], { expires: number }>('select expires from management_keys where deleted_at is null')
        .all();
      checkRoomForManagementKey(others, now);
      const row = database
        .prepare<unknown[], ManagementKeyRow>(`
          insert into management_keys (name, hash, prefix, suffix, endpoints, application_ids, expires, created, created_by,
            disabled)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) returning *`)
        .get(
          key.name,
          key.hash,
          key.prefix,
          key.suffix,
          JSON.stringify(key.endpoints),
          JSON.stringify(key.applicationIds),
          key.expires,
          now,
          key.createdBy,
        );
      const created = toManagementKey(row as ManagementKeyRow);
      this.#writer.audit(actor, auditRecord(pathOf(created.id), { new: managementKeyAuditState(created) }));
      return created;
    });
  }

  disable(actor: Actor, id: number, disabled: boolean): ManagementKey | undefined {
    return this.#writer.transaction(() => {
      const { database } = this.#writer;
      const row = database
        .prepare<[number], ManagementKeyRow>('select * from management_keys where id = ? and deleted_at is null')
        .get(id);
      if (row === undefined) return undefined;
      const before = toManagementKey(row);
      if (before.disabled === disabled) return before;
      database.prepare('update management_keys set disabled = ? where id = ?').run(disabled ? 1 : 0, id);
      const after = { ...before, disabled };
      const states = { old: managementKeyAuditState(before), new: managementKeyAuditState(after) };
      this.#writer.audit(actor, auditRecord(pathOf(id), states));
      return after;
    });
  }

  delete(actor: Actor, id: number): ManagementKey | undefined {
    return this.#writer.transaction(() => {
      const row = this.#writer.database
        .prepare<[number, number], ManagementKeyRow>(
          'update management_keys set deleted_at = ? where id = ? and deleted_at is null returning *',
        )
        .get(this.#writer.now(), id);
      if (row === undefined) return undefined;
      const deleted = toManagementKey(row);
      this.#writer.audit(actor, auditRecord(pathOf(id), { old: managementKeyAuditState(deleted) }));
      return deleted;
    });
  }

  touch(id: number, time: number): void {
    this.#writer.transaction(() => {
      this.#writer.database
        .prepare('update management_keys set last_used_at = max(coalesce(last_used_at, 0), ?) where id = ?')
        .run(time, id);
    });
  }
}

function pathOf(id: number): string {
  return `/v1/management_keys/${id}`;
}
