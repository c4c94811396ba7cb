/** Payloads of many entries in one row each: written while entries are added, read piece by piece, blanked on erasure. */

import type { Connection } from '../database.ts';
import type { EntryDetails } from './entry-rows.ts';

// A block is written when it has so many bytes, and at the end of each transaction.
const BLOCK_BYTES = 64 * 1024;

export class PayloadBlocks {
  readonly #insert;
  readonly #readPart;
  readonly #readWhole;
  readonly #replace;
  readonly #removeBefore;
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  #length = 0;
  #firstEntry = 0;

  constructor(database: Connection) {
    this.#insert = database.prepare<[number, Buffer]>('insert into payload_blocks values (?, ?)');
    this.#readPart = database
      .prepare<[number, number, number], Buffer>('select substr(bytes, ?, ?) from payload_blocks where first_entry = ?')
      .pluck();
    this.#readWhole = database
      .prepare<[number], Buffer>('select bytes from payload_blocks where first_entry = ?')
      .pluck();
    this.#replace = database.prepare<[Buffer, number]>('update payload_blocks set bytes = ? where first_entry = ?');
    // The block that the entry may be in starts before it.
    this.#removeBefore = database.prepare<[number]>(`
      delete from payload_blocks
      where first_entry < (select max(first_entry) from payload_blocks where first_entry <= ?)`);
  }

  /** Begins a transaction: what an earlier one left behind unwritten is forgotten. */
  begin(): void {
    this.#length = 0;
  }

  /** Adds an entry's payloads. @returns where they lie */
  add(entryId: number, request: Buffer, response: Buffer): { block: number; offset: number } {
    const bytes = request.length + response.length;
    if (this.#length + bytes > BLOCK_BYTES) this.flush();
    if (this.#length === 0) this.#firstEntry = entryId;
    if (bytes > BLOCK_BYTES) {
      this.#insert.run(entryId, Buffer.concat([request, response]));
      return { block: entryId, offset: 0 };
    }
    const offset = this.#length;
    request.copy(this.#block, offset);
    response.copy(this.#block, offset + request.length);
    this.#length += bytes;
    return { block: this.#firstEntry, offset };
  }

  /** Writes what was added and is not written yet. */
  flush(): void {
    if (this.#length === 0) return;
    this.#insert.run(this.#firstEntry, this.#block.subarray(0, this.#length));
    this.#length = 0;
  }

  read({ block, offset, requestLength, responseLength }: EntryDetails): { request: string; response: string } {
    const length = requestLength + responseLength;
    const bytes = length === 0 ? undefined : this.#readPart.get(offset + 1, length, block);
    if (bytes === undefined) return { request: '', response: '' };
    return { request: bytes.toString('utf8', 0, requestLength), response: bytes.toString('utf8', requestLength) };
  }

  /** Overwrites an entry's payloads with blanks. */
  blank({ block, offset, requestLength, responseLength }: EntryDetails): void {
    const bytes = this.#readWhole.get(block);
    if (bytes === undefined) return;
    bytes.fill(0x20, offset, offset + requestLength + responseLength);
    this.#replace.run(bytes, block);
  }

  /** Removes blocks that hold nothing of this entry or later ones. */
  removeBefore(entryId: number): void {
    this.#removeBefore.run(entryId);
  }
}
