/** What the back-office commands share: an open store and their common options. */

import type { Logged } from '../access-log/access-log.ts';
import { NO_ACCESS_LOG } from '../access-log/no-access-log.ts';
import { readOne } from '../config.ts';
import { COMMAND_LINE } from '../domain/actor.ts';
import type { Core } from '../domain/core.ts';
import { WriteQueue } from '../domain/memberships/queue.ts';
import { openDatabase } from './database.ts';

/** Options that every back-office command accepts. */
export interface CommonOptions {
  readonly database?: string;
  readonly json?: boolean;
}

/** The database named by the options. @throws ConfigError */
export function databaseOf(options: CommonOptions): string {
  return readOne('database', options.database);
}

const LIMITS = { maxRequests: 1000, maxBytes: 64 * 1024 * 1024 };

export interface CoreOptions {
  /** Whether the command changes anything; if not, the database is opened read-only. */
  readonly access: 'read' | 'write';
  /** False for commands that may create the database. */
  readonly mustExist?: boolean;
  /** True for commands that may take long: their work leaves the main thread free to receive signals. */
  readonly isLong?: boolean;
}

/**
 * Runs `use` on the database named by the options, even while the server runs.
 * @throws DomainError `not_found` when `mustExist` and there is no database, `conflict` for one that must be upgraded first
 */
export async function withCore<T>(
  options: CommonOptions,
  { access, mustExist = true, isLong = false }: CoreOptions,
  use: (core: Core & Logged) => Promise<T>,
): Promise<T> {
  const work = isLong ? 'in threads' : 'in place';
  const storage = await openDatabase(databaseOf(options), { mustExist, access, work });
  try {
    return await use({
      storage,
      queue: new WriteQueue(storage, LIMITS),
      now: Date.now,
      actor: COMMAND_LINE,
      accessLog: NO_ACCESS_LOG,
    });
  } finally {
    await storage.close();
  }
}
