/** Writes about users: loads them, lets the domain decide and saves the outcome, in one transaction with its audit entries. */

import { userRecord } from '../../domain/access/audit-records.ts';
import type { Device } from '../../domain/access/devices.ts';
import { decideUsers, type UserCommand } from '../../domain/access/user-changes.ts';
import { emailTaken, type NewUser, type StoredUser, type User } from '../../domain/access/users.ts';
import type { Actor } from '../../domain/actor.ts';
import { type StoredUserRow, toStoredUser, toUser, type UserRow } from '../sql/rows.ts';
import type { Connection } from './database.ts';
import type { SqliteDeviceWriter } from './device-writer.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteUserWriter {
  readonly #writer: SqliteWriter;
  readonly #devices: SqliteDeviceWriter;

  constructor(writer: SqliteWriter, devices: SqliteDeviceWriter) {
    this.#writer = writer;
    this.#devices = devices;
  }

  createUser(actor: Actor, user: NewUser): User {
    return this.#writer.insert(emailTaken(user.email).message, () => {
      const now = this.#writer.now();
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
      const created = toUser(row as UserRow);
      this.#writer.audit(actor, userRecord({ new: created }));
      return created;
    });
  }

  changeUsers(actor: Actor, command: UserCommand): readonly User[] {
    return this.#writer.transaction(() => {
      const { database } = this.#writer;
      const rows = database.prepare<[], StoredUserRow>('select * from users order by id').all();
      const outcome = decideUsers(command, rows.map(toStoredUser), this.#writer.now());
      for (const stored of outcome.saved) saveUser(database, stored);
      for (const id of outcome.deleted) {
        database.prepare('delete from users where id = ?').run(id);
        database.prepare('delete from sessions where user_id = ?').run(id);
        database.prepare('delete from devices where user_id = ?').run(id);
      }
      for (const { userId, keepSession = 0 } of outcome.signedOut) {
        database.prepare('delete from sessions where user_id = ? and id <> ?').run(userId, keepSession);
      }
      this.#keep(outcome.device);
      for (const record of outcome.audit) this.#writer.audit(actor, record);
      return outcome.users;
    });
  }

  #keep(device: Device | undefined): void {
    if (device !== undefined) this.#devices.keep(device);
  }
}

/** Saves everything that may change of a user, within the current transaction. */
export function saveUser(database: Connection, { user, passwordHash, unlockedUntil }: StoredUser): void {
  database
    .prepare(`
      update users set name = ?, password_hash = ?, is_admin = ?, state = ?, must_change_password = ?, modified = ?,
        last_signed_in = ?, last_accessed = ?, unlocked_until = ?
      where id = ?`)
    .run(
      user.name,
      passwordHash,
      user.isAdmin ? 1 : 0,
      user.state,
      user.mustChangePassword ? 1 : 0,
      user.modified,
      user.lastSignedIn ?? null,
      user.lastAccessed ?? null,
      unlockedUntil ?? null,
      user.id,
    );
}
