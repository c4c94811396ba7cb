/** Writes about management keys. One small transaction each, its audit entry included. */

import { managementKeyRecord } from '../../domain/access/audit-records.ts';
import {
  checkRoomForManagementKey,
  decideManagementKey,
  type ManagementKeyCommand,
} from '../../domain/access/management-key-changes.ts';
import type { ManagementKey, NewManagementKey } from '../../domain/access/management-keys.ts';
import type { Actor } from '../../domain/actor.ts';
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
      this.#writer.audit(actor, managementKeyRecord({ new: created }));
      return created;
    });
  }

  change(actor: Actor, command: ManagementKeyCommand): ManagementKey {
    return this.#writer.transaction(() => {
      const { database } = this.#writer;
      const row = database
        .prepare<[number], ManagementKeyRow>('select * from management_keys where id = ?')
        .get(command.id);
      const stored = row === undefined ? undefined : toManagementKey(row);
      const { key, audit } = decideManagementKey(command, stored, this.#writer.now());
      if (audit === undefined) return key;
      database
        .prepare('update management_keys set disabled = ?, deleted_at = ? where id = ?')
        .run(key.disabled ? 1 : 0, key.deletedAt ?? null, key.id);
      this.#writer.audit(actor, audit);
      return key;
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
