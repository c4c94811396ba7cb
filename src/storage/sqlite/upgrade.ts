/** Upgrades the schema of a file that may be in use: never under a process that works with the old one. */

import { DomainError } from '../../domain/errors.ts';
import { type Connection, openConnection, sqliteCode } from './database.ts';
import { assertAdmitted, migrate, newestMigration, openToRead, pendingMigrations } from './migrate.ts';

export interface UpgradeOptions {
  readonly maxBytes?: number | undefined;
}

export interface UpgradePlan {
  /** The current schema, by its highest migration. */
  readonly schema: number;
  readonly newest: number;
  /** The missing migrations, in order. */
  readonly pending: readonly string[];
}

/**
 * Only reads. @throws DomainError `conflict` for a schema that is too new or not ours, `not_found` when there is none
 * yet
 */
export function planUpgrade(path: string): UpgradePlan {
  const { database, schema, place } = openToRead(path);
  database.close();
  place.close();
  assertAdmitted(schema);
  return { schema: schema.applied, newest: newestMigration(), pending: pendingMigrations(schema) };
}

/**
 * `migrate`, on a file that may contain data and be in use. A schema is never changed under a process that works with
 * the old one: while the file is upgraded no other process has it open, and none can open it.
 * @throws DomainError `conflict` also while another process has it open
 */
export function upgradeAlone(path: string, options: UpgradeOptions = {}): string | undefined {
  const database = openAlone(path, options);
  try {
    return migrate(database, path);
  } finally {
    database.close();
  }
}

/**
 * Connections that have used a file in write-ahead mode hold a lock on it until they are closed, so none can be
 * overlooked.
 */
function openAlone(path: string, options: UpgradeOptions): Connection {
  try {
    return openConnection(path, { ...options, exclusive: true });
  } catch (error) {
    const cause = error instanceof DomainError ? error.cause : undefined;
    if (!(sqliteCode(cause) ?? '').startsWith('SQLITE_BUSY')) throw error;
    throw new DomainError(
      'conflict',
      `The schema of the database must be upgraded to ${newestMigration()}, but another process has it open; stop that first`,
    );
  }
}
