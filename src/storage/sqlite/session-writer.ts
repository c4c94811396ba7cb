/** Writes about sessions. */

import { sessionState } from '../../domain/access/audit-log.ts';
import type { NewSession, SessionWithUser } from '../../domain/access/sessions.ts';
import { wrongPair } from '../../domain/access/signing-in.ts';
import type { Actor } from '../../domain/actor.ts';
import { auditRecord } from '../../domain/audit-record.ts';
import { type SessionRow, toSession, toUser, type UserRow } from '../sql/rows.ts';
import type { SqliteWriter } from './writer.ts';

// A script that signs in for every call must not fill the store.
const MAX_SESSIONS_PER_USER = 100;

export class SqliteSessionWriter {
  readonly #writer: SqliteWriter;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  createSession(session: NewSession): SessionWithUser {
    return this.#writer.transaction(() => {
      const now = this.#writer.now();
      const { database } = this.#writer;
      const user = database
        .prepare<[number, number, number], UserRow>(`
          update users set last_signed_in = ?, last_accessed = ?,
            state = case state when 'invited' then 'active' else state end
          where id = ? and state <> 'deactivated' returning *`)
        .get(now, now, session.userId);
      if (user === undefined) throw wrongPair();
      const row = database
        .prepare<unknown[], SessionRow>(`
          insert into sessions (user_id, kind, hash, created, last_seen, expires, user_agent, address)
          values (?, ?, ?, ?, ?, ?, ?, ?) returning *`)
        .get(session.userId, session.kind, session.hash, now, now, session.expires, session.userAgent, session.address);
      database.prepare('delete from sessions where user_id = ? and expires <= ?').run(session.userId, now);
      database
        .prepare(`
          delete from sessions where id in
            (select id from sessions where user_id = ? order by id desc limit -1 offset ?)`)
        .run(session.userId, MAX_SESSIONS_PER_USER);
      return { session: toSession(row as SessionRow), user: toUser(user) };
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

  revokeSession(actor: Actor, id: number, userId: number | undefined): boolean {
    return this.#writer.transaction(() => {
      const row = this.#writer.database
        .prepare<unknown[], SessionRow>(
          'delete from sessions where id = ? and user_id = coalesce(?, user_id) returning *',
        )
        .get(id, userId ?? null);
      if (row === undefined) return false;
      this.#writer.audit(actor, auditRecord(`/v1/sessions/${id}`, { old: sessionState(toSession(row)) }));
      return true;
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
