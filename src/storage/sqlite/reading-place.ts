/** Where a database can be read without changing it or leaving anything next to it. */

import { accessSync, closeSync, constants, copyFileSync, existsSync, openSync, readSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { WorkFolder } from './work-folder.ts';

export interface ReadingPlace {
  /** The file to open, read-only. */
  readonly path: string;
  /** Removes what reading left; call it when every connection is closed. */
  close(): void;
}

/**
 * A file in write-ahead mode needs two others next to it, which a read-only connection creates and cannot remove.
 * @param path a file that exists
 */
export function openReadingPlace(path: string): ReadingPlace {
  const asItIs = { path, close: () => undefined };
  const [hasLog, hasIndex] = ['-wal', '-shm'].map((suffix) => existsSync(path + suffix));
  // Somebody uses it, or was killed while using it: the log stays where it is.
  if (hasLog === true && (hasIndex === true || mayWrite(dirname(path)))) return asItIs;
  // Only now: a process that opens and closes a file loses the locks its other connections hold on it, and anyone who
  // uses this mode has a log.
  if (hasLog !== true && !isWriteAhead(path)) return asItIs;
  if (mayWrite(dirname(path)) && mayWrite(path)) return { path, close: () => removeEmptyLog(path) };
  return copyPrivately(path);
}

/** Removes the log that an interrupted read leaves, unless there is one now. */
export function logRemover(path: string): () => void {
  const hadLog = existsSync(`${path}-wal`);
  return () => {
    if (!hadLog) removeEmptyLog(path);
  };
}

/** Whether the header of the file says so: bytes 18 and 19 are the versions needed to write and to read it. */
function isWriteAhead(path: string): boolean {
  const header = Buffer.alloc(20);
  const handle = openSync(path, 'r');
  try {
    return readSync(handle, header, 0, header.length, 0) === header.length && header[18] === 2;
  } finally {
    closeSync(handle);
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The last to close removes the log, unless that connection only reads; meanwhile others may have begun to use it. */
function removeEmptyLog(path: string): void {
  if (!existsSync(`${path}-wal`)) return;
  try {
    const database = new Database(path, { fileMustExist: true, timeout: 0 });
    try {
      database.prepare('select 1 from sqlite_schema limit 1').get();
    } finally {
      database.close();
    }
  } catch {
    // Nothing is lost by this.
  }
}

/** For a place that cannot be written, such as a read-only mount. */
function copyPrivately(path: string): ReadingPlace {
  const work = WorkFolder.create(join(tmpdir(), 'rollcall-reading'));
  try {
    const copy = work.file(basename(path));
    for (const suffix of ['', '-wal']) {
      if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix, constants.COPYFILE_FICLONE);
    }
    return { path: copy, close: () => work.remove() };
  } catch (error) {
    work.remove();
    throw error;
  }
}
