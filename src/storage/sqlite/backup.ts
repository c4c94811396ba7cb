/** Copies a database to a new file, private to its owner, while others write to it. */

import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DomainError } from '../../domain/errors.ts';
import { type Connection, createPrivateFile } from './database.ts';
import { openToRead, schemaOf } from './migrate.ts';
import { WorkFolder } from './work-folder.ts';

// Pages copied between two turns of the event loop: some 2 ms.
const PAGES_PER_STEP = 500;
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies the database at `path` as it is now, whatever its schema; only reads from it.
 * @throws DomainError `conflict` when `file` exists, or `path` is no database of ours; `not_found` when it holds nothing
 */
export async function copySnapshot(path: string, file: string): Promise<void> {
  const { database, place } = openToRead(path);
  try {
    // Held until the end: without it the copy would start over after each write of others, and never end under load.
    database.exec('begin');
    // A transaction sees nothing of its own before its first read.
    schemaOf(database);
    await copyDatabase(database, file);
  } finally {
    database.close();
    place.close();
  }
}

/** Copies what the connection sees. @throws DomainError `conflict` when `file` exists */
export async function copyDatabase(source: Connection, file: string): Promise<void> {
  const taken = new DomainError('conflict', `${file} exists already`);
  if (existsSync(file)) throw taken;
  // Under another name until complete: a copy that was cut off must not look like one.
  const work = WorkFolder.create(file);
  try {
    const growing = work.file('copy.db');
    createPrivateFile(growing);
    // Of a store in memory all at once: there each commit starts the copy over, and no snapshot can be held against it.
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

/** Also makes it one file: a copy is in WAL mode like its source, and opening one leaves files beside it. */
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
    // Some file systems cannot; the copy itself is synced.
  } finally {
    closeSync(folder);
  }
}
