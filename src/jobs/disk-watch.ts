/** Refuses writes before the disk is full, and accepts them again once there is room. */

import { statfs } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Logged } from '../access-log/access-log.ts';
import type { Core } from '../domain/core.ts';

const CAUSE = 'disk';

/**
 * @param folder the folder whose disk is watched
 * @param minFreeBytes the free space required
 * @returns a step to be repeated
 */
export function diskWatch(
  core: Core & Logged,
  folder: string,
  minFreeBytes: number,
  logger: Logger,
): () => Promise<boolean> {
  let isFull = false;
  return async () => {
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    if (freeBytes < minFreeBytes && !isFull) {
      isFull = true;
      core.queue.pause(CAUSE, 'The disk is nearly full; nothing was stored', 'growing');
      core.accessLog.hold(true);
      logger.error({ freeBytes, minFreeDiskBytes: minFreeBytes }, 'disk nearly full: writes are refused');
    } else if (freeBytes >= minFreeBytes && isFull) {
      isFull = false;
      core.queue.resume(CAUSE);
      core.accessLog.hold(false);
      logger.info({ freeBytes }, 'disk has room again: writes are accepted');
    }
    return false;
  };
}
