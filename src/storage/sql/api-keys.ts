/** API keys: a change loads them, lets the domain decide and saves the outcome, in one transaction with its audit entry. */

import { checkRoomForKey, decideKeyDeletion, decideKeySwitches } from '../../domain/access/api-key-changes.ts';
import type { ApiKey, KeySwitchChange, NewApiKey } from '../../domain/access/api-keys.ts';
import { apiKeyRecord } from '../../domain/access/audit-records.ts';
import type { Actor } from '../../domain/actor.ts';
import { writeAudit } from './audit.ts';
import { type Queries, transactionUnlessTaken, type Writing } from './db.ts';
import { type ApiKeyRow, toApiKey } from './rows.ts';

/** Lists the keys that are not deleted, newest first. */
export const LIST_API_KEYS = 'select * from api_keys where deleted_at is null order by created desc, id desc';

export function apiKeyMethods({ db, now }: Writing) {
  return {
    async createApiKey(actor: Actor, key: NewApiKey): Promise<ApiKey> {
      return transactionUnlessTaken(db, 'This key already exists', async (tx) => {
        const time = now();
        const sql = 'select * from api_keys where application_id = ? and deleted_at is null';
        const others = await tx.all<ApiKeyRow>(sql, key.applicationId);
        checkRoomForKey(others.map(toApiKey), key, time);
        const row = await tx.get<ApiKeyRow>(
          `insert into api_keys (application_id, title, platform, type, read_only, rate_limit, time_offset, lenient_rows, row_reports,
            skip_undefined_attributes, hash, prefix, suffix, expires, created, created_by)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`,
          key.applicationId,
          key.title,
          key.platform,
          key.type,
          key.readOnly ? 1 : 0,
          key.rateLimit ?? null,
          key.timeOffset ?? null,
          key.lenientRows ? 1 : 0,
          key.rowReports ? 1 : 0,
          key.skipUndefinedAttributes ? 1 : 0,
          key.hash,
          key.prefix,
          key.suffix,
          key.expires,
          time,
          key.createdBy ?? null,
        );
        const created = toApiKey(row as ApiKeyRow);
        await writeAudit(tx, actor, apiKeyRecord({ new: created }), time);
        return created;
      });
    },

    async deleteApiKey(actor: Actor, id: number, applicationId?: number): Promise<ApiKey> {
      return db.transaction(async (tx) => {
        const time = now();
        const { saved, audit } = decideKeyDeletion(id, await keyOf(tx, id), applicationId, time);
        const values = [saved.deletedAt ?? null, actor.userId ?? null, id];
        await tx.run('update api_keys set deleted_at = ?, deleted_by = ? where id = ?', ...values);
        await writeAudit(tx, actor, audit, time);
        return saved;
      });
    },

    async changeApiKey(actor: Actor, id: number, change: KeySwitchChange, applicationId?: number): Promise<ApiKey> {
      return db.transaction(async (tx) => {
        const { saved, audit } = decideKeySwitches(id, await keyOf(tx, id), applicationId, change);
        if (audit === undefined) return saved;
        await tx.run(
          'update api_keys set lenient_rows = ?, row_reports = ?, skip_undefined_attributes = ? where id = ?',
          saved.lenientRows ? 1 : 0,
          saved.rowReports ? 1 : 0,
          saved.skipUndefinedAttributes ? 1 : 0,
          id,
        );
        await writeAudit(tx, actor, audit, now());
        return saved;
      });
    },

    async recordKeyUse(uses: ReadonlyMap<number, number>): Promise<void> {
      const sql = 'update api_keys set last_used_at = ? where id = ? and coalesce(last_used_at, 0) < ?';
      await db.transaction(async (tx) => {
        for (const [id, time] of uses) await tx.run(sql, time, id, time);
      });
    },
  };
}

async function keyOf(tx: Queries, id: number): Promise<ApiKey | undefined> {
  const row = await tx.get<ApiKeyRow>('select * from api_keys where id = ?', id);
  return row === undefined ? undefined : toApiKey(row);
}
