/** Writes about browsers that were signed in before. */

import { type Device, devicesToForget } from '../../domain/access/devices.ts';
import { type DeviceRow, toDevice } from '../sql/rows.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteDeviceWriter {
  readonly #writer: SqliteWriter;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  save(device: Device): void {
    this.#writer.transaction(() => this.keep(device));
  }

  delete(hash: Buffer): void {
    this.#writer.transaction(() => this.#forget(hash));
  }

  /** Saves a browser within the current transaction, unless its user is gone. */
  keep(device: Device): void {
    const { database } = this.#writer;
    const { hash, userId, expires } = device;
    const known = database.prepare<[number], DeviceRow>('select * from devices where user_id = ?').all(userId);
    for (const each of devicesToForget(known.map(toDevice), device, this.#writer.now())) this.#forget(each.hash);
    database
      .prepare<[Buffer, number, number]>(`
        insert into devices (hash, user_id, expires) select ?, id, ? from users where id = ?
        on conflict (hash) do update set user_id = excluded.user_id, expires = excluded.expires`)
      .run(hash, expires, userId);
  }

  #forget(hash: Buffer): void {
    this.#writer.database.prepare<[Buffer]>('delete from devices where hash = ?').run(hash);
  }
}
