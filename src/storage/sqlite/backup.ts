/** Copies a database to a new file, private to its owner, while others write to it. */

import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DomainError } from '../../domain/errors.ts';
import { type Connection, createPrivateFile, openConnection, removeDatabase } from './database.ts';
import { schemaOf } from './migrate.ts';

// Pages copied between two turns of the event loop: some 2 ms.
const PAGES_PER_STEP = 500;
const ALL_PAGES = 2 ** 31 - 1;

/** Copies the database at `path` as it is now. @throws DomainError `conflict` when `file` exists */
export async function copySnapshot(path: string, file: string): Promise<void> {
  const source = openConnection(path, { readonly: true });
  try {
    // Held until the end: without it the copy would start over after each write of others, and never end under load.
    source.exec('begin');
    schemaOf(source);
    await copyDatabase(source, file);
  } finally {
    source.close();
  }
}

/** Copies what the connection sees. @throws DomainError `conflict` when `file` exists */
export async function copyDatabase(source: Connection, file: string): Promise<void> {
  const taken = new DomainError('conflict', `${file} exists already`);
  if (existsSync(file)) throw taken;
  // Under another name until complete: a copy that was cut off must not look like one.
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    createPrivateFile(partial);
    // Of a store in memory all at once: there each commit starts the copy over, and no snapshot can be held against it.
    const pages = source.memory ? ALL_PAGES : PAGES_PER_STEP;
    await source.backup(partial, { progress: () => pages });
    checkCopy(partial);
    if (existsSync(file)) throw taken;
    renameSync(partial, file);
    syncFolder(dirname(file));
  } finally {
    removeDatabase(partial);
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
