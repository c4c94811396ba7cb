/** Users: a change loads them, lets the domain decide and saves the outcome, in one transaction with its audit entries. */

import { userRecord } from '../../domain/access/audit-records.ts';
import { decideUsers, type UserCommand } from '../../domain/access/user-changes.ts';
import { emailTaken, type NewUser, type StoredUser, type User } from '../../domain/access/users.ts';
import type { Actor } from '../../domain/actor.ts';
import { writeAudit } from './audit.ts';
import { type Db, type Queries, transactionUnlessTaken, type Writing } from './db.ts';
import { deleteDevicesOf, keepDevice } from './devices.ts';
import { type StoredUserRow, toStoredUser, toUser, type UserRow } from './rows.ts';

export function userMethods({ db, now }: Writing) {
  return {
    async createUser(actor: Actor, user: NewUser): Promise<User> {
      return transactionUnlessTaken(db, emailTaken(user.email).message, async (tx) => {
        const time = now();
        const row = await tx.get<UserRow>(
          `insert into users (email, name, password_hash, is_admin, state, must_change_password, created, modified)
          values (?, ?, ?, ?, ?, ?, ?, ?) returning *`,
          user.email,
          user.name,
          user.passwordHash,
          user.isAdmin ? 1 : 0,
          user.state,
          user.mustChangePassword ? 1 : 0,
          time,
          time,
        );
        const created = toUser(row as UserRow);
        await writeAudit(tx, actor, userRecord({ new: created }), time);
        return created;
      });
    },

    async changeUsers(actor: Actor, command: UserCommand): Promise<readonly User[]> {
      return db.transaction(async (tx) => {
        const time = now();
        const rows = await tx.all<StoredUserRow>('select * from users order by id');
        const outcome = decideUsers(command, rows.map(toStoredUser), time);
        for (const stored of outcome.saved) await saveUser(tx, stored);
        for (const id of outcome.deleted) await deleteUser(tx, id);
        for (const { userId, keepSession } of outcome.signedOut) await endSessions(tx, userId, keepSession);
        if (outcome.device !== undefined) await keepDevice(tx, outcome.device, time);
        for (const record of outcome.audit) await writeAudit(tx, actor, record, time);
        return outcome.users;
      });
    },
  };
}

export function userReadMethods(db: Db) {
  return {
    async listUsers(): Promise<User[]> {
      return (await db.all<UserRow>('select * from users order by id')).map(toUser);
    },

    async findUserByEmail(email: string): Promise<StoredUser | undefined> {
      const row = await db.get<StoredUserRow>('select * from users where lower(email) = lower(?)', email);
      return row === undefined ? undefined : toStoredUser(row);
    },
  };
}

/** Loads a user by ID within a transaction. */
export async function loadUser(tx: Queries, id: number): Promise<StoredUser | undefined> {
  const row = await tx.get<StoredUserRow>('select * from users where id = ?', id);
  return row === undefined ? undefined : toStoredUser(row);
}

/** Saves everything that may change about an existing user. */
export async function saveUser(tx: Queries, { user, passwordHash, unlockedUntil }: StoredUser): Promise<void> {
  await tx.run(
    `update users set name = ?, password_hash = ?, is_admin = ?, state = ?, must_change_password = ?, modified = ?,
      last_signed_in = ?, last_accessed = ?, unlocked_until = ?
    where id = ?`,
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

async function deleteUser(tx: Queries, id: number): Promise<void> {
  await tx.run('delete from users where id = ?', id);
  await endSessions(tx, id);
  await deleteDevicesOf(tx, id);
}

/** Ends the sessions of a user, except the one to keep. */
async function endSessions(tx: Queries, userId: number, keepSession = 0): Promise<void> {
  await tx.run('delete from sessions where user_id = ? and id <> ?', userId, keepSession);
}
