/**
 * List files as text, in whatever form tools write them: gzip or plain, UTF-8 with or without a byte order mark, UTF-16
 * with one. Invalid bytes become lone surrogates, so that the code that knows the lines can report them.
 */

import { isUtf8 } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DomainError, invalid } from '../domain/errors.ts';
import { HEAD_BYTES, refuseOtherKinds } from './list-file-kinds.ts';

/** The most bytes a compressed file may unpack to, unless the caller sets another limit. */
const MAX_UNPACKED_BYTES = 1024 ** 3;
// An invalid byte b becomes this plus b.
const ESCAPE = 0xdc00;

/**
 * Reads the text of a file in pieces, in constant memory.
 * @param maxUnpackedBytes the most bytes a compressed file may unpack to
 * @throws DomainError `invalid` for a file that is not text or a damaged archive, `too_large` when it unpacks to too
 * much
 */
export async function* readListText(
  bytes: AsyncIterable<Uint8Array>,
  maxUnpackedBytes = MAX_UNPACKED_BYTES,
): AsyncGenerator<string> {
  const file = new PeekedBytes(bytes);
  try {
    const head = await file.head();
    if (!(head[0] === 0x1f && head[1] === 0x8b)) yield* decode(head, file.all());
    else {
      const unpacked = new PeekedBytes(unpack(file.all(), maxUnpackedBytes));
      try {
        yield* decode(await unpacked.head(), unpacked.all());
      } finally {
        await unpacked.close();
      }
    }
  } finally {
    await file.close();
  }
}

/** A file whose first bytes can be inspected before all of it is read. */
class PeekedBytes {
  readonly #source: AsyncIterator<Uint8Array>;
  #head: Buffer = Buffer.alloc(0);
  #isOver = false;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#source = bytes[Symbol.asyncIterator]();
  }

  /** Enough of the first bytes to recognise the kind of the file. */
  async head(): Promise<Buffer> {
    while (this.#head.length < HEAD_BYTES) {
      const piece = await this.#next();
      if (piece === undefined) break;
      this.#head = this.#head.length === 0 ? piece : Buffer.concat([this.#head, piece]);
    }
    return this.#head;
  }

  /** The complete file, including the head. */
  async *all(): AsyncGenerator<Buffer> {
    yield this.#head;
    for (let piece = await this.#next(); piece !== undefined; piece = await this.#next()) yield piece;
  }

  /** Releases the source, even if the file has been read only in part. */
  async close(): Promise<void> {
    if (!this.#isOver) await this.#source.return?.();
  }

  async #next(): Promise<Buffer | undefined> {
    const next = await this.#source.next();
    if (next.done !== true) return Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    this.#isOver = true;
    return undefined;
  }
}

async function* unpack(packed: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  pipeline(Readable.from(packed), gunzip, () => undefined);
  let length = 0;
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > maxBytes) {
        throw new DomainError('too_large', `The file unpacks to more than ${Math.floor(maxBytes / 1024 / 1024)} MiB`);
      }
      yield piece;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR')
      throw invalid('the gzip file is truncated; compress it and send it again', { line: 'N/A' });
    if (code?.startsWith('Z_') === true) throw invalid('the gzip file is damaged', { line: 'N/A' });
    throw error;
  }
}

async function* decode(head: Buffer, pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  refuseOtherKinds(head);
  const decoder = decoderOf(head);
  let mark = decoder.mark;
  for await (const piece of pieces) {
    const text = decoder.decode(piece.subarray(mark));
    mark = Math.max(0, mark - piece.length);
    if (text !== '') yield text;
  }
  const rest = decoder.end();
  if (rest !== '') yield rest;
}

interface Decoder {
  /** Length of the byte order mark. */
  readonly mark: number;
  decode(bytes: Buffer): string;
  end(): string;
}

function decoderOf(head: Buffer): Decoder {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return new Utf16Decoder(false);
  if (first === 0xfe && second === 0xff) return new Utf16Decoder(true);
  return new Utf8Decoder(first === 0xef && second === 0xbb && head[2] === 0xbf ? 3 : 0);
}

class Utf8Decoder implements Decoder {
  readonly mark: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(mark: number) {
    this.mark = mark;
  }

  decode(bytes: Buffer): string {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = all.length - unfinished(all);
    this.#rest = all.subarray(end);
    const whole = all.subarray(0, end);
    return isUtf8(whole) ? whole.toString('utf8') : escapeWrongBytes(whole);
  }

  end(): string {
    return escapeWrongBytes(this.#rest);
  }
}

class Utf16Decoder implements Decoder {
  readonly mark = 2;
  readonly #isBigEndian: boolean;
  #rest: Buffer = Buffer.alloc(0);

  constructor(isBigEndian: boolean) {
    this.#isBigEndian = isBigEndian;
  }

  decode(bytes: Buffer): string {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = all.length - (all.length % 2);
    this.#rest = all.subarray(end);
    const whole = all.subarray(0, end);
    return (this.#isBigEndian ? Buffer.from(whole).swap16() : whole).toString('utf16le');
  }

  end(): string {
    return escapeWrongBytes(this.#rest, true);
  }
}

/** The number of bytes at the end that begin an incomplete character. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function escapeWrongBytes(bytes: Buffer, areAllWrong = false): string {
  let text = '';
  let from = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = areAllWrong ? 0 : characterLength(bytes, at);
    if (length > 0) at += length;
    else {
      text += bytes.toString('utf8', from, at) + String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
      at += 1;
      from = at;
    }
  }
  return text + bytes.toString('utf8', from);
}

/** Length of the UTF-8 character at a position; 0 when there is none (Unicode 15, table 3-7). */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1] ?? 0;
  if (second < least || second > most) return 0;
  for (let next = 2; next < length; next += 1) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Says what is wrong with text that contains invalid bytes; undefined when it contains none. */
export function explainWrongBytes(text: string): string | undefined {
  if (text.isWellFormed()) return undefined;
  const bytes = [...text.matchAll(/\p{Surrogate}/gu)].map(([unit]) => unit.charCodeAt(0));
  if (!bytes.every((code) => code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff)) {
    return 'not valid UTF-16; save the file as UTF-8';
  }
  const byte = ((bytes[0] ?? 0) - ESCAPE).toString(16).toUpperCase();
  const problem = `not valid UTF-8 (byte 0x${byte})`;
  if (!looksLikeWindows1252(text)) return `${problem}; save the file as UTF-8`;
  const meant = readAsWindows1252(text).slice(0, 80);
  return `${problem}; the file looks like Windows-1252, “${meant}”: save it as UTF-8 (in Excel “CSV UTF-8”)`;
}

/**
 * True when each invalid byte is a letter or a typographic sign of Windows-1252, and none looks like a broken UTF-8
 * character.
 */
function looksLikeWindows1252(text: string): boolean {
  return !/[\udcc2-\udcf4][\udc80-\udcbf]|[\udc81\udc8d\udc8f\udc90\udc9d]/u.test(text);
}

function readAsWindows1252(text: string): string {
  const decoder = new TextDecoder('windows-1252');
  return text.replace(/[\udc80-\udcff]/gu, (escaped) => decoder.decode(Uint8Array.of(escaped.charCodeAt(0) - ESCAPE)));
}
