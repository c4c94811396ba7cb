/** Writes about who may use the back office. One small transaction each, its audit entry included. */

import { type Actor, auditRecord, userState } from '../../domain/audit-log.ts';
import type { NewSession, SessionWithUser } from '../../domain/sessions.ts';
import type { NewUser, User } from '../../domain/users.ts';
import { type SessionRow, toSession, toUser, type UserRow } from './rows.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteAccountWriter {
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

  createSession(session: NewSession): SessionWithUser {
    return this.#writer.transaction(() => {
      const now = this.#writer.now();
      const { database } = this.#writer;
      const row = database
        .prepare<unknown[], SessionRow>(`
          insert into sessions (user_id, kind, hash, created, last_seen, expires, user_agent, address)
          values (?, ?, ?, ?, ?, ?, ?, ?) returning *`)
        .get(session.userId, session.kind, session.hash, now, now, session.expires, session.userAgent, session.address);
      const user = database
        .prepare<[number, number], UserRow>(`
          update users set last_signed_in = ?, state = case state when 'invited' then 'active' else state end
          where id = ? returning *`)
        .get(now, session.userId);
      return { session: toSession(row as SessionRow), user: toUser(user as UserRow) };
    });
  }

  touchSession(id: number, time: number): void {
    this.#writer.transaction(() => {
      this.#writer.database.prepare('update sessions set last_seen = max(last_seen, ?) where id = ?').run(time, id);
    });
  }

  deleteSessions(userId: number, which: { readonly only: number } | { readonly except?: number }): number {
    return this.#writer.transaction(() => {
      const [condition, id] = 'only' in which ? ['id = ?', which.only] : ['id <> ?', which.except ?? 0];
      return this.#writer.database.prepare(`delete from sessions where user_id = ? and ${condition}`).run(userId, id)
        .changes;
    });
  }
}
