/** Management keys: a change loads them, lets the domain decide and saves the outcome, in one transaction with its audit entry. */

import { managementKeyRecord } from '../../domain/access/audit-records.ts';
import {
  checkRoomForManagementKey,
  decideManagementKey,
  type ManagementKeyCommand,
} from '../../domain/access/management-key-changes.ts';
import type { ManagementKey, NewManagementKey } from '../../domain/access/management-keys.ts';
import type { Actor } from '../../domain/actor.ts';
import { writeAudit } from './audit.ts';
import { type Db, type Queries, transactionUnlessTaken, type Writing } from './db.ts';
import { type ManagementKeyRow, toManagementKey } from './rows.ts';

/** Finds a key that is not deleted by the hash of its secret. */
export const FIND_MANAGEMENT_KEY = 'select * from management_keys where hash = ? and deleted_at is null';

export function managementKeyMethods({ db, now }: Writing) {
  return {
    async createManagementKey(actor: Actor, key: NewManagementKey): Promise<ManagementKey> {
      return transactionUnlessTaken(db, 'This key already exists', async (tx) => {
        const time = now();
        checkRoomForManagementKey(await listKeys(tx), time);
        const row = await tx.get<ManagementKeyRow>(
          `insert into management_keys (name, hash, prefix, suffix, endpoints, application_ids, expires, created, created_by,
            disabled)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) returning *`,
          key.name,
          key.hash,
          key.prefix,
          key.suffix,
          JSON.stringify(key.endpoints),
          JSON.stringify(key.applicationIds),
          key.expires,
          time,
          key.createdBy,
        );
        const created = toManagementKey(row as ManagementKeyRow);
        await writeAudit(tx, actor, managementKeyRecord({ new: created }), time);
        return created;
      });
    },

    async changeManagementKey(actor: Actor, command: ManagementKeyCommand): Promise<ManagementKey> {
      return db.transaction(async (tx) => {
        const time = now();
        const row = await tx.get<ManagementKeyRow>('select * from management_keys where id = ?', command.id);
        const { key, audit } = decideManagementKey(command, row === undefined ? undefined : toManagementKey(row), time);
        if (audit === undefined) return key;
        const values = [key.disabled ? 1 : 0, key.deletedAt ?? null, key.id];
        await tx.run('update management_keys set disabled = ?, deleted_at = ? where id = ?', ...values);
        await writeAudit(tx, actor, audit, time);
        return key;
      });
    },

    async touchManagementKey(id: number, time: number): Promise<void> {
      const sql = 'update management_keys set last_used_at = ? where id = ? and coalesce(last_used_at, 0) < ?';
      await db.transaction(async (tx) => tx.run(sql, time, id, time));
    },
  };
}

export function managementKeyReadMethods(db: Db) {
  return {
    async listManagementKeys(): Promise<ManagementKey[]> {
      return listKeys(db);
    },
  };
}

/** The keys that are not deleted, newest first. */
async function listKeys(queries: Queries): Promise<ManagementKey[]> {
  const sql = 'select * from management_keys where deleted_at is null order by id desc';
  return (await queries.all<ManagementKeyRow>(sql)).map(toManagementKey);
}
