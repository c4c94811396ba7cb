/** List files that commands read: regular files, pipes, and standard input. */

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '../domain/errors.ts';

/**
 * Runs `work` on a file that can be read twice; input that cannot (standard input, pipes) is first copied to a private
 * file.
 */
export async function withReadableFile<T>(
  file: string,
  signal: AbortSignal,
  work: (path: string) => Promise<T>,
): Promise<T> {
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
