/**
 * Upgrades a database to this program's schema: numbered `.sql` files, one transaction each, recorded. A schema also
 * records the oldest program that may use it, so that only programs older than that refuse.
 */

import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { valueKey } from '../../domain/definitions/attribute-values.ts';
import type { AttributeType } from '../../domain/definitions/attributes.ts';
import { DomainError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import { defineRowChecksum } from './checksums.ts';
import { type Connection, createPrivateFile, freeName, inTransaction, openConnection, sqliteCode } from './database.ts';
import { defineErasedPseudonym } from './erased-people.ts';
import { openReadingPlace, type ReadingPlace } from './reading-place.ts';
import { WorkFolder } from './work-folder.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly oldestProgram: number;
  readonly sql: string;
}

const FOLDER = new URL('../migrations/sqlite/', import.meta.url);

/** This program's migrations, in order. */
export function listMigrations(folder: URL = FOLDER): Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, folder), 'utf8');
      const oldest = /^-- oldest-program: (\d+)$/m.exec(sql);
      if (oldest === null) throw new Error(`${file} does not name its oldest program`);
      return {
        number: Number.parseInt(file, 10),
        name: file.replace(/\.sql$/, ''),
        oldestProgram: Number(oldest[1]),
        sql,
      };
    });
}

export interface Schema {
  /** The highest applied migration. */
  readonly applied: number;
  /** The oldest program that may use it, identified by the highest migration that program knows. */
  readonly oldestProgram: number;
}

/**
 * The schema of the database; undefined while it is empty.
 * @throws DomainError `conflict` for a database of another program
 */
export function schemaOf(database: Connection): Schema | undefined {
  // One query: between two, another process may create everything. Other programs have a table with this name too.
  const found = database
    .prepare<[], { tables: number; columns: number }>(`
      select (select count(*) from sqlite_schema where type = 'table') as tables,
        (select count(*) from pragma_table_info('schema_migrations') where name in ('number', 'oldest_program')) as columns`)
    .get();
  if (found === undefined || found.tables === 0) return undefined;
  if (found.columns < 2) throw new DomainError('conflict', 'The file is an SQLite database of another program');
  return database
    .prepare<[], Schema>('select max(number) as applied, max(oldest_program) as oldestProgram from schema_migrations')
    .get();
}

/**
 * Inspects a file before anything in it is changed, even its journal mode.
 * @throws DomainError `conflict` when it is not a database, or belongs to another program
 */
export function assertRollcallDatabase(path: string): void {
  openExisting(path)?.close();
}

/**
 * Opens a file as it is, and inspects it before anything in it is changed.
 * @returns the connection, to be closed; undefined if there is nothing yet
 * @throws DomainError `conflict` when it is not a database, or belongs to another program
 */
export function openExisting(path: string): Connection | undefined {
  if (!existsSync(path) || statSync(path).size === 0) return undefined;
  return asDatabase(path, () => {
    // Not read-only: that would leave a log next to a database in our journal mode.
    const database = new Database(path);
    try {
      schemaOf(database);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Runs `work` on a file that may be anything. @throws DomainError `conflict` when it proves not to be a database */
function asDatabase<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (sqliteCode(error) === 'SQLITE_NOTADB') throw new DomainError('conflict', `${path} is not a database`);
    throw error;
  }
}

/** A file that is only read: close the connection, and then the place. */
export interface OpenedToRead {
  readonly database: Connection;
  readonly schema: Schema;
  readonly place: ReadingPlace;
}

/**
 * Opens a file that exists and may be anything, only to read it.
 * @throws DomainError `conflict` when it is not a database or belongs to another program, `not_found` when it is still
 * empty
 */
export function openToRead(path: string): OpenedToRead {
  const place = openReadingPlace(path);
  let database: Connection | undefined;
  try {
    return asDatabase(path, () => {
      database = openConnection(place.path, { readonly: true });
      const schema = schemaOf(database);
      if (schema === undefined) throw new DomainError('not_found', `${path} is empty: there is no database in it yet`);
      return { database, schema, place };
    });
  } catch (error) {
    database?.close();
    place.close();
    throw error;
  }
}

/** The names of the migrations that a schema lacks. */
export function pendingMigrations(schema: Schema): string[] {
  return listMigrations()
    .filter(({ number }) => number > schema.applied)
    .map(({ name }) => name);
}

/** @throws DomainError `conflict` with the remedy, for a schema that must be upgraded before use */
export function assertCurrent(schema: Schema): void {
  if (pendingMigrations(schema).length === 0) return;
  throw new DomainError(
    'conflict',
    `The database has schema ${schema.applied}, this program requires ${newestMigration()}: use the program that created it,  ` +
      'or stop that, back the database up and upgrade it with rollcall migrate',
  );
}

/** The number of this program's last migration. */
export function newestMigration(): number {
  return listMigrations().at(-1)?.number ?? 0;
}

/** @throws DomainError `conflict` when a program as old as this one may not use the schema */
export function assertAdmitted(schema: Schema | undefined, migrations: readonly Migration[] = listMigrations()): void {
  const newest = migrations.at(-1)?.number ?? 0;
  if (schema === undefined || schema.oldestProgram <= newest) return;
  throw new DomainError(
    'conflict',
    `The database has schema ${schema.applied}; this program knows up to ${newest}: use the newer program, or restore a backup made before the upgrade`,
  );
}

/**
 * Applies the missing migrations. A database that contains data is first copied next to itself.
 * @param path the file's path, for the copy; undefined for an in-memory database
 * @returns the path of the copy, if one was made
 * @throws DomainError `conflict` when the schema is too new for this program
 */
export function migrate(
  database: Connection,
  path: string | undefined,
  migrations: readonly Migration[] = listMigrations(),
): string | undefined {
  const newest = migrations.at(-1)?.number ?? 0;
  const schema = schemaOf(database);
  assertAdmitted(schema, migrations);
  if (schema !== undefined && schema.applied >= newest) return undefined;
  const copy =
    schema === undefined || path === undefined ? undefined : copyNextTo(database, `${path}.before-${newest}`);
  database.function('attribute_value_key', { deterministic: true }, (type, json) =>
    valueKey(type as AttributeType, JSON.parse(json as string) as JsonValue),
  );
  defineRowChecksum(database);
  defineErasedPseudonym(database);
  const tempStore = database.pragma('temp_store', { simple: true }) as number;
  // A migration may sort as much as the data: not in memory.
  database.pragma('temp_store = file');
  try {
    // A new file gets everything at once: anyone who looks at it meanwhile must not take it for one of an earlier
    // version.
    if (schema === undefined) inTransaction(database, () => applyMissing(database, migrations));
    else for (const migration of migrations) inTransaction(database, () => applyMissing(database, [migration]));
  } finally {
    database.pragma(`temp_store = ${tempStore}`);
  }
  return copy;
}

/** Within a transaction. Another process may be doing the same: what it has applied meanwhile is skipped. */
function applyMissing(database: Connection, migrations: readonly Migration[]): void {
  for (const migration of migrations) {
    if ((schemaOf(database)?.applied ?? 0) >= migration.number) continue;
    database.exec(`create table if not exists schema_migrations (
      number integer primary key,
      name text not null,
      oldest_program integer not null,
      applied_at integer not null
    ) strict`);
    database.exec(migration.sql);
    database
      .prepare('insert into schema_migrations values (?, ?, ?, ?)')
      .run(migration.number, migration.name, migration.oldestProgram, Date.now());
  }
}

/** Copies the database next to itself, under its name only once complete. @returns the copy's path */
function copyNextTo(database: Connection, wanted: string): string {
  const work = WorkFolder.create(wanted);
  try {
    const growing = work.file('copy.db');
    createPrivateFile(growing);
    database.prepare('vacuum into ?').run(growing);
    const copy = freeName(wanted);
    renameSync(growing, copy);
    return copy;
  } finally {
    work.remove();
  }
}
