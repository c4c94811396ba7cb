/**
 * Forms that contain a list, in the three ways published clients send it: a file of multipart/form-data, a plain field
 * of it, or a field of application/x-www-form-urlencoded. Whatever the size, only the piece that has just arrived is in
 * memory.
 */

import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { invalid } from '../domain/errors.ts';

/** The field of the form that contains the list (Management API). */
export const UPLOAD_FIELD = 'upFile';

const MAX_PARTS = 20;
// Besides the file: boundaries, part headers, small fields.
const ENVELOPE_BYTES = 64 * 1024;
// `%0A`
const MAX_ESCAPED_LENGTH = 3;
// Longer names cannot be ours, even with all letters escaped.
const MAX_FIELD_NAME = UPLOAD_FIELD.length * MAX_ESCAPED_LENGTH;

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PERCENT = 0x25;
const PLUS = 0x2b;
const BLANK = 0x20;

/** The most bytes of a form that contains a list of this size. */
export function maxFormBytes(request: FastifyRequest, maxListBytes: number): number {
  return maxListBytes * (isUrlencoded(request) ? MAX_ESCAPED_LENGTH : 1) + ENVELOPE_BYTES;
}

function isUrlencoded(request: FastifyRequest): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers['content-type'] ?? '');
}

/**
 * Passes the list in a form to `take`, once; other fields are skipped.
 * @param onBytes called with everything that arrives, whatever it belongs to
 * @throws DomainError `invalid` when it is not a form, or contains no list or several; and whatever `take` throws
 */
export async function takeListOfForm(
  request: FastifyRequest,
  onBytes: (piece: Uint8Array) => void,
  take: (bytes: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  if (isUrlencoded(request)) {
    await take(readUrlencoded(request.raw, onBytes));
    return;
  }
  if (!request.isMultipart()) {
    throw invalid(
      `Send the list as multipart/form-data or application/x-www-form-urlencoded, in a field named ${UPLOAD_FIELD}`,
    );
  }
  let found = false;
  // In the same step in which the parser begins to read, so that it misses nothing.
  request.raw.on('data', onBytes);
  // Fields too: they may be as large as files, and `take` decides on the size.
  const options = { limits: { fileSize: Number.POSITIVE_INFINITY, parts: MAX_PARTS }, isPartAFile: () => true };
  for await (const part of request.parts(options)) {
    if (part.type !== 'file') continue;
    if (part.fieldname !== UPLOAD_FIELD) {
      part.file.resume();
      continue;
    }
    if (found) throw severalLists();
    found = true;
    await take(part.file);
  }
  if (!found) throw noList();
}

function severalLists(): Error {
  return invalid(`The form contains more than one field named ${UPLOAD_FIELD}`);
}

function noList(): Error {
  return invalid(`The form lacks the field ${UPLOAD_FIELD}; send the list in it, as a file or as text`);
}

/** The bytes of our field. Leaves the request alone when the reading ends early. */
async function* readUrlencoded(raw: IncomingMessage, onBytes: (piece: Uint8Array) => void): AsyncGenerator<Buffer> {
  let found = false;
  let isOurs = false;
  // Undefined inside a value.
  let name: string | undefined = '';
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    onBytes(piece);
    const bytes: Buffer = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let at = 0;
    rest = Buffer.alloc(0);
    while (at < bytes.length) {
      const end = placeOf(bytes, AMPERSAND, at);
      if (name !== undefined) {
        const nameEnd = Math.min(end, placeOf(bytes, EQUALS, at));
        // One extra character shows that it is too long.
        name += bytes.toString('latin1', at, Math.min(nameEnd, at + MAX_FIELD_NAME + 1 - name.length));
        at = nameEnd;
        if (at === bytes.length) break;
        isOurs = decoded(Buffer.from(name, 'latin1')).toString() === UPLOAD_FIELD;
        if (isOurs && found) throw severalLists();
        found ||= isOurs;
        at += 1;
        name = nameEnd === end ? '' : undefined;
        continue;
      }
      // An escape at the end may lack its other half.
      const cut = end < bytes.length ? end : end - incompleteEscapeLength(bytes);
      if (isOurs && cut > at) yield decoded(bytes.subarray(at, cut));
      if (end < bytes.length) [at, name] = [end + 1, ''];
      else {
        rest = Buffer.from(bytes.subarray(Math.max(at, cut)));
        break;
      }
    }
  }
  if (isOurs && rest.length > 0) yield rest;
  if (!found) throw noList();
}

/** The next position of a byte; the length of `bytes` if there is none. */
function placeOf(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found === -1 ? bytes.length : found;
}

function incompleteEscapeLength(bytes: Buffer): number {
  if (bytes.at(-1) === PERCENT) return 1;
  return bytes.at(-2) === PERCENT ? 2 : 0;
}

/** Decodes as the URL standard does: what is not a valid escape stays unchanged. */
function decoded(bytes: Buffer): Buffer {
  if (!bytes.includes(PERCENT) && !bytes.includes(PLUS)) return bytes;
  const result = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    let byte = bytes[at] ?? 0;
    if (byte === PLUS) byte = BLANK;
    else if (byte === PERCENT) {
      const [high, low] = [hexDigit(bytes[at + 1]), hexDigit(bytes[at + 2])];
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        at += 2;
      }
    }
    result[length] = byte;
    length += 1;
  }
  return result.subarray(0, length);
}

/** -1 if it is not a hexadecimal digit. */
function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
