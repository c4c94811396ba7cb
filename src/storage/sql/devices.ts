/** Browsers in which users signed in before. */

import { type Device, devicesToForget } from '../../domain/access/devices.ts';
import type { Db, Queries, Writing } from './db.ts';
import { type DeviceRow, toDevice } from './rows.ts';

export function deviceMethods({ db, now }: Writing) {
  return {
    async saveDevice(device: Device): Promise<void> {
      await db.transaction(async (tx) => keepDevice(tx, device, now()));
    },

    async deleteDevice(hash: Buffer): Promise<void> {
      await db.transaction(async (tx) => deleteDevice(tx, hash));
    },
  };
}

export function deviceReadMethods(db: Db) {
  return {
    async findDevice(hash: Buffer): Promise<Omit<Device, 'hash'> | undefined> {
      const row = await db.get<DeviceRow>('select * from devices where hash = ?', hash);
      return row === undefined ? undefined : { userId: row.user_id, expires: row.expires };
    },
  };
}

/** Adds a browser within a transaction, unless its user is gone. @param now ms since the epoch */
export async function keepDevice(tx: Queries, device: Device, now: number): Promise<void> {
  const { hash, userId, expires } = device;
  if ((await tx.get('select id from users where id = ?', userId)) === undefined) return;
  const known = await tx.all<DeviceRow>('select * from devices where user_id = ?', userId);
  for (const each of devicesToForget(known.map(toDevice), device, now)) await deleteDevice(tx, each.hash);
  await tx.run(
    `insert into devices (hash, user_id, expires) values (?, ?, ?)
    on conflict (hash) do update set user_id = excluded.user_id, expires = excluded.expires`,
    hash,
    userId,
    expires,
  );
}

/** Forgets all browsers of a user within a transaction. */
export async function deleteDevicesOf(tx: Queries, userId: number): Promise<void> {
  await tx.run('delete from devices where user_id = ?', userId);
}

async function deleteDevice(tx: Queries, hash: Buffer): Promise<void> {
  await tx.run('delete from devices where hash = ?', hash);
}
