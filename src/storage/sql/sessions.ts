/** Sessions: signing in and out as the domain decides, and their last use. */

import { decideRevocation, decideSignIn } from '../../domain/access/session-changes.ts';
import type { NewSession, Session, SessionWithUser } from '../../domain/access/sessions.ts';
import type { Actor } from '../../domain/actor.ts';
import { writeAudit } from './audit.ts';
import type { Db, Queries, Writing } from './db.ts';
import { type SessionRow, toSession } from './rows.ts';
import { loadUser, saveUser } from './users.ts';

/** Finds a session by the hash of its token. */
export const FIND_SESSION = 'select * from sessions where hash = ?';

export function sessionMethods({ db, now }: Writing) {
  return {
    async createSession(session: NewSession): Promise<SessionWithUser> {
      return db.transaction(async (tx) => {
        const time = now();
        const { userId, kind, hash, expires, userAgent, address } = session;
        const [stored, sessions] = [await loadUser(tx, userId), await listSessionsOf(tx, userId)];
        const { saved, ended } = decideSignIn(stored, sessions, time);
        await saveUser(tx, saved);
        for (const id of ended) await deleteSession(tx, id);
        const row = await tx.get<SessionRow>(
          `insert into sessions (user_id, kind, hash, created, last_seen, expires, user_agent, address)
          values (?, ?, ?, ?, ?, ?, ?, ?) returning *`,
          userId,
          kind,
          hash,
          time,
          time,
          expires,
          userAgent,
          address,
        );
        return { session: toSession(row as SessionRow), user: saved.user };
      });
    },

    async touchSession(id: number, time: number): Promise<void> {
      await db.transaction(async (tx) => {
        await tx.run('update sessions set last_seen = ? where id = ? and last_seen < ?', time, id, time);
        await tx.run(
          `update users set last_accessed = ?
          where id = (select user_id from sessions where id = ?) and coalesce(last_accessed, 0) < ?`,
          time,
          id,
          time,
        );
      });
    },

    async revokeSession(actor: Actor, id: number, userId: number | undefined): Promise<void> {
      await db.transaction(async (tx) => {
        const row = await tx.get<SessionRow>('select * from sessions where id = ?', id);
        const record = decideRevocation(id, row === undefined ? undefined : toSession(row), userId);
        await deleteSession(tx, id);
        await writeAudit(tx, actor, record, now());
      });
    },

    async deleteSession(id: number): Promise<void> {
      await db.transaction(async (tx) => deleteSession(tx, id));
    },
  };
}

export function sessionReadMethods(db: Db) {
  return {
    async listSessions(userId: number): Promise<Session[]> {
      return listSessionsOf(db, userId);
    },
  };
}

async function listSessionsOf(queries: Queries, userId: number): Promise<Session[]> {
  const rows = await queries.all<SessionRow>('select * from sessions where user_id = ? order by id desc', userId);
  return rows.map(toSession);
}

async function deleteSession(tx: Queries, id: number): Promise<void> {
  await tx.run('delete from sessions where id = ?', id);
}
