/** Writes about API keys: one small transaction each, its audit entry included. */

import { checkRoomForKey, decideKeyDeletion } from '../../domain/access/api-key-changes.ts';
import type { ApiKey, NewApiKey } from '../../domain/access/api-keys.ts';
import { apiKeyRecord } from '../../domain/access/audit-records.ts';
import type { Actor } from '../../domain/actor.ts';
import { type ApiKeyRow, toApiKey } from '../sql/rows.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteBackOffice {
  readonly #writer: SqliteWriter;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  createApiKey(actor: Actor, key: NewApiKey): ApiKey {
    return this.#writer.insert('This key exists already', () => {
      const now = this.#writer.now();
      const others = this.#writer.database
        .prepare<[number], ApiKeyRow>('select * from api_keys where application_id = ? and deleted_at is null')
        .all(key.applicationId);
      checkRoomForKey(others.map(toApiKey), key, now);
      const row = this.#writer.database
        .prepare<unknown[], ApiKeyRow>(`
          insert into api_keys (application_id, title, platform, type, read_only, rate_limit, time_offset, hash, prefix,
            suffix, expires, created, created_by)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`)
        .get(
          key.applicationId,
          key.title,
          key.platform,
          key.type,
          key.readOnly ? 1 : 0,
          key.rateLimit ?? null,
          key.timeOffset ?? null,
          key.hash,
          key.prefix,
          key.suffix,
          key.expires,
          now,
          key.createdBy ?? null,
        );
      const created = toApiKey(row as ApiKeyRow);
      this.#writer.audit(actor, apiKeyRecord({ new: created }));
      return created;
    });
  }

  deleteApiKey(actor: Actor, id: number, applicationId?: number): ApiKey {
    return this.#writer.transaction(() => {
      const { database } = this.#writer;
      const row = database.prepare<[number], ApiKeyRow>('select * from api_keys where id = ?').get(id);
      const stored = row === undefined ? undefined : toApiKey(row);
      const { saved, audit } = decideKeyDeletion(id, stored, applicationId, this.#writer.now());
      database
        .prepare('update api_keys set deleted_at = ?, deleted_by = ? where id = ?')
        .run(saved.deletedAt ?? null, actor.userId ?? null, id);
      this.#writer.audit(actor, audit);
      return saved;
    });
  }

  recordKeyUse(uses: ReadonlyMap<number, number>): void {
    this.#writer.transaction(() => {
      const save = this.#writer.database.prepare<[number, number]>(
        'update api_keys set last_used_at = max(coalesce(last_used_at, 0), ?) where id = ?',
      );
      for (const [id, time] of uses) save.run(time, id);
    });
  }
}
