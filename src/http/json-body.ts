/** Parses request bodies as JSON, whatever their content type, and refuses hostile content. */

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError, invalid } from '../domain/errors.ts';
import { type BodyReader, codingProblem, declaredBytes } from './body-reader.ts';

const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/;

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as received, once it is complete. */
    receivedBody: Buffer | undefined;
    /** Where the response goes; set before the body is read. */
    answer: ServerResponse | undefined;
  }
}

export interface JsonBodies {
  /**
   * Reads the body of a request that was refused before its body was needed, as it would have been read; call it before
   * the response is sent, when the unread rest is thrown away. Undefined if the body does not arrive or is too large.
   */
  collectUnread(request: FastifyRequest): Promise<Buffer | undefined>;
}

/** Installs body reading on the application. */
export function installJsonBodies(app: FastifyInstance, reader: BodyReader): JsonBodies {
  app.decorateRequest('bodyBytes', 0);
  app.decorateRequest('bodyHasLongNumber', false);
  app.decorateRequest('receivedBody', undefined);
  app.decorateRequest('bodyProblem', undefined);
  app.decorateRequest('answer', undefined);
  app.removeAllContentTypeParsers();
  // The framework passes on what a parser returns, and would answer what it throws before the hooks of its route.
  const parse = async (request: FastifyRequest, payload: IncomingMessage): Promise<unknown> => {
    if (request.method === 'DELETE' || request.method === 'GET' || request.method === 'HEAD') {
      payload.resume();
      return undefined;
    }
    try {
      if (request.bodyProblem !== undefined) throw request.bodyProblem;
      if (request.answer === undefined) throw new Error('A body is read before it is asked for');
      request.receivedBody = await reader.read(request, payload, request.answer);
      return parseJson(request.receivedBody, request);
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
    // An invalid media type does not matter either; the framework would refuse it.
    if (type !== undefined && !MEDIA_TYPE.test(type)) request.raw.headers['content-type'] = 'application/octet-stream';
    if (expectsContinue(expect) && request.routeOptions.config.upload !== true && reader.admits(request)) {
      reply.raw.writeContinue();
    }
    request.answer = reply.raw;
    done(null, payload);
  });
  app.addHook('preValidation', (request, _reply, done) => {
    // Bodies are optional in the published contract; an empty one equals an empty object.
    if (request.body === undefined) request.body = {};
    done(request.bodyProblem);
  });

  return {
    async collectUnread(request) {
      const { headers, bodyProblem, raw } = request;
      const hasBody = headers['transfer-encoding'] !== undefined || declaredBytes(request) > 0;
      if (!hasBody) return Buffer.alloc(0);
      // A client that asked first will not send it now, and one that began to send it has been told what is wrong.
      if (bodyProblem !== undefined || headers.expect !== undefined || raw.readableFlowing !== null) return undefined;
      return reader.readUnparsed(request);
    },
  };
}

/** True while the client waits for permission to send the body. */
export function expectsContinue(expect: string | undefined): boolean {
  return expect !== undefined && /\b100-continue\b/i.test(expect);
}

function parseJson(bytes: Buffer, request: FastifyRequest): unknown {
  if (bytes.length === 0) return undefined;
  const { 'content-encoding': encoding } = request.headers;
  // Bytes that end within a character pass this check.
  if (!isUtf8(bytes)) throw codingProblem(bytes, encoding) ?? invalid('Body must be a JSON object in UTF-8');
  // A byte order mark is not JSON, but many exporters write one.
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
  screen(value);
  return value;
}

/**
 * Refuses what later code must never see: `__proto__` keys, and numbers outside the range of a double. The depth has
 * been checked.
 */
function screen(value: unknown): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid('Body contains a number outside the range of a double');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item !== 'string') screen(item);
    return;
  }
  for (const key in value) {
    if (key === '__proto__') throw invalid("Body contains a key '__proto__'");
    const item = (value as Record<string, unknown>)[key];
    if (typeof item !== 'string') screen(item);
  }
}
