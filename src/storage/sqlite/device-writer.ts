/** Writes about browsers that were signed in before, and about users who are let in again. */

import { userState } from '../../domain/access/audit-log.ts';
import { type Device, MAX_DEVICES_PER_USER } from '../../domain/access/devices.ts';
import type { User } from '../../domain/access/users.ts';
import type { Actor } from '../../domain/actor.ts';
import { auditRecord } from '../../domain/audit-record.ts';
import { toUser, type UserRow } from '../sql/rows.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteDeviceWriter {
  readonly #writer: SqliteWriter;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  save(device: Device): void {
    this.#writer.transaction(() => this.#keep(device));
  }

  delete(hash: Buffer): void {
    this.#writer.transaction(() => {
      this.#writer.database.prepare<[Buffer]>('delete from devices where hash = ?').run(hash);
    });
  }

  unlockUser(actor: Actor, device: Device): User | undefined {
    return this.#writer.transaction(() => {
      const row = this.#writer.database
        .prepare<[number, number], UserRow>('update users set unlocked_until = ? where id = ? returning *')
        .get(device.expires, device.userId);
      if (row === undefined) return undefined;
      this.#keep(device);
      const user = toUser(row);
      this.#writer.audit(actor, auditRecord(`/v1/users/${user.id}/unlock`, { new: userState(user) }));
      return user;
    });
  }

  #keep({ hash, userId, expires }: Device): void {
    const { database } = this.#writer;
    database
      .prepare<[Buffer, number, number]>(`
        insert into devices (hash, user_id, expires) select ?, id, ? from users where id = ?
        on conflict (hash) do update set user_id = excluded.user_id, expires = excluded.expires`)
      .run(hash, expires, userId);
    database.prepare('delete from devices where user_id = ? and expires <= ?').run(userId, this.#writer.now());
    database
      .prepare(`
        delete from devices where hash in
          (select hash from devices where user_id = ? and hash <> ? order by expires desc, hash limit -1 offset ?)`)
      .run(userId, hash, MAX_DEVICES_PER_USER - 1);
  }
}
