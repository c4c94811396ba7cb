/**
 * Uploaded files: spooled into a private folder as they arrive, at the pace of the disk, so that memory stays flat and
 * a file can be read more than once. They are removed when they are discarded, when the server stops, or when they are
 * old.
 */

import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, invalid, unavailable } from '../domain/errors.ts';
import { allowSlowArrival } from './arrival-time.ts';
import { expectsContinue } from './json-body.ts';
import { createValidatorCompiler } from './schema-compilers.ts';
import { Arrival, drain } from './upload-arrival.ts';
import { maxFormBytes, takeListOfForm } from './upload-forms.ts';

const MAX_AT_ONCE = 4;
// Longer than any upload may take to arrive and be used: an older one was left by a process that died.
const STALE_AFTER_MS = 3 * 60 * 60 * 1000;
const SWEEP_EVERY_MS = 10 * 60 * 1000;
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
  /** Uploads are refused while the disk has less free space than this, in bytes. */
  readonly minFreeDiskBytes: number;
  /** Time without a byte after which an upload is abandoned. */
  readonly idleMs: number;
}

/** A file that has arrived. */
export interface Upload {
  readonly path: string;
  /** Its bytes, from the beginning. */
  read(): AsyncIterable<Uint8Array>;
  /** Removes it; may be called again. */
  discard(): Promise<void>;
}

/**
 * Lets the routes of an application (not of its parents) accept uploads; all bodies there are left to
 * `Uploads.receive`.
 */
export async function installUploads(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  // The content of a form is known once its file has been received.
  const compile = createValidatorCompiler();
  app.setValidatorCompiler((route) => (route.httpPart === 'body' ? () => true : compile(route)));
  await app.register(multipart, { throwFileSizeLimit: false });
}

export class Uploads {
  readonly #given: string | undefined;
  readonly #limits: UploadLimits;
  readonly #sweeping: NodeJS.Timeout;
  #folder: Promise<string> | undefined;
  /** Names of files in use, which no sweep may remove, whatever their age. */
  readonly #own = new Set<string>();
  #arriving = 0;

  /** @param folder where files are kept; undefined uses a temporary folder, removed at `close` */
  constructor(folder: string | undefined, limits: UploadLimits) {
    this.#given = folder;
    this.#limits = limits;
    this.#sweeping = setInterval(() => void this.sweep().catch(() => undefined), SWEEP_EVERY_MS).unref();
    void this.sweep().catch(() => undefined);
  }

  /** Largest list, in bytes; also the limit for what a compressed one unpacks to. */
  get maxBytes(): number {
    return this.#limits.maxBytes;
  }

  /**
   * Receives the list in a form.
   * @throws DomainError `invalid` when there is none, `too_large`, `timeout`, or `unavailable`; nothing is kept then
   */
  async receive(request: FastifyRequest, reply: FastifyReply): Promise<Upload> {
    const { raw } = request;
    const done = new AbortController();
    let isAwaited = !expectsContinue(raw.headers.expect);
    try {
      const most = maxFormBytes(request, this.maxBytes);
      if (Number(raw.headers['content-length'] ?? 0) > most) throw this.#tooLarge();
      if (this.#arriving >= MAX_AT_ONCE) {
        throw unavailable('The server is receiving too many uploads; try again in a moment', 5);
      }
      this.#arriving += 1;
      let upload: Upload | undefined;
      const arrival = new Arrival(most);
      try {
        upload = await this.#newFile();
        allowSlowArrival(raw);
        isAwaited = true;
        if (expectsContinue(raw.headers.expect)) reply.raw.writeContinue();
        const spooled = this.#spool(request, upload.path, arrival, done.signal);
        await Promise.race([spooled, arrival.failed(this.#limits.idleMs, done.signal, () => this.#tooLarge())]);
        return upload;
      } catch (error) {
        done.abort(error);
        await upload?.discard();
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

  /** Writes the list in the form to a new file. */
  async #spool(request: FastifyRequest, path: string, arrival: Arrival, signal: AbortSignal): Promise<void> {
    await takeListOfForm(request, arrival.onBytes, async (bytes) => {
      const target = createWriteStream(path, { flags: 'r+' });
      const checked = (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> => this.#checked(pieces);
      await pipeline(bytes, checked, target, { signal }).catch((error: unknown) => {
        throw signal.aborted ? signal.reason : error;
      });
    });
  }

  /** Passes bytes on, as long as there are not too many and the disk has room. */
  async *#checked(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let length = 0;
    let unchecked = CHECK_DISK_EVERY_BYTES;
    for await (const piece of bytes) {
      length += piece.length;
      if (length > this.maxBytes) throw this.#tooLarge();
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
    const name = `${randomUUID()}.upload`;
    const path = join(await this.#open(), name);
    this.#own.add(name);
    // Opened here, at once: a stream could create the file after it was removed.
    await writeFile(path, '', { flag: 'wx', mode: 0o600 });
    return {
      read: () => createReadStream(path),
      path,
      discard: async () => {
        await rm(path, { force: true });
        this.#own.delete(name);
      },
    };
  }

  async #open(): Promise<string> {
    this.#folder ??= makeFolder(this.#given);
    return this.#folder;
  }

  /** Removes files that a dead process left behind. */
  async sweep(): Promise<void> {
    const folder = this.#given;
    if (folder === undefined) return;
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((each) => each.endsWith('.upload') && !this.#own.has(each))) {
      const found = await stat(join(folder, name)).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > STALE_AFTER_MS)
        await rm(join(folder, name), { force: true });
    }
  }

  /** Removes only what belongs to this process. */
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

/** What the form parser rejects is the client's fault; a full disk is not. */
function translate(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return unavailable('The disk is full; nothing was stored', 5);
  if (errno !== undefined || !(error instanceof Error)) return error;
  return invalid(`The body is incomplete or malformed (${message})`);
}
