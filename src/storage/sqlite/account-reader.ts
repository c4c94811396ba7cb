/** Reads of who may use the back office, and of what they did. */

import type { User } from '../../domain/users.ts';
import { type Connection, translateErrors } from './database.ts';
import { toUser, type UserRow } from './rows.ts';

export class SqliteAccountReader {
  readonly #listUsers;
  readonly #findUserByEmail;

  constructor(database: Connection) {
    this.#listUsers = database.prepare<[], UserRow>('select * from users order by id');
    this.#findUserByEmail = database.prepare<[string], UserRow & { password_hash: string }>(
      'select * from users where lower(email) = lower(?)',
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
}
