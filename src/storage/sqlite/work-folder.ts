/**
 * Folders in which a file is written until it is complete. A killed process leaves its folder behind, with the customer
 * data written by then; the next command that works in the same place removes it, and so does a server when it starts.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { type Connection, removeDatabase, sqliteCode } from './database.ts';

const NAME = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(partial|restoring)$/;
/**
 * Held for as long as its owner works here, as a lock of SQLite: the system releases it however the process ends, and
 * it holds between containers that share a disk, where a process number means nothing.
 */
const LOCK = '.rollcall-lock';
// Earlier programs wrote to plain files, which nobody holds. None of their commands took this long.
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

export class WorkFolder {
  readonly path: string;
  readonly #lock: Connection;

  private constructor(path: string, lock: Connection) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Creates a private folder next to the future file, creating the place if needed, and removes abandoned ones there.
   * @param wanted path of the future file; a rename away from everything in the folder
   */
  static create(wanted: string, kind: 'partial' | 'restoring' = 'partial'): WorkFolder {
    if (!existsSync(dirname(wanted))) mkdirSync(dirname(wanted), { recursive: true, mode: 0o700 });
    removeAbandoned(dirname(wanted));
    for (;;) {
      const path = `${wanted}.${randomUUID()}.${kind}`;
      mkdirSync(path, { mode: 0o700 });
      const lock = tryLock(path);
      // Until it was locked, somebody who removes abandoned folders could not tell that this one was not.
      if (lock !== undefined && existsSync(join(path, LOCK))) return new WorkFolder(path, lock);
      lock?.close();
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Removes the folder with all that is in it. */
  remove(): void {
    // Before the lock is released, so that nobody else begins to remove it at the same time.
    rmSync(this.path, { recursive: true, force: true });
    this.#lock.close();
  }
}

/** Reports whether the owner of a folder still works in it. */
export function isHeld(path: string): boolean {
  if (!existsSync(join(path, LOCK))) return false;
  const lock = tryLock(path);
  lock?.close();
  return lock === undefined;
}

/** Removes what killed processes left in a place; never what a running process is still writing. */
export function removeAbandoned(place: string): void {
  let names: string[];
  try {
    names = readdirSync(place);
  } catch {
    return;
  }
  for (const name of names) {
    if (!NAME.test(name)) continue;
    try {
      removeIfAbandoned(join(place, name));
    } catch {
      // Another user's, or a place that cannot be written: theirs to remove.
    }
  }
}

function removeIfAbandoned(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isFile()) {
    if (Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) removeDatabase(path);
    return;
  }
  // A folder with a similar name but other contents belongs to somebody else.
  if (!found.isDirectory() || (!existsSync(join(path, LOCK)) && readdirSync(path).length > 0)) return;
  const lock = tryLock(path);
  if (lock === undefined) return;
  rmSync(path, { recursive: true, force: true });
  lock.close();
}

/** The lock of a folder; undefined while another process holds it, or when the folder is gone. */
function tryLock(folder: string): Connection | undefined {
  let lock: Connection | undefined;
  try {
    lock = new Database(join(folder, LOCK), { timeout: 0 });
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock?.close();
    if (/^SQLITE_(BUSY|CANTOPEN|IOERR)/.test(sqliteCode(error) ?? '')) return undefined;
    // The driver's own error for a missing folder.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
