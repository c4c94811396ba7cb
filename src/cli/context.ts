/** What the back-office commands share: an open store, and the options every one of them takes. */

import type { Logged } from '../access-log/access-log.ts';
import { NO_ACCESS_LOG } from '../access-log/no-access-log.ts';
import { readOne } from '../config.ts';
import { COMMAND_LINE } from '../domain/actor.ts';
import type { Core } from '../domain/core.ts';
import { WriteQueue } from '../domain/memberships/queue.ts';
import { openDatabase } from './database.ts';

/** Options every back-office command takes. */
export interface CommonOptions {
  readonly database?: string;
  readonly json?: boolean;
}

/** The database the options name. @throws ConfigError */
export function databaseOf(options: CommonOptions): string {
  return readOne('database', options.database);
}

const LIMITS = { maxRequests: 1000, maxBytes: 64 * 1024 * 1024 };

export interface CoreOptions {
  /** Whether the command changes anything; one that does not opens the database read-only. */
  readonly access: 'read' | 'write';
  /** False for commands that may make the database. */
  readonly mustExist?: boolean;
  /** True for commands that may take long: their work leaves the main thread free to hear signals. */
  readonly isLong?: boolean;
}

/**
 * Runs `use` on the database the options name; works while the server runs.
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
