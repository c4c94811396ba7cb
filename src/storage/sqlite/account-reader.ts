/** Reads of who may use the back office, and of what they did. */

import type { Device } from '../../domain/access/devices.ts';
import type { ManagementKey } from '../../domain/access/management-keys.ts';
import type { Session } from '../../domain/access/sessions.ts';
import type { StoredUser, User } from '../../domain/access/users.ts';
import {
  type ManagementKeyRow,
  type SessionRow,
  type StoredUserRow,
  toManagementKey,
  toSession,
  toStoredUser,
  toUser,
  type UserRow,
} from '../sql/rows.ts';
import { type Connection, translateErrors } from './database.ts';

export class SqliteAccountReader {
  readonly #listUsers;
  readonly #findUserByEmail;
  readonly #listSessions;
  readonly #listManagementKeys;
  readonly #findDevice;

  constructor(database: Connection) {
    this.#listUsers = database.prepare<[], UserRow>('select * from users order by id');
    this.#findUserByEmail = database.prepare<[string], StoredUserRow>(
      'select * from users where lower(email) = lower(?)',
    );
    this.#listSessions = database.prepare<[number], SessionRow>(
      'select * from sessions where user_id = ? order by id desc',
    );
    this.#findDevice = database.prepare<[Buffer], { user_id: number; expires: number }>(
      'select user_id, expires from devices where hash = ?',
    );
    this.#listManagementKeys = database.prepare<[], ManagementKeyRow>(
      'select * from management_keys where deleted_at is null order by id desc',
    );
  }

  listUsers(): User[] {
    return translateErrors(() => this.#listUsers.all().map(toUser));
  }

  findUserByEmail(email: string): StoredUser | undefined {
    return translateErrors(() => {
      const row = this.#findUserByEmail.get(email);
      return row === undefined ? undefined : toStoredUser(row);
    });
  }

  findDevice(hash: Buffer): Omit<Device, 'hash'> | undefined {
    return translateErrors(() => {
      const row = this.#findDevice.get(hash);
      return row === undefined ? undefined : { userId: row.user_id, expires: row.expires };
    });
  }

  listSessions(userId: number): Session[] {
    return translateErrors(() => this.#listSessions.all(userId).map(toSession));
  }

  listManagementKeys(): ManagementKey[] {
    return translateErrors(() => this.#listManagementKeys.all().map(toManagementKey));
  }
}
