/** Writes about sessions: loads, lets the domain decide and saves the outcome, each in one transaction. */

import { decideRevocation, decideSignIn } from '../../domain/access/session-changes.ts';
import type { NewSession, SessionWithUser } from '../../domain/access/sessions.ts';
import type { Actor } from '../../domain/actor.ts';
import { type SessionRow, type StoredUserRow, toSession, toStoredUser } from '../sql/rows.ts';
import { saveUser } from './user-writer.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteSessionWriter {
  readonly #writer: SqliteWriter;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  createSession(session: NewSession): SessionWithUser {
    return this.#writer.transaction(() => {
      const { database } = this.#writer;
      const now = this.#writer.now();
      const user = database.prepare<[number], StoredUserRow>('select * from users where id = ?').get(session.userId);
      const sessions = database
        .prepare<[number], SessionRow>('select * from sessions where user_id = ?')
        .all(session.userId);
      const stored = user === undefined ? undefined : toStoredUser(user);
      const { saved, ended } = decideSignIn(stored, sessions.map(toSession), now);
      saveUser(database, saved);
      for (const id of ended) this.#delete(id);
      const row = database
        .prepare<unknown[], SessionRow>(`
          insert into sessions (user_id, kind, hash, created, last_seen, expires, user_agent, address)
          values (?, ?, ?, ?, ?, ?, ?, ?) returning *`)
        .get(session.userId, session.kind, session.hash, now, now, session.expires, session.userAgent, session.address);
      return { session: toSession(row as SessionRow), user: saved.user };
    });
  }

  touchSession(id: number, time: number): void {
    this.#writer.transaction(() => {
      const { database } = this.#writer;
      database.prepare('update sessions set last_seen = max(last_seen, ?) where id = ?').run(time, id);
      database
        .prepare(`
          update users set last_accessed = max(coalesce(last_accessed, 0), ?)
          where id = (select user_id from sessions where id = ?)`)
        .run(time, id);
    });
  }

  revokeSession(actor: Actor, id: number, userId: number | undefined): void {
    this.#writer.transaction(() => {
      const row = this.#writer.database.prepare<[number], SessionRow>('select * from sessions where id = ?').get(id);
      const record = decideRevocation(id, row === undefined ? undefined : toSession(row), userId);
      this.#delete(id);
      this.#writer.audit(actor, record);
    });
  }

  deleteSession(id: number): void {
    this.#writer.transaction(() => this.#delete(id));
  }

  #delete(id: number): void {
    this.#writer.database.prepare<[number]>('delete from sessions where id = ?').run(id);
  }
}
