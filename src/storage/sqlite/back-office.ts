/** Writes of the back office: definitions, keys, users. One small transaction each. */

import type { ApiKey, NewApiKey } from '../../domain/api-keys.ts';
import type { Application, NewApplication } from '../../domain/applications.ts';
import type { Attribute, NewAttribute } from '../../domain/attributes.ts';
import { DomainError } from '../../domain/errors.ts';
import type { NewUser, User } from '../../domain/users.ts';
import { sqliteCode } from './database.ts';
import {
  type ApiKeyRow,
  type ApplicationRow,
  type AttributeRow,
  environmentToNumber,
  toApiKey,
  toApplication,
  toAttribute,
  toUser,
  type UserRow,
} from './rows.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteBackOffice {
  readonly #writer: SqliteWriter;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  createApplication(application: NewApplication): Application {
    const { name, environment, timezone, currency, description } = application;
    return this.#insert(`An Application named '${name}' already exists`, () => {
      const now = Date.now();
      const row = this.#writer.database
        .prepare<unknown[], ApplicationRow>(`
          insert into applications (name, environment, timezone, currency, description, created, modified, version)
          values (?, ?, ?, ?, ?, ?, ?, ?) returning *`)
        .get(
          name,
          environmentToNumber(environment),
          timezone,
          currency,
          description,
          now,
          now,
          this.#writer.raiseCatalogVersion(),
        );
      return toApplication(row as ApplicationRow);
    });
  }

  createAttribute(attribute: NewAttribute): Attribute {
    const { entity, name, title } = attribute;
    return this.#insert(`An attribute with the name '${name}' or the title '${title}' already exists`, () => {
      const row = this.#writer.database
        .prepare<unknown[], AttributeRow>(`
          insert into attributes (entity, name, title, type, description, suggestions, restricted_by_suggestions,
            editable, application_ids, created, version)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`)
        .get(
          entity,
          name,
          title,
          attribute.type,
          attribute.description,
          JSON.stringify(attribute.suggestions),
          attribute.restrictedBySuggestions ? 1 : 0,
          attribute.editable ? 1 : 0,
          JSON.stringify(attribute.applicationIds),
          Date.now(),
          this.#writer.raiseCatalogVersion(),
        );
      return toAttribute(row as AttributeRow);
    });
  }

  createApiKey(key: NewApiKey): ApiKey {
    return this.#insert('This key exists already', () => {
      const row = this.#writer.database
        .prepare<unknown[], ApiKeyRow>(`
          insert into api_keys (application_id, title, platform, type, read_only, rate_limit, hash, prefix, suffix,
            expires, created, created_by)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`)
        .get(
          key.applicationId,
          key.title,
          key.platform,
          key.type,
          key.readOnly ? 1 : 0,
          key.rateLimit ?? null,
          key.hash,
          key.prefix,
          key.suffix,
          key.expires,
          Date.now(),
          key.createdBy ?? null,
        );
      return toApiKey(row as ApiKeyRow);
    });
  }

  deleteApiKey(id: number): ApiKey | undefined {
    return this.#writer.transaction(() => {
      const row = this.#writer.database
        .prepare<[number, number], ApiKeyRow>(
          'update api_keys set deleted_at = ? where id = ? and deleted_at is null returning *',
        )
        .get(Date.now(), id);
      return row === undefined ? undefined : toApiKey(row);
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

  createUser(user: NewUser): User {
    return this.#insert(`A user with the e-mail ${user.email} already exists`, () => {
      const now = Date.now();
      const row = this.#writer.database
        .prepare<unknown[], UserRow>(`
          insert into users (email, name, password_hash, is_admin, state, must_change_password, created, modified)
          values (?, ?, ?, ?, ?, ?, ?, ?) returning *`)
        .get(
          user.email,
          user.name,
          user.passwordHash,
          user.isAdmin ? 1 : 0,
          user.state,
          user.mustChangePassword ? 1 : 0,
          now,
          now,
        );
      return toUser(row as UserRow);
    });
  }

  #insert<T>(taken: string, work: () => T): T {
    try {
      return this.#writer.transaction(work);
    } catch (error) {
      if (sqliteCode(error) === 'SQLITE_CONSTRAINT_UNIQUE') throw new DomainError('conflict', taken);
      throw error;
    }
  }
}
