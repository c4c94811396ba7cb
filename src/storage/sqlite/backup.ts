/** Copies a database to a new file that only its owner can read, while others write to it. */

import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DomainError } from '../../domain/errors.ts';
import { type Connection, createPrivateFile } from './database.ts';
import { openToRead, schemaOf } from './migrate.ts';
import { WorkFolder } from './work-folder.ts';

// Pages copied between two turns of the event loop: about 2 ms.
const PAGES_PER_STEP = 500;
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies the database at `path` as it is now, whatever its schema; only reads from it.
 * @throws DomainError `conflict` when `file` exists, or `path` is not one of our databases; `not_found` when it is
 * empty
 */
export async function copySnapshot(path: string, file: string): Promise<void> {
  const { database, place } = openToRead(path);
  try {
    // Held until the end: without it the copy would start over after each write by others, and never end under load.
    database.exec('begin');
    // A transaction sees no snapshot before its first read.
    schemaOf(database);
    await copyDatabase(database, file);
  } finally {
    database.close();
    place.close();
  }
}

/** Copies what the connection sees. @throws DomainError `conflict` when `file` exists */
export async function copyDatabase(source: Connection, file: string): Promise<void> {
  const taken = new DomainError('conflict', `${file} already exists`);
  if (existsSync(file)) throw taken;
  // Under another name until complete: an interrupted copy must not look complete.
  const work = WorkFolder.create(file);
  try {
    const growing = work.file('copy.db');
    createPrivateFile(growing);
    // A store in memory is copied in one go: each commit there starts the copy over, and no snapshot can be held
    // against it.
    const pages = source.memory ? ALL_PAGES : PAGES_PER_STEP;
    await source.backup(growing, { progress: () => pages });
    checkCopy(growing);
    if (existsSync(file)) throw taken;
    renameSync(growing, file);
    syncFolder(dirname(file));
  } finally {
    work.remove();
  }
}

/** Also makes it a single file: a copy is in WAL mode like its source, and opening one leaves files next to it. */
function checkCopy(path: string): void {
  const copy = new Database(path);
  try {
    copy.pragma('journal_mode = delete');
    if (schemaOf(copy) === undefined || copy.pragma('quick_check', { simple: true }) !== 'ok') {
      throw new Error('The copy is not intact');
    }
  } finally {
    copy.close();
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } catch {
    // Some file systems cannot do this; the copy itself is synced.
  } finally {
    closeSync(folder);
  }
}
