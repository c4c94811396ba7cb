/** Writes of the back office: Applications and keys. One small transaction each, its audit entry included. */
import { type ApiKey, checkRoomForKey, type NewApiKey } from '../../domain/access/api-keys.ts';
import { apiKeyState } from '../../domain/access/audit-log.ts';
import type { Actor } from '../../domain/actor.ts';
import { auditRecord } from '../../domain/audit-record.ts';
import {
  type Application,
  type ApplicationChange,
  changeApplication,
  type NewApplication,
} from '../../domain/definitions/applications.ts';
import { applicationState } from '../../domain/definitions/audit-states.ts';

import { type ApiKeyRow, type ApplicationRow, environmentToNumber, toApiKey, toApplication } from '../sql/rows.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteBackOffice {
  readonly #writer: SqliteWriter;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  createApplication(actor: Actor, application: NewApplication): Application {
    const { name, environment, timezone, currency, description, payloadLogging, staging } = application;
    return this.#writer.insert(`An Application named '${name}' already exists`, () => {
      const now = this.#writer.now();
      const row = this.#writer.database
        .prepare<unknown[], ApplicationRow>(`
          insert into applications (name, environment, timezone, currency, description, payload_logging, staging, created,
            modified, version)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`)
        .get(
          name,
          environmentToNumber(environment),
          timezone,
          currency,
          description,
          payloadLogging,
          staging ? 1 : 0,
          now,
          now,
          this.#writer.raiseCatalogVersion(),
        );
      const created = toApplication(row as ApplicationRow);
      const path = `/v1/applications/${created.id}`;
      this.#writer.audit(actor, auditRecord(path, { new: applicationState(created) }, created.id));
      return created;
    });
  }
  updateApplication(actor: Actor, id: number, change: ApplicationChange): Application | undefined {
    return this.#writer.insert(`An Application named '${change.name ?? ''}' already exists`, () => {
      const before = this.#writer.catalog.current().applications.get(id);
      if (before === undefined) return undefined;
      const after = changeApplication(before, change);
      if (after === undefined) return before;
      const row = this.#writer.database
        .prepare<unknown[], ApplicationRow>(`
          update applications set name = ?, timezone = ?, currency = ?, description = ?, payload_logging = ?, staging = ?,
            modified = ?, version = ?
          where id = ? returning *`)
        .get(
          after.name,
          after.timezone,
          after.currency,
          after.description,
          after.payloadLogging,
          after.staging ? 1 : 0,
          Math.max(this.#writer.now(), before.modified),
          this.#writer.raiseCatalogVersion(),
          id,
        );
      const changed = toApplication(row as ApplicationRow);
      const states = { old: applicationState(before), new: applicationState(changed) };
      this.#writer.audit(actor, auditRecord(`/v1/applications/${id}`, states, id));
      return changed;
    });
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
      this.#writer.audit(actor, auditRecord(apiKeyPath(created), { new: apiKeyState(created) }, created.applicationId));
      return created;
    });
  }

  deleteApiKey(actor: Actor, id: number, applicationId?: number): ApiKey | undefined {
    return this.#writer.transaction(() => {
      const row = this.#writer.database
        .prepare<unknown[], ApiKeyRow>(`
          update api_keys set deleted_at = ?, deleted_by = ?
          where id = ? and deleted_at is null and application_id = coalesce(?, application_id) returning *`)
        .get(this.#writer.now(), actor.userId ?? null, id, applicationId ?? null);
      if (row === undefined) return undefined;
      const deleted = toApiKey(row);
      this.#writer.audit(actor, auditRecord(apiKeyPath(deleted), { old: apiKeyState(deleted) }, deleted.applicationId));
      return deleted;
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

function apiKeyPath(key: ApiKey): string {
  return `/v1/applications/${key.applicationId}/apikeys/${key.id}`;
}
