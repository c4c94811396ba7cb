/** Reads request bodies: bounded in size and in number, JSON whatever the content type says, and nothing hostile inside. */

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError, invalid, unavailable } from '../domain/errors.ts';

const MAX_DEPTH = 64;
// Small chunks are joined in between: a body sent byte by byte would otherwise weigh a hundred times its size.
const CHUNKS_PER_BLOCK = 1024;
const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/;

export interface BodyLimits {
  /** Largest body, in bytes. */
  readonly maxBytes: number;
  /** Bytes of all bodies held at once. */
  readonly maxTotalBytes: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Size of the body in bytes, as received. */
    bodyBytes: number;
    /** The body as received, once it is whole. */
    receivedBody: Buffer | undefined;
    /** Why the body was not taken; thrown once the request is back in the normal flow. */
    bodyProblem: DomainError | undefined;
  }
}

export interface JsonBodies {
  /**
   * Reads the body of a request that was refused before anybody asked for it, as it would have been read; to be called before
   * the answer goes out, when what is unread is thrown away. Undefined when it does not come, or is too much.
   */
  collectUnread(request: FastifyRequest): Promise<Buffer | undefined>;
}

// Made once: every request ends with it, and making an error takes as long as reading a body.
const BROKEN_OFF = new DomainError('timeout', 'The request body did not arrive in full');

/**
 * Installs body reading on the application. A body that is refused is still drained, so that the client reads its answer
 * instead of a reset connection; the request time-out bounds that.
 */
export function installJsonBodies(app: FastifyInstance, limits: BodyLimits): JsonBodies {
  let held = 0;
  app.decorateRequest('bodyBytes', 0);
  app.decorateRequest('receivedBody', undefined);
  app.decorateRequest('bodyProblem', undefined);
  app.removeAllContentTypeParsers();
  const parse = async (request: FastifyRequest, payload: IncomingMessage): Promise<unknown> => {
    if (request.method === 'DELETE' || request.method === 'GET' || request.method === 'HEAD') {
      payload.resume();
      return undefined;
    }
    try {
      if (request.bodyProblem !== undefined) throw request.bodyProblem;
      request.receivedBody = await readBody(request, payload);
      return parseJson(request.receivedBody, request.headers['content-encoding']);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      request.bodyProblem = error;
      return undefined;
    }
  };
  app.addContentTypeParser('*', parse);
  app.addContentTypeParser(['application/json', 'text/plain'], parse);

  app.addHook('preParsing', (request, reply, payload, done) => {
    const { 'content-type': type, expect } = request.headers;
    // What is no media type does not matter either; the framework would refuse it.
    if (type !== undefined && !MEDIA_TYPE.test(type)) request.raw.headers['content-type'] = 'application/octet-stream';
    const isWanted = request.routeOptions.config.upload !== true && declaredBytes(request) <= limits.maxBytes;
    if (isWanted && expectsContinue(expect)) {
      reply.raw.writeContinue();
    }
    // Also comes when the client is gone, unlike the end of a response.
    const release = (): void => {
      request.bodyProblem ??= BROKEN_OFF;
      held -= request.bodyBytes;
      request.bodyBytes = 0;
    };
    if (reply.raw.closed) release();
    else reply.raw.once('close', release);
    done(null, payload);
  });
  app.addHook('preValidation', async (request) => {
    if (request.bodyProblem !== undefined) throw request.bodyProblem;
    // Bodies are optional in the published contract; an empty one equals an empty object.
    if (request.body === undefined) request.body = {};
  });

  async function collectUnread(request: FastifyRequest): Promise<Buffer | undefined> {
    const { headers, bodyProblem, raw } = request;
    const hasBody = headers['transfer-encoding'] !== undefined || declaredBytes(request) > 0;
    if (!hasBody) return Buffer.alloc(0);
    // A client that asked first will not send it now; and one that began to read it is told what was wrong.
    if (bodyProblem !== undefined || headers.expect !== undefined || raw.readableFlowing !== null) return undefined;
    try {
      return await readBody(request, raw);
    } catch {
      return undefined;
    } finally {
      held -= request.bodyBytes;
    }
  }

  async function readBody(request: FastifyRequest, payload: IncomingMessage): Promise<Buffer> {
    if (declaredBytes(request) > limits.maxBytes) {
      payload.resume();
      throw tooLarge(limits.maxBytes);
    }
    const blocks: Buffer[] = [];
    let chunks: Buffer[] = [];
    return new Promise((resolve, reject) => {
      payload.on('data', (chunk: Buffer) => {
        if (request.bodyProblem !== undefined) return;
        request.bodyBytes += chunk.length;
        held += chunk.length;
        if (request.bodyBytes > limits.maxBytes) request.bodyProblem = tooLarge(limits.maxBytes);
        else if (held > limits.maxTotalBytes) {
          request.bodyProblem = unavailable(
            'The server holds more request bodies than it may; send this again in a moment',
          );
        } else {
          chunks.push(chunk);
          if (chunks.length < CHUNKS_PER_BLOCK) return;
          blocks.push(Buffer.concat(chunks));
          chunks = [];
          return;
        }
        blocks.length = 0;
        chunks = [];
        reject(request.bodyProblem);
      });
      payload.on('end', () => {
        const [only] = chunks;
        resolve(blocks.length === 0 && chunks.length === 1 && only ? only : Buffer.concat([...blocks, ...chunks]));
      });
      payload.on('error', () => reject(new DomainError('timeout', 'The request body did not arrive in full')));
    });
  }

  return { collectUnread };
}

/** True while the client waits to be asked for the body. */
export function expectsContinue(expect: string | undefined): boolean {
  return expect !== undefined && /\b100-continue\b/i.test(expect);
}

function declaredBytes(request: FastifyRequest): number {
  return Number(request.headers['content-length'] ?? 0);
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError('too_large', `Body exceeds ${Math.floor(maxBytes / 1024 / 1024)} MiB`);
}

function parseJson(bytes: Buffer, encoding: string | undefined): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) {
    const coded = encoding !== undefined && encoding !== 'identity';
    throw invalid(
      coded
        ? `Body must be a JSON object; Content-Encoding '${encoding}' is not supported, send it as it is`
        : 'Body must be a JSON object in UTF-8',
    );
  }
  // A byte order mark is no JSON, but many exporters write one.
  const text = bytes.toString('utf8', bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (text.trim() === '') return undefined;
    const reason = error instanceof SyntaxError ? error.message.replace(/\s+/g, ' ').slice(0, 200) : '';
    const message = `Body must be a JSON object (${reason})`;
    throw new DomainError('invalid', [{ title: 'Invalid value', message, cause: 'Body is not valid JSON' }]);
  }
  screen(value, 1);
  return value;
}

/** Refuses what later code must never meet: extreme nesting, `__proto__` keys, numbers outside the double range. */
function screen(value: unknown, depth: number): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid('Body holds a number outside the range of a double');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw invalid(`Body is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item !== 'string') screen(item, depth + 1);
    return;
  }
  for (const key in value) {
    if (key === '__proto__') throw invalid("Body holds a key '__proto__'");
    const item = (value as Record<string, unknown>)[key];
    if (typeof item !== 'string') screen(item, depth + 1);
  }
}
