/** Reads of who may use the back office, and of what they did. */

import type { ManagementKey } from '../../domain/management-keys.ts';
import type { Session } from '../../domain/sessions.ts';
import type { User } from '../../domain/users.ts';
import { type Connection, translateErrors } from './database.ts';
import { type ManagementKeyRow, type SessionRow, toManagementKey, toSession, toUser, type UserRow } from './rows.ts';

export class SqliteAccountReader {
  readonly #listUsers;
  readonly #findUserByEmail;
  readonly #listSessions;
  readonly #listManagementKeys;

  constructor(database: Connection) {
    this.#listUsers = database.prepare<[], UserRow>('select * from users order by id');
    this.#findUserByEmail = database.prepare<[string], UserRow & { password_hash: string }>(
      'select * from users where lower(email) = lower(?)',
    );
    this.#listSessions = database.prepare<[number], SessionRow>(
      'select * from sessions where user_id = ? order by id desc',
    );
    this.#listManagementKeys = database.prepare<[], ManagementKeyRow>(
      'select * from management_keys where deleted_at is null order by id desc',
    );
  }

  listUsers(): User[] {
    return translateErrors(() => this.#listUsers.all().map(toUser));
  }

  findUserByEmail(email: string): { user: User; passwordHash: string } | undefined {
    return translateErrors(() => {
      const row = this.#findUserByEmail.get(email);
      return row === undefined ? undefined : { user: toUser(row), passwordHash: row.password_hash };
    });
  }

  listSessions(userId: number): Session[] {
    return translateErrors(() => this.#listSessions.all(userId).map(toSession));
  }

  listManagementKeys(): ManagementKey[] {
    return translateErrors(() => this.#listManagementKeys.all().map(toManagementKey));
  }
}
