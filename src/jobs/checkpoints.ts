/** Has the store's log of committed writes moved to where it stays, and says so when that does not keep up. */

import type { Logger } from 'pino';
import type { Core } from '../domain/core.ts';

// What an operator should hear of, and again each time it doubled.
const LONG_LOG_BYTES = 1024 * 1024 * 1024;
// At a start: what was left by a server that was killed is worth a line.
const LEFT_BYTES = 32 * 1024 * 1024;

/** @returns a step to be repeated */
export function checkpoints(core: Core, logger: Logger): () => Promise<boolean> {
  let isFirst = true;
  let warnAt = LONG_LOG_BYTES;
  return async () => {
    const { logBytes, waitingBytes, more } = await core.storage.checkpoint();
    if (isFirst && logBytes > LEFT_BYTES) {
      logger.info(
        { logBytes },
        'the write-ahead log of an earlier run is being moved into the database; requests are served',
      );
    }
    isFirst = false;
    if (waitingBytes >= warnAt) {
      logger.warn(
        { logBytes, waitingBytes },
        'the write-ahead log grows: a backup or another long read holds it back, or the disk is too slow',
      );
      warnAt *= 2;
    } else if (waitingBytes < LONG_LOG_BYTES) warnAt = LONG_LOG_BYTES;
    return more;
  };
}
