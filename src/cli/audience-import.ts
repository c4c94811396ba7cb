/** `rollcall audience import`: replaces all members of an audience by those of a file, all or nothing. */

import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readOne } from '../config.ts';
import { findAudience } from '../domain/audiences.ts';
import { DomainError, unavailable } from '../domain/errors.ts';
import { replaceMembers } from '../domain/member-lists.ts';
import { readMembersCsv } from '../formats/members-csv.ts';
import { sqlitePath } from '../storage/index.ts';
import { type CommonOptions, databaseOf, withCore } from './context.ts';
import { untilInterrupted } from './interruption.ts';
import { printJson, printLine, say } from './output.ts';

// Each chunk is one transaction, short enough that a running server does not notice.
const CHUNK = 1000;
const SAY_EVERY_LINES = 100_000;

export async function importAudience(id: number, file: string, options: CommonOptions): Promise<number> {
  return untilInterrupted(async (signal) =>
    withCore(options, { access: 'write' }, async (core) => {
      const audience = await findAudience(core, id);
      return withReadableFile(file, signal, async (path) => {
        // A first pass over the whole file: a bad line must be found before anything is staged.
        const lines = await countMembers(path, file, signal);
        const caller = {
          requestUuid: randomUUID(),
          keyId: undefined,
          applicationId: audience.applicationIds[0] ?? 0,
          environment: audience.environment,
          bytes: 0,
        };
        const chunks = whileDiskLasts(readMembersCsv(createReadStream(path, { signal }), CHUNK), databaseOf(options));
        const onProgress = (count: number): void => {
          if (count % SAY_EVERY_LINES === 0) say(`${count} of ${lines} lines`);
        };
        const { members, joins, leaves } = await replaceMembers(core, id, caller, chunks, { onProgress });
        if (options.json) await printJson({ audienceId: id, members, joins, leaves });
        else {
          await printLine(
            `Audience ${id} '${audience.name}' now has ${members} members: ${joins} joined, ${leaves} left.`,
          );
        }
        return 0;
      });
    }),
  );
}

/** Reads the whole file without using it. @throws DomainError `invalid` naming file and line */
async function countMembers(path: string, name: string, signal: AbortSignal): Promise<number> {
  let lines = 0;
  try {
    for await (const chunk of readMembersCsv(createReadStream(path, { signal }), CHUNK)) lines += chunk.length;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(
      error.code,
      `${name === '-' ? 'standard input' : name}, ${error.message}; nothing was changed`,
    );
  }
  return lines;
}

/** A server beside us refuses writes before the disk is full; what we write must not fill it either. */
async function* whileDiskLasts(chunks: AsyncIterable<string[]>, url: string): AsyncGenerator<string[]> {
  const folder = dirname(sqlitePath(url) ?? '');
  const least = readOne('minFreeDiskBytes');
  for await (const chunk of chunks) {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < least) throw unavailable('The disk is nearly full; nothing was changed');
    yield chunk;
  }
}

/** Runs `work` on a file that can be read twice; what cannot (standard input, pipes) is kept in a private one meanwhile. */
async function withReadableFile<T>(file: string, signal: AbortSignal, work: (path: string) => Promise<T>): Promise<T> {
  if (file !== '-' && (await isOrdinary(file))) return work(file);
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-import-'));
  try {
    const path = join(folder, 'members.csv');
    const source: Readable = file === '-' ? process.stdin : createReadStream(file);
    await pipeline(source, createWriteStream(path, { mode: 0o600 }), { signal });
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** False for pipes. @throws DomainError `not_found`, `invalid` for a folder */
async function isOrdinary(file: string): Promise<boolean> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new DomainError('invalid', `${file} is a folder, not a CSV file`);
    return found.isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new DomainError('not_found', `There is no file ${file}`);
    }
    throw error;
  }
}
