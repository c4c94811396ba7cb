/** Writes about users. One small transaction each, its audit entry included. */

import { userState } from '../../domain/access/audit-log.ts';
import { userNotFound } from '../../domain/access/user-administration.ts';
import type { NewUser, User } from '../../domain/access/users.ts';
import { checkAdminsLeft, type PasswordChange, type UserChange } from '../../domain/access/users.ts';
import type { Actor } from '../../domain/actor.ts';
import { auditRecord } from '../../domain/audit-record.ts';
import { DomainError } from '../../domain/errors.ts';
import { toUser, type UserRow } from '../sql/rows.ts';
import type { SqliteWriter } from './writer.ts';

type StoredUser = UserRow & { password_hash: string };

export class SqliteUserWriter {
  readonly #writer: SqliteWriter;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  createUser(actor: Actor, user: NewUser): User {
    return this.#writer.insert(`A user with the e-mail ${user.email} already exists`, () => {
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
      this.#writer.audit(actor, auditRecord(`/v1/users/${created.id}`, { new: userState(created) }));
      return created;
    });
  }

  updateUser(actor: Actor, id: number, change: UserChange): User | undefined {
    return this.#writer.transaction(() => {
      const before = this.#find(id);
      return before === undefined ? undefined : this.#change(actor, before, change);
    });
  }

  deleteUser(actor: Actor, id: number): User | undefined {
    return this.#writer.transaction(() => {
      const row = this.#writer.database
        .prepare<[number], UserRow>('delete from users where id = ? returning *')
        .get(id);
      if (row === undefined) return undefined;
      const deleted = toUser(row);
      if (isActiveAdmin(deleted)) this.#assertAdminsLeft();
      this.#endSessions(id);
      this.#writer.database.prepare('delete from devices where user_id = ?').run(id);
      this.#writer.audit(actor, auditRecord(`/v1/users/${id}`, { old: userState(deleted) }));
      return deleted;
    });
  }

  setPassword(actor: Actor, id: number, change: PasswordChange): User | undefined {
    return this.#writer.transaction(() => {
      const before = this.#find(id);
      if (before === undefined) return undefined;
      if (change.expected !== undefined && change.expected !== before.password_hash) {
        throw new DomainError('conflict', 'The password was changed meanwhile; nothing was done');
      }
      const row = this.#writer.database
        .prepare<unknown[], UserRow>(`
          update users set password_hash = ?, must_change_password = ?, modified = ? where id = ? returning *`)
        .get(change.passwordHash, change.mustChangePassword ? 1 : 0, this.#writer.now(), id);
      const user = toUser(row as UserRow);
      this.#endSessions(id, change.keepSession);
      // That it was changed, and by whom; of the password nothing.
      const { email, mustChangePassword } = user;
      this.#writer.audit(actor, auditRecord(`/v1/users/${id}/password`, { new: { id, email, mustChangePassword } }));
      return user;
    });
  }

  setAdmins(actor: Actor, ids: readonly number[]): void {
    this.#writer.transaction(() => {
      const users = this.#writer.database.prepare<[], StoredUser>('select * from users order by id').all();
      const known = new Set(users.map((each) => each.id));
      const unknown = ids.find((id) => !known.has(id));
      if (unknown !== undefined) throw userNotFound(String(unknown));
      const wanted = new Set(ids);
      // Those who become admins first: then there is one at every step.
      const changed = users.filter((each) => (each.is_admin === 1) !== wanted.has(each.id));
      changed.sort((a, b) => a.is_admin - b.is_admin);
      for (const each of changed) this.#change(actor, each, { isAdmin: wanted.has(each.id) });
    });
  }

  #change(actor: Actor, row: StoredUser, change: UserChange): User {
    const before = toUser(row);
    // Whoever has no password cannot sign in, so cannot be active.
    const active = row.password_hash === '' ? 'invited' : 'active';
    let { state } = before;
    if (change.state === 'deactivated') state = 'deactivated';
    else if (change.state === 'active' && state === 'deactivated') state = active;
    const { name = before.name, isAdmin = before.isAdmin } = change;
    if (name === before.name && isAdmin === before.isAdmin && state === before.state) return before;
    const changed = this.#writer.database
      .prepare<unknown[], UserRow>(
        'update users set name = ?, is_admin = ?, state = ?, modified = ? where id = ? returning *',
      )
      .get(name, isAdmin ? 1 : 0, state, this.#writer.now(), row.id);
    const after = toUser(changed as UserRow);
    if (isActiveAdmin(before) && !isActiveAdmin(after)) this.#assertAdminsLeft();
    if (after.state === 'deactivated') this.#endSessions(row.id);
    const states = { old: userState(before), new: userState(after) };
    this.#writer.audit(actor, auditRecord(`/v1/users/${row.id}`, states));
    return after;
  }

  #find(id: number): StoredUser | undefined {
    return this.#writer.database.prepare<[number], StoredUser>('select * from users where id = ?').get(id);
  }

  #assertAdminsLeft(): void {
    const users = this.#writer.database.prepare<[], UserRow>('select * from users where is_admin = 1').all();
    checkAdminsLeft(users.map(toUser));
  }

  #endSessions(userId: number, except = 0): void {
    this.#writer.database.prepare('delete from sessions where user_id = ? and id <> ?').run(userId, except);
  }
}

function isActiveAdmin({ isAdmin, state }: User): boolean {
  return isAdmin && state === 'active';
}
