/**
 * Finds entries by UUID. UUIDs are random, so an index of them would dirty a page for nearly every entry; instead each
 * group of 4096 entries gets one sorted list once it is complete, and a look-up searches list by list, the latest
 * first.
 */

import type { Connection } from '../database.ts';
import { unpackDetails } from './entry-rows.ts';

const GROUP_BITS = 12;
const GROUP_ENTRIES = 2 ** GROUP_BITS;
const KEY_BYTES = 6;
const ITEM_BYTES = KEY_BYTES + 2;

export class UuidGroups {
  readonly #save;
  readonly #load;
  readonly #ends;
  readonly #details;
  readonly #removeBefore;
  /** The group being filled, as far as this process has filled it. */
  #current = { group: -1, keys: new Map<number, number>() };

  constructor(database: Connection) {
    this.#save = database.prepare<[number, Buffer]>('insert or replace into uuid_groups values (?, ?)');
    this.#load = database.prepare<[number], Buffer>('select uuids from uuid_groups where group_id = ?').pluck();
    this.#ends = database.prepare<[], { first: number | null; last: number | null }>(
      'select (select min(id) from entries) as first, (select max(id) from entries) as last',
    );
    this.#details = database.prepare<[number, number], { id: number; details: string }>(
      'select id, details from entries where id >= ? and id < ? order by id',
    );
    this.#removeBefore = database.prepare<[number]>('delete from uuid_groups where group_id < ?');
  }

  /** Forgets what a rolled-back transaction added. */
  clear(): void {
    this.#current = { group: -1, keys: new Map() };
  }

  add(id: number, uuid: string): void {
    const group = Math.floor(id / GROUP_ENTRIES);
    if (this.#current.group !== group) this.#current = { group, keys: new Map() };
    this.#current.keys.set(id, keyOf(uuid));
    if (id % GROUP_ENTRIES === GROUP_ENTRIES - 1) this.#complete();
  }

  /** The entry with that UUID (lower case), if there is one. */
  find(uuid: string): number | undefined {
    const { first, last } = this.#ends.get() ?? { first: null, last: null };
    if (first === null || last === null) return undefined;
    const key = keyOf(uuid);
    for (let group = Math.floor(last / GROUP_ENTRIES); group >= Math.floor(first / GROUP_ENTRIES); group -= 1) {
      const list = this.#load.get(group);
      const found = list === undefined ? this.#scan(group, uuid) : this.#search(group, list, key, uuid);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  removeBefore(id: number): void {
    this.#removeBefore.run(Math.floor(id / GROUP_ENTRIES));
  }

  #complete(): void {
    const { group, keys } = this.#current;
    this.#current = { group: -1, keys: new Map() };
    const start = group * GROUP_ENTRIES;
    if (keys.size < GROUP_ENTRIES) {
      // Begun before this process started, or shared with another process.
      for (const { id, details } of this.#details.all(start, start + GROUP_ENTRIES)) {
        keys.set(id, keyOf(unpackDetails(details).uuid));
      }
    }
    const sorted = [...keys].sort((a, b) => a[1] - b[1]);
    const list = Buffer.alloc(sorted.length * ITEM_BYTES);
    for (const [index, [id, key]] of sorted.entries()) {
      list.writeUIntBE(key, index * ITEM_BYTES, KEY_BYTES);
      list.writeUInt16BE(id - start, index * ITEM_BYTES + KEY_BYTES);
    }
    this.#save.run(group, list);
  }

  #search(group: number, list: Buffer, key: number, uuid: string): number | undefined {
    let low = 0;
    let high = list.length / ITEM_BYTES;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list.readUIntBE(middle * ITEM_BYTES, KEY_BYTES) < key) low = middle + 1;
      else high = middle;
    }
    for (let at = low * ITEM_BYTES; at < list.length && list.readUIntBE(at, KEY_BYTES) === key; at += ITEM_BYTES) {
      const id = group * GROUP_ENTRIES + list.readUInt16BE(at + KEY_BYTES);
      // Six bytes may coincide; the entry itself decides.
      if (this.#details.get(id, id + 1)?.details.startsWith(uuid) === true) return id;
    }
    return undefined;
  }

  /** Searches a group that has no list yet. */
  #scan(group: number, uuid: string): number | undefined {
    const start = group * GROUP_ENTRIES;
    for (const { id, details } of this.#details.iterate(start, start + GROUP_ENTRIES)) {
      if (details.startsWith(uuid)) return id;
    }
    return undefined;
  }
}

function keyOf(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}
