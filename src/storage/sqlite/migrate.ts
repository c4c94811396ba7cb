/**
 * Brings a database to this program's schema: numbered `.sql` files, one transaction each, recorded. A schema also
 * records the oldest program that may use it, so that only programs older than that refuse.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { DomainError } from '../../domain/errors.ts';
import { type Connection, createPrivateFile, inTransaction } from './database.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly oldestProgram: number;
  readonly sql: string;
}

const FOLDER = new URL('../migrations/sqlite/', import.meta.url);

/** The migrations this program brings, in order. */
export function listMigrations(folder: URL = FOLDER): Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, folder), 'utf8');
      const oldest = /^-- oldest-program: (\d+)$/m.exec(sql);
      if (oldest === null) throw new Error(`${file} does not say its oldest program`);
      return {
        number: Number.parseInt(file, 10),
        name: file.replace(/\.sql$/, ''),
        oldestProgram: Number(oldest[1]),
        sql,
      };
    });
}

/** The highest applied migration and the oldest program the schema admits; undefined for an empty database. */
export function schemaOf(database: Connection): { applied: number; oldestProgram: number } | undefined {
  const known = database.prepare("select 1 from sqlite_schema where name = 'schema_migrations'").get();
  if (known === undefined) {
    const tables = database.prepare("select count(*) from sqlite_schema where type = 'table'").pluck().get() as number;
    if (tables > 0) throw new DomainError('conflict', 'The file is a SQLite database of another program');
    return undefined;
  }
  return database
    .prepare<[], { applied: number; oldestProgram: number }>(
      'select max(number) as applied, max(oldest_program) as oldestProgram from schema_migrations',
    )
    .get();
}

/**
 * Applies what is missing. A database that holds data is first copied beside itself.
 * @param path the file's path, for the copy; undefined for a database in memory
 * @returns where the copy is, if one was made
 * @throws DomainError `conflict` when the schema is too new for this program
 */
export function migrate(
  database: Connection,
  path: string | undefined,
  migrations: readonly Migration[] = listMigrations(),
): string | undefined {
  const newest = migrations.at(-1)?.number ?? 0;
  const schema = schemaOf(database);
  if (schema !== undefined) {
    if (schema.oldestProgram > newest) {
      throw new DomainError(
        'conflict',
        `The database has schema ${schema.applied}; this program knows up to ${newest}: use the newer program, or restore a backup made before the upgrade`,
      );
    }
    if (schema.applied >= newest) return undefined;
  }
  const copy = schema === undefined || path === undefined ? undefined : freeName(`${path}.before-${newest}`);
  if (copy !== undefined) {
    createPrivateFile(copy);
    database.prepare('vacuum into ?').run(copy);
  }
  for (const migration of migrations) applyOnce(database, migration);
  return copy;
}

/** Another process may be doing the same: what it applied in the meantime is skipped. */
function applyOnce(database: Connection, migration: Migration): void {
  inTransaction(database, () => {
    const schema = schemaOf(database);
    if (schema !== undefined && schema.applied >= migration.number) return;
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
  });
}

function freeName(path: string): string {
  if (!existsSync(path)) return path;
  for (let attempt = 2; ; attempt += 1) if (!existsSync(`${path}.${attempt}`)) return `${path}.${attempt}`;
}
