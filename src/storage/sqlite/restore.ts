/**
 * Replaces a database that servers may be using with a backup. All work on the backup happens on a private copy; one
 * transaction then exchanges every table, so that others see either the old data or the new, and never lose a write
 * they were told is durable: before that transaction it goes into the safety copy, and afterwards into the restored
 * data.
 * SQLite's own backup interface cannot write into a database in use: as wrapped by better-sqlite3 it takes a locked
 * target for a finished copy, commits without a sync, cannot change the page size, and would need the lock that keeps
 * the safety copy complete.
 */

import { createReadStream, createWriteStream, existsSync, realpathSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { DomainError, invalid } from '../../domain/errors.ts';
import { copySnapshot } from './backup.ts';
import { findDamagedRows } from './checksums.ts';
import {
  type Connection,
  createPrivateFile,
  freeName,
  MEMORY,
  openConnection,
  removeDatabase,
  sqliteCode,
  translateErrors,
} from './database.ts';
import { assertAdmitted, assertCurrent, assertRollcallDatabase, migrate, schemaOf } from './migrate.ts';
import { WorkFolder } from './work-folder.ts';

// Others write in short transactions; a migration or the swap of a large import takes longer.
const LOCK_TIMEOUT_MS = 60_000;
// Enough to see what kind of damage it is; verify names more rows.
const MAX_NAMED_ROWS = 10;

export interface RestoreOptions {
  /** Called once everything is ready, right before the data is exchanged: false aborts. */
  readonly mayContinue?: () => boolean;
  /** Restores a backup even if rows in it do not match their checksums. */
  readonly acceptDamage?: boolean;
}

/**
 * @returns where the replaced data is kept; undefined if there was none
 * @throws Error when it was aborted
 */
export async function restoreSqlite(
  path: string,
  file: string,
  options: RestoreOptions = {},
): Promise<{ safetyCopy: string | undefined }> {
  if (path === MEMORY) throw invalid('database: an in-memory store cannot be restored');
  if (!existsSync(file) || !statSync(file).isFile()) throw new DomainError('not_found', `There is no file ${file}`);
  if (existsSync(path) && realpathSync(path) === realpathSync(file)) throw invalid(`${file} is the database itself`);
  assertRollcallDatabase(path);
  const work = WorkFolder.create(path, 'restoring');
  try {
    const copy = work.file('copy.db');
    createPrivateFile(copy);
    await copyPrivately(file, copy);
    prepareCopy(file, copy, options);
    return await putInPlace(path, copy, options);
  } finally {
    work.remove();
  }
}

async function copyPrivately(file: string, copy: string): Promise<void> {
  if (!existsSync(`${file}-wal`) && !existsSync(`${file}-journal`)) {
    await pipeline(createReadStream(file), createWriteStream(copy, { flags: 'r+' }));
    return;
  }
  // Part of the data is in these files, and somebody may be using them: only SQLite can read it completely.
  removeDatabase(copy);
  await copySnapshot(file, copy);
}

/** Checks the copy, upgrades it to our schema, and marks it as different from any data a server has cached. */
function prepareCopy(file: string, copy: string, { acceptDamage }: RestoreOptions): void {
  let database: Connection | undefined;
  try {
    database = openConnection(copy);
    if (schemaOf(database) === undefined) throw invalid(`${file} is empty, not a backup`);
    if (database.pragma('quick_check', { simple: true }) !== 'ok') throw invalid(`${file} is damaged`);
    if (acceptDamage !== true) checkRows(database, file);
    migrate(database, undefined);
    database.exec('update catalog_version set epoch = lower(hex(randomblob(8)))');
    database.pragma('journal_mode = delete');
  } catch (error) {
    const code = sqliteCode(error) ?? '';
    if (code === 'SQLITE_NOTADB') throw invalid(`${file} is not a database`);
    if (code.startsWith('SQLITE_CORRUPT')) throw invalid(`${file} is damaged`);
    throw error;
  } finally {
    database?.close();
  }
}

/** @throws DomainError `invalid` naming the first rows that do not match their checksums */
function checkRows(database: Connection, file: string): void {
  const damaged: string[] = [];
  let more = 0;
  findDamagedRows(database, (message) => {
    if (damaged.length < MAX_NAMED_ROWS) damaged.push(message);
    else more += 1;
  });
  if (damaged.length === 0) return;
  const rest = more === 0 ? '' : `; and ${more} more`;
  throw invalid(`${file} is damaged: ${damaged.join('; ')}${rest}. To restore it anyway, add --accept-damage`);
}

async function putInPlace(
  path: string,
  copy: string,
  { mayContinue = () => true }: RestoreOptions,
): Promise<{ safetyCopy: string | undefined }> {
  const isNew = !existsSync(path);
  createPrivateFile(path);
  const database = openConnection(path);
  let safetyCopy: string | undefined;
  let holdsNothing = false;
  try {
    database.pragma(`busy_timeout = ${LOCK_TIMEOUT_MS}`);
    database.prepare('attach ? as restored').run(copy);
    // From here on nobody else writes.
    translateErrors(() => database.exec('begin immediate'));
    const hadData = holdsData(database);
    if (hadData) {
      const time = new Date()
        .toISOString()
        .replace(/\.\d+Z$/, 'Z')
        .replaceAll(':', '-');
      safetyCopy = freeName(`${path}.before-restore-${time}`);
      await copySnapshot(path, safetyCopy);
    }
    if (!mayContinue()) throw new Error('The restore was aborted');
    translateErrors(() => {
      replaceTables(database, hadData);
      database.exec('commit');
    });
    database.exec('detach restored');
    // The log now contains all the restored data; readers of the old data may keep it from being emptied, which does no
    // harm.
    database.pragma('wal_checkpoint(truncate)');
    return { safetyCopy };
  } catch (error) {
    // Nothing was replaced.
    if (safetyCopy !== undefined && database.inTransaction) removeDatabase(safetyCopy);
    if (database.inTransaction) database.exec('rollback');
    holdsNothing = isNew && schemaOf(database) === undefined;
    throw error;
  } finally {
    database.close();
    if (holdsNothing) removeDatabase(path);
  }
}

/** @throws DomainError `conflict` when a newer program uses the database: it could not use the restored data */
function holdsData(database: Connection): boolean {
  const schema = schemaOf(database);
  if (schema === undefined) return false;
  assertAdmitted(schema);
  // A server of the program that created it may be running, and could not use the restored data.
  assertCurrent(schema);
  const restored =
    database.prepare<[], number>('select max(number) from restored.schema_migrations').pluck().get() ?? 0;
  if (schema.applied > restored) {
    throw new DomainError(
      'conflict',
      `The database has schema ${schema.applied}, the backup ${restored}: use the newer program, which upgrades the backup while restoring it`,
    );
  }
  return true;
}

function replaceTables(database: Connection, hadData: boolean): void {
  // A version nobody has seen yet makes every server check the epoch, and therefore reload all definitions.
  const version = 'select version from catalog_version';
  const seen = hadData ? (database.prepare<[], number>(version).pluck().get() ?? 0) : 0;
  const own = "name not like 'sqlite\\_%' escape '\\'";
  const tables = (schema: string): string[] =>
    database
      .prepare<[], string>(`select name from ${schema}.sqlite_schema where type = 'table' and ${own}`)
      .pluck()
      .all();
  for (const table of tables('main')) database.exec(`drop table main."${table}"`);
  const definitions = database
    .prepare<[], string>(
      `select sql from restored.sqlite_schema where sql is not null and ${own} order by type <> 'table'`,
    )
    .pluck()
    .all();
  // Before the rows: SQLite copies page by page into empty tables with the same indexes.
  for (const sql of definitions) database.exec(sql);
  for (const table of tables('restored')) {
    database.exec(`insert into main."${table}" select * from restored."${table}"`);
  }
  // IDs of deleted rows must not be assigned again.
  database.exec(
    'delete from main.sqlite_sequence; insert into main.sqlite_sequence select * from restored.sqlite_sequence',
  );
  database.prepare('update main.catalog_version set version = max(version, ?) + 1').run(seen);
}
