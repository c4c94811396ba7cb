/**
 * Refuses writes once the store's files have been removed or replaced: what the open files hold is lost with the
 * process.
 */

import type { Logger } from 'pino';
import type { Core } from '../domain/core.ts';
import type { StorageFile } from '../domain/storage.ts';

/** @returns a step to be repeated */
export function fileWatch(core: Core, file: StorageFile, logger: Logger): () => Promise<boolean> {
  let isLost = false;
  return async () => {
    const path = isLost ? undefined : file.check();
    if (path === undefined) return false;
    isLost = true;
    core.queue.pause(
      'files',
      'The database file was removed or replaced under the server; nothing is stored until it is restarted',
      'all',
    );
    logger.error(
      { path },
      'the database file was removed or replaced while the server ran: writes are refused until it is restarted; put the right file in place first, and replace a database only with `rollcall restore`',
    );
    return false;
  };
}
