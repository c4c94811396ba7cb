/**
 * Carries exchanges from the event loop to the log's thread: a ring of bytes that both share. Its size is all the
 * memory that waiting entries may take; writing to it costs no message and leaves nothing for the garbage collector.
 * One side writes, the other reads.
 */

import type { Exchange } from '../../../access-log/access-log.ts';
import { cutLength } from '../../../access-log/payload-masking.ts';
import { PAYLOAD_LOGGING } from '../../../domain/definitions/applications.ts';

// Offsets of a record's fixed part.
const LENGTH = 0;
const STATUS = 4;
const FLAGS = 6;
const LOGGING = 7;
const TIME = 8;
const DURATION = 16;
const APPLICATION = 24;
const KEY = 28;
const JOINS = 32;
const LEAVES = 36;
const PROFILES = 40;
const REQUEST_BYTES = 44;
const RESPONSE_BYTES = 48;
const TEXT_LENGTH = 52;
const REQUEST_LENGTH = 56;
const RESPONSE_LENGTH = 60;
const FIXED = 64;

const LISTED = 1;
const DROPPED = 2;
const SANDBOX = 4;
const UNREAD = 8;
const ERASED = 16;

// Indexes of the two positions, which only grow (modulo 2^32, a multiple of the ring's size).
const HEAD = 0;
const TAIL = 1;
/**
 * In place of a length: the rest of the ring up to its end is unused. Records start at multiples of 8, and so does the
 * end.
 */
const WRAP = 0xffffffff;
const MAX_UTF8_PER_UNIT = 3;
/** Separates the texts of a record; none of them can contain it. */
const SEPARATOR = '\0';

export interface SharedRing {
  readonly positions: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
}

/** @param size a power of two */
export function createRing(size: number): SharedRing {
  return { positions: new SharedArrayBuffer(8), bytes: new SharedArrayBuffer(size) };
}

/** The content of a record; its payloads are in the ring and must be read before `advance`. */
export interface RingRecord {
  readonly status: number;
  readonly listed: boolean;
  readonly dropped: boolean;
  readonly erased: boolean;
  readonly unread: boolean;
  readonly logging: Exchange['payloadLogging'];
  readonly time: number;
  readonly duration: number;
  readonly applicationId: number | null;
  readonly environment: number | null;
  readonly keyId: number | null;
  readonly joins: number;
  readonly leaves: number;
  readonly profiles: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly uuid: string;
  readonly method: string;
  readonly uri: string;
  readonly operation: string;
  readonly keyTitle: string;
  readonly keyPrefix: string;
  readonly address: string;
  readonly cause: string;
  readonly mend: string;
  /** As JSON; empty when there are none. */
  readonly marks: string;
  readonly request: Buffer;
  readonly response: Buffer;
}

export type WriteResult = 'written' | 'payloads dropped' | 'dropped';

export class RingWriter {
  readonly #positions: Uint32Array;
  readonly #view: DataView;
  readonly #bytes: Buffer;
  readonly #size: number;
  readonly #payloadBytes: number;

  /** @param payloadBytes longest part kept of each payload */
  constructor(ring: SharedRing, payloadBytes: number) {
    this.#positions = new Uint32Array(ring.positions);
    this.#view = new DataView(ring.bytes);
    this.#bytes = Buffer.from(ring.bytes);
    this.#size = ring.bytes.byteLength;
    this.#payloadBytes = payloadBytes;
  }

  /** Bytes waiting to be read. */
  get waiting(): number {
    return (Atomics.load(this.#positions, HEAD) - Atomics.load(this.#positions, TAIL)) >>> 0;
  }

  /** Adds an exchange: completely, without its payloads once the ring is half full, or not at all. */
  write(exchange: Exchange): WriteResult {
    const text = textOf(exchange);
    const atMost = FIXED + text.length * MAX_UTF8_PER_UNIT;
    const payloads = keepsPayloads(exchange) ? this.#payloadRoom(exchange) : 0;
    const waiting = this.waiting;
    if (payloads > 0 && waiting + payloads <= this.#size / 2) {
      const at = this.#reserve(atMost + payloads, waiting);
      if (at !== undefined) {
        this.#put(at, exchange, text, true);
        return 'written';
      }
    }
    const at = this.#reserve(atMost, waiting);
    if (at === undefined) return 'dropped';
    this.#put(at, exchange, text, false);
    return payloads > 0 ? 'payloads dropped' : 'written';
  }

  #payloadRoom({ request, response }: Exchange): number {
    const limit = this.#payloadBytes;
    const response3 = (response?.length ?? 0) * MAX_UTF8_PER_UNIT;
    return Math.min(request?.length ?? 0, limit) + Math.min(response3, limit);
  }

  /** A position where this many bytes fit in one piece; undefined when they do not. */
  #reserve(length: number, waiting: number): number | undefined {
    const head = Atomics.load(this.#positions, HEAD);
    const at = head % this.#size;
    const padded = length + 8;
    const toEnd = this.#size - at;
    if (toEnd >= padded) return waiting + padded <= this.#size ? at : undefined;
    if (waiting + toEnd + padded > this.#size) return undefined;
    this.#view.setUint32(at, WRAP, true);
    Atomics.store(this.#positions, HEAD, head + toEnd);
    return 0;
  }

  #put(at: number, exchange: Exchange, text: string, withPayloads: boolean): void {
    const view = this.#view;
    const { application, changed, request, response } = exchange;
    const limit = this.#payloadBytes;
    const hasPayloads = (request?.length ?? 0) > 0 || (response?.length ?? 0) > 0;
    let flags = exchange.listed ? LISTED : 0;
    if (keepsPayloads(exchange) && hasPayloads && !withPayloads) flags |= DROPPED;
    if (application?.environment === 'sandbox') flags |= SANDBOX;
    if (exchange.requestUnread) flags |= UNREAD;
    if (exchange.isErased === true) flags |= ERASED;
    view.setUint16(at + STATUS, exchange.status, true);
    view.setUint8(at + FLAGS, flags);
    view.setUint8(at + LOGGING, PAYLOAD_LOGGING.indexOf(exchange.payloadLogging));
    view.setFloat64(at + TIME, exchange.time, true);
    view.setFloat64(at + DURATION, exchange.durationMs, true);
    view.setUint32(at + APPLICATION, application?.id ?? 0, true);
    view.setUint32(at + KEY, exchange.key?.id ?? 0, true);
    view.setUint32(at + JOINS, changed?.joins ?? 0, true);
    view.setUint32(at + LEAVES, changed?.leaves ?? 0, true);
    view.setUint32(at + PROFILES, changed?.profiles ?? 0, true);
    view.setUint32(at + REQUEST_BYTES, exchange.requestBytes, true);
    view.setUint32(at + RESPONSE_BYTES, exchange.responseBytes, true);
    let end = at + FIXED;
    const textLength = this.#bytes.write(text, end, 'utf8');
    view.setUint32(at + TEXT_LENGTH, textLength, true);
    end += textLength;
    let requestLength = 0;
    let responseLength = 0;
    if (withPayloads) {
      if (request !== undefined) {
        requestLength = cutLength(request, limit);
        request.copy(this.#bytes, end, 0, requestLength);
        end += requestLength;
      }
      if (response !== undefined && response !== '') {
        // Writes only complete characters.
        responseLength = this.#bytes.write(response, end, Math.min(limit, this.#size - end), 'utf8');
        end += responseLength;
      }
    }
    view.setUint32(at + REQUEST_LENGTH, requestLength, true);
    view.setUint32(at + RESPONSE_LENGTH, responseLength, true);
    const length = (end - at + 7) & ~7;
    view.setUint32(at + LENGTH, length, true);
    // Published last: everything before it is complete.
    Atomics.store(this.#positions, HEAD, Atomics.load(this.#positions, HEAD) + length);
  }
}

function keepsPayloads({ listed, payloadLogging, isErased }: Exchange): boolean {
  return listed && payloadLogging !== 'off' && isErased !== true;
}

function textOf(exchange: Exchange): string {
  const { uuid, method, uri, operation, key, keyPrefix, address, cause, mend, marks } = exchange;
  return `${uuid}\0${method}\0${uri}\0${operation}\0${key?.title ?? ''}\0${keyPrefix ?? ''}\0${address ?? ''}\0${cause ?? ''}\0${mend?.name ?? ''}\0${marks.length === 0 ? '' : JSON.stringify(marks)}`;
}

export class RingReader {
  readonly #positions: Uint32Array;
  readonly #view: DataView;
  readonly #bytes: Buffer;
  readonly #size: number;
  #next: number;

  constructor(ring: SharedRing) {
    this.#positions = new Uint32Array(ring.positions);
    this.#view = new DataView(ring.bytes);
    this.#bytes = Buffer.from(ring.bytes);
    this.#size = ring.bytes.byteLength;
    this.#next = Atomics.load(this.#positions, TAIL);
  }

  /** Returns the next record, if there is one. Its bytes stay reserved until `advance`. */
  next(): RingRecord | undefined {
    for (;;) {
      if (this.#next === Atomics.load(this.#positions, HEAD)) return undefined;
      const at = this.#next % this.#size;
      const toEnd = this.#size - at;
      const length = this.#view.getUint32(at + LENGTH, true);
      if (length !== WRAP) {
        this.#next = (this.#next + length) >>> 0;
        return this.#record(at);
      }
      this.#next = (this.#next + toEnd) >>> 0;
    }
  }

  get isEmpty(): boolean {
    return this.#next === Atomics.load(this.#positions, HEAD);
  }

  /** Returns to the first record after the last `advance`. */
  rewind(): void {
    this.#next = Atomics.load(this.#positions, TAIL);
  }

  /** Returns the bytes of all records read so far to the writer. */
  advance(): void {
    Atomics.store(this.#positions, TAIL, this.#next);
  }

  #record(at: number): RingRecord {
    const view = this.#view;
    const flags = view.getUint8(at + FLAGS);
    const applicationId = view.getUint32(at + APPLICATION, true);
    const keyId = view.getUint32(at + KEY, true);
    const textEnd = at + FIXED + view.getUint32(at + TEXT_LENGTH, true);
    const requestEnd = textEnd + view.getUint32(at + REQUEST_LENGTH, true);
    const responseEnd = requestEnd + view.getUint32(at + RESPONSE_LENGTH, true);
    const texts = this.#bytes.toString('utf8', at + FIXED, textEnd).split(SEPARATOR);
    const [uuid = '', method = '', uri = '', operation = '', keyTitle = ''] = texts;
    const [keyPrefix = '', address = '', cause = '', mend = '', marks = ''] = texts.slice(5);
    let environment: number | null = null;
    if (applicationId > 0) environment = (flags & SANDBOX) === 0 ? 0 : 1;
    return {
      status: view.getUint16(at + STATUS, true),
      listed: (flags & LISTED) !== 0,
      dropped: (flags & DROPPED) !== 0,
      unread: (flags & UNREAD) !== 0,
      erased: (flags & ERASED) !== 0,
      logging: PAYLOAD_LOGGING[view.getUint8(at + LOGGING)] ?? 'off',
      time: view.getFloat64(at + TIME, true),
      duration: view.getFloat64(at + DURATION, true),
      applicationId: applicationId === 0 ? null : applicationId,
      environment,
      keyId: keyId === 0 ? null : keyId,
      joins: view.getUint32(at + JOINS, true),
      leaves: view.getUint32(at + LEAVES, true),
      profiles: view.getUint32(at + PROFILES, true),
      requestBytes: view.getUint32(at + REQUEST_BYTES, true),
      responseBytes: view.getUint32(at + RESPONSE_BYTES, true),
      uuid,
      method,
      uri,
      operation,
      keyTitle,
      keyPrefix,
      address,
      cause,
      mend,
      marks,
      request: this.#bytes.subarray(textEnd, requestEnd),
      response: this.#bytes.subarray(requestEnd, responseEnd),
    };
  }
}
