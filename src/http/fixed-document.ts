/** A response whose bytes never change: with a strong validator, and compressed once for all clients that accept it. */

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type ContentCoding = 'br' | 'gzip';

/** Best first, if a client likes them equally. */
export const CONTENT_CODINGS: readonly ContentCoding[] = ['br', 'gzip'];

// Beyond this level the last percent takes ten times as long.
const BROTLI_QUALITY = 9;
const COMPRESSIBLE = /^text\/|[/+](json|javascript|xml|yaml|x-yaml)\b/;

const gzipAsync = promisify(gzip);
const brotliAsync = promisify(brotliCompress);

export class FixedDocument {
  readonly type: string;
  readonly bytes: Buffer;
  /** Whether there are compressed forms at all. */
  readonly isCompressible: boolean;
  #hash: string | undefined;
  readonly #encoded = new Map<ContentCoding, Promise<Buffer>>();

  /** @param made compressed forms that already exist; others are created when first requested */
  constructor(type: string, bytes: Buffer, made: Readonly<Partial<Record<ContentCoding, Buffer>>> = {}) {
    this.type = type;
    this.bytes = bytes;
    this.isCompressible = COMPRESSIBLE.test(type);
    for (const coding of CONTENT_CODINGS) {
      const form = made[coding];
      if (form !== undefined) this.#encoded.set(coding, Promise.resolve(form));
    }
  }

  /** The entity tag of one form; strong tags identify exact bytes. */
  etag(coding: ContentCoding | undefined): string {
    this.#hash ??= createHash('sha256').update(this.bytes).digest('base64url').slice(0, 22);
    return coding === undefined ? `"${this.#hash}"` : `"${this.#hash}-${coding}"`;
  }

  async encoded(coding: ContentCoding): Promise<Buffer> {
    let form = this.#encoded.get(coding);
    if (form === undefined) {
      form =
        coding === 'gzip'
          ? gzipAsync(this.bytes, { level: 9 })
          : brotliAsync(this.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
      this.#encoded.set(coding, form);
    }
    return form;
  }
}

/** Answers with a document in the form the client likes best, or with 304 if it has that form. */
export async function sendFixed(
  request: FastifyRequest,
  reply: FastifyReply,
  document: FixedDocument,
): Promise<FastifyReply> {
  const coding = document.isCompressible ? preferredCoding(request.headers['accept-encoding']?.toString()) : undefined;
  const etag = document.etag(coding);
  reply.header('etag', etag);
  if (document.isCompressible) reply.header('vary', 'accept-encoding');
  if (holds(request.headers['if-none-match'], etag)) return reply.code(304).send();
  reply.type(document.type);
  if (coding === undefined) return reply.send(document.bytes);
  return reply.header('content-encoding', coding).send(await document.encoded(coding));
}

/** The supported coding that an `Accept-Encoding` ranks highest (RFC 9110, 12.5.3); undefined for none. */
export function preferredCoding(header: string | undefined): ContentCoding | undefined {
  if (header === undefined) return undefined;
  const ranks = new Map<string, number>();
  for (const each of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = each.split(';').map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    ranks.set(name === 'x-gzip' ? 'gzip' : name, q === undefined ? 1 : Number(q) || 0);
  }
  const rankOf = (coding: string): number => ranks.get(coding) ?? ranks.get('*') ?? 0;
  const plain = ranks.get('identity') ?? 0;
  let best: ContentCoding | undefined;
  for (const coding of CONTENT_CODINGS) {
    const rank = rankOf(coding);
    if (rank > 0 && rank >= plain && rank > (best === undefined ? 0 : rankOf(best))) best = coding;
  }
  return best;
}

/** Whether an `If-None-Match` contains a tag; weak tags count too there. */
function holds(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((each) => ['*', etag, `W/${etag}`].includes(each.trim()));
}
