/**
 * Files that people upload: spooled into a private folder as they arrive, at the pace of the disk, so that memory stays flat and
 * a file can be read more than once. They are gone when they are discarded, when the server stops, or when they are old.
 */

import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, invalid, unavailable } from '../domain/errors.ts';
import { allowSlowArrival } from './connections.ts';
import { expectsContinue } from './json-body.ts';

/** The part of the form that holds the file (Management API). */
export const UPLOAD_FIELD = 'upFile';

const MAX_AT_ONCE = 4;
const MAX_PARTS = 20;
// Beside the file: boundaries, part headers, small fields.
const ENVELOPE_BYTES = 64 * 1024;
const MAX_ARRIVAL_MS = 60 * 60 * 1000;
// Longer than any upload may take to arrive and be used: what is older was left by a process that died.
const STALE_AFTER_MS = 3 * 60 * 60 * 1000;
const SWEEP_EVERY_MS = 10 * 60 * 1000;
const DRAIN_MS = 5000;
const CHECK_DISK_EVERY_BYTES = 64 * 1024 * 1024;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for routes whose body is a form with a file, which may be larger than other bodies. */
    upload?: boolean;
  }
}

export interface UploadLimits {
  /** Largest file, in bytes. */
  readonly maxBytes: number;
  /** Uploads are refused while the disk has less free, in bytes. */
  readonly minFreeDiskBytes: number;
  /** Time without a byte after which an upload is given up. */
  readonly idleMs: number;
}

/** A file that has arrived. */
export interface Upload {
  readonly path: string;
  /** Removes it; may be called again. */
  discard(): Promise<void>;
}

/**
 * Lets the routes of an application (not of its parents) take uploads; all bodies there are left to `Uploads.receive`.
 */
export async function installUploads(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  // What a form holds is known once its file is taken.
  app.setValidatorCompiler(() => () => true);
  await app.register(multipart, { throwFileSizeLimit: false });
}

export class Uploads {
  readonly #given: string | undefined;
  readonly #limits: UploadLimits;
  readonly #sweeping: NodeJS.Timeout;
  #folder: Promise<string> | undefined;
  #arriving = 0;

  /** @param folder where files are kept; undefined takes one of the system's temporary ones, gone at `close` */
  constructor(folder: string | undefined, limits: UploadLimits) {
    this.#given = folder;
    this.#limits = limits;
    this.#sweeping = setInterval(() => void this.sweep().catch(() => undefined), SWEEP_EVERY_MS).unref();
    void this.sweep().catch(() => undefined);
  }

  /**
   * Takes the file of a form.
   * @throws DomainError `invalid` when there is none, `too_large`, `timeout`, or `unavailable`; nothing is kept then
   */
  async receive(request: FastifyRequest, reply: FastifyReply): Promise<Upload> {
    const { raw } = request;
    const done = new AbortController();
    let isAwaited = !expectsContinue(raw.headers.expect);
    try {
      if (!request.isMultipart()) {
        throw invalid(`Send the file as multipart/form-data, in a part named ${UPLOAD_FIELD}`);
      }
      if (Number(raw.headers['content-length'] ?? 0) > this.#limits.maxBytes + ENVELOPE_BYTES) throw this.#tooLarge();
      if (this.#arriving >= MAX_AT_ONCE) {
        throw unavailable('The server takes as many uploads as it may; send this again in a moment', 5);
      }
      const upload = await this.#newFile();
      this.#arriving += 1;
      try {
        allowSlowArrival(raw);
        isAwaited = true;
        if (expectsContinue(raw.headers.expect)) reply.raw.writeContinue();
        const arrival = new Arrival();
        const spooled = this.#spool(request, upload.path, arrival, done);
        await Promise.race([spooled, arrival.tooSlow(this.#limits.idleMs, done.signal)]);
        return upload;
      } catch (error) {
        done.abort(error);
        await upload.discard();
        throw error;
      } finally {
        this.#arriving -= 1;
      }
    } catch (error) {
      const problem = translate(error);
      if (problem instanceof DomainError && problem.code === 'timeout') reply.header('connection', 'close');
      else if (isAwaited) await drain(raw);
      throw problem;
    } finally {
      done.abort();
    }
  }

  /** @param done aborts the work; is aborted when the file turns out too large */
  async #spool(request: FastifyRequest, path: string, arrival: Arrival, done: AbortController): Promise<void> {
    let found = false;
    const limits = { fileSize: this.#limits.maxBytes, parts: MAX_PARTS };
    for await (const part of request.parts({ limits })) {
      if (part.type !== 'file') continue;
      if (part.fieldname !== UPLOAD_FIELD) {
        part.file.resume();
        continue;
      }
      if (found) throw invalid(`The form holds more than one file named ${UPLOAD_FIELD}`);
      found = true;
      part.file.once('limit', () => done.abort(this.#tooLarge()));
      const target = createWriteStream(path, { flags: 'wx', mode: 0o600 });
      const watched = (bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> => this.#watched(bytes, arrival);
      await pipeline(part.file, watched, target, { signal: done.signal }).catch((error: unknown) => {
        throw done.signal.aborted ? done.signal.reason : error;
      });
    }
    if (!found) throw invalid(`The form lacks the file; send it in a part named ${UPLOAD_FIELD}`);
  }

  /** Passes bytes on, while the disk has room. */
  async *#watched(bytes: AsyncIterable<Buffer>, arrival: Arrival): AsyncGenerator<Buffer> {
    let unchecked = CHECK_DISK_EVERY_BYTES;
    for await (const piece of bytes) {
      arrival.progress();
      unchecked += piece.length;
      if (unchecked >= CHECK_DISK_EVERY_BYTES) {
        unchecked = 0;
        const { bavail, bsize } = await statfs(await this.#open());
        if (bavail * bsize < this.#limits.minFreeDiskBytes) throw unavailable('The disk is nearly full', 5);
      }
      yield piece;
    }
  }

  async #newFile(): Promise<Upload> {
    const path = join(await this.#open(), `${randomUUID()}.upload`);
    return { path, discard: async () => rm(path, { force: true }) };
  }

  async #open(): Promise<string> {
    this.#folder ??= makeFolder(this.#given);
    return this.#folder;
  }

  /** Removes files that a process left behind when it died. */
  async sweep(): Promise<void> {
    const folder = this.#given;
    if (folder === undefined) return;
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((each) => each.endsWith('.upload'))) {
      const found = await stat(join(folder, name)).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > STALE_AFTER_MS)
        await rm(join(folder, name), { force: true });
    }
  }

  /** Removes what is of this process alone. */
  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    const folder = await this.#folder?.catch(() => undefined);
    if (this.#given === undefined && folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  #tooLarge(): DomainError {
    return new DomainError('too_large', `The file exceeds ${Math.floor(this.#limits.maxBytes / 1024 / 1024)} MiB`);
  }
}

async function makeFolder(given: string | undefined): Promise<string> {
  if (given === undefined) return mkdtemp(join(tmpdir(), 'rollcall-uploads-'));
  await mkdir(given, { recursive: true, mode: 0o700 });
  await chmod(given, 0o700);
  return given;
}

/** Whether bytes still come. */
class Arrival {
  readonly #start = performance.now();
  #last = this.#start;

  progress(): void {
    this.#last = performance.now();
  }

  /** Rejects once nothing has come for `idleMs`, or it takes too long in all; never resolves. */
  async tooSlow(idleMs: number, signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      const check = setInterval(
        () => {
          const now = performance.now();
          if (now - this.#last < idleMs && now - this.#start < MAX_ARRIVAL_MS) return;
          reject(new DomainError('timeout', 'The file did not arrive in time'));
        },
        Math.min(1000, idleMs),
      );
      signal.addEventListener('abort', () => clearInterval(check));
    });
  }
}

/** Reads the rest and throws it away, for a while: so the client reads its answer instead of a reset connection. */
async function drain(raw: IncomingMessage): Promise<void> {
  raw.unpipe();
  raw.resume();
  if (raw.readableEnded || raw.destroyed) return;
  const ended = new AbortController();
  const stop = (): void => ended.abort();
  raw.once('end', stop).once('close', stop);
  await delay(DRAIN_MS, undefined, { signal: ended.signal }).catch(() => undefined);
}

/** What the parser of forms finds wrong is the client's doing; a full disk is not. */
function translate(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return unavailable('The disk is full; nothing was stored', 5);
  if (errno !== undefined || !(error instanceof Error)) return error;
  return invalid(`The body is no whole multipart/form-data (${message})`);
}
