/**
 * Payloads of many entries in one row each, compressed together: they are so similar that they take a tenth of the
 * space, and compressing costs less than writing the rest would. Written while entries are added, and blanked on
 * erasure.
 */

import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Connection } from '../database.ts';
import type { EntryDetails } from './entry-rows.ts';
import { Unusable } from './log-file.ts';

// A block is written when it has this many bytes, and at the end of each transaction.
const BLOCK_BYTES = 64 * 1024;
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } };

export class PayloadBlocks {
  readonly #insert;
  readonly #read;
  readonly #replace;
  readonly #removeBefore;
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  #length = 0;
  #firstEntry = 0;
  /** The block that was read last: the entries of a page are next to each other. */
  #recent: { readonly firstEntry: number; readonly bytes: Buffer } | undefined;

  constructor(database: Connection) {
    this.#insert = database.prepare<[number, Buffer]>('insert into payload_blocks values (?, ?)');
    this.#read = database.prepare<[number], Buffer>('select bytes from payload_blocks where first_entry = ?').pluck();
    this.#replace = database.prepare<[Buffer, number]>('update payload_blocks set bytes = ? where first_entry = ?');
    // The block that may contain the entry starts before it.
    this.#removeBefore = database.prepare<[number]>(`
      delete from payload_blocks
      where first_entry < (select max(first_entry) from payload_blocks where first_entry <= ?)`);
  }

  /** Begins a transaction: unwritten payloads of an earlier one are discarded. */
  begin(): void {
    this.#length = 0;
  }

  /** Adds an entry's payloads. @returns where they are stored */
  add(entryId: number, request: Buffer, response: Buffer): { block: number; offset: number } {
    const bytes = request.length + response.length;
    if (this.#length + bytes > BLOCK_BYTES) this.flush();
    if (this.#length === 0) this.#firstEntry = entryId;
    if (bytes > BLOCK_BYTES) {
      this.#insert.run(entryId, zstdCompressSync(Buffer.concat([request, response]), COMPRESSION));
      return { block: entryId, offset: 0 };
    }
    const offset = this.#length;
    request.copy(this.#block, offset);
    response.copy(this.#block, offset + request.length);
    this.#length += bytes;
    return { block: this.#firstEntry, offset };
  }

  /** Writes what was added and is still unwritten. */
  flush(): void {
    if (this.#length === 0) return;
    this.#insert.run(this.#firstEntry, zstdCompressSync(this.#block.subarray(0, this.#length), COMPRESSION));
    this.#length = 0;
  }

  read({ block, offset, requestLength, responseLength }: EntryDetails): { request: string; response: string } {
    const bytes = requestLength + responseLength === 0 ? undefined : this.#whole(block);
    if (bytes === undefined) return { request: '', response: '' };
    const middle = offset + requestLength;
    return {
      request: bytes.toString('utf8', offset, middle),
      response: bytes.toString('utf8', middle, middle + responseLength),
    };
  }

  /** Overwrites an entry's payloads with blanks. */
  blank({ block, offset, requestLength, responseLength }: EntryDetails): void {
    const bytes = this.#whole(block);
    if (bytes === undefined) return;
    bytes.fill(0x20, offset, offset + requestLength + responseLength);
    this.#replace.run(zstdCompressSync(bytes, COMPRESSION), block);
  }

  /** Removes blocks that contain nothing of this entry or later ones. */
  removeBefore(entryId: number): void {
    this.#removeBefore.run(entryId);
  }

  /** @throws Unusable when it cannot be read */
  #whole(firstEntry: number): Buffer | undefined {
    if (this.#recent?.firstEntry !== firstEntry) {
      const compressed = this.#read.get(firstEntry);
      if (compressed === undefined) return undefined;
      this.#recent = { firstEntry, bytes: decompressed(compressed) };
    }
    return this.#recent.bytes;
  }
}

function decompressed(block: Buffer): Buffer {
  try {
    return zstdDecompressSync(block);
  } catch (cause) {
    throw new Unusable('payloads cannot be decompressed', { cause });
  }
}
