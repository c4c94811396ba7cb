/** Moves the store's write-ahead log into the database, and reports when that falls behind. */

import type { Logger } from 'pino';
import type { StorageFile } from '../domain/storage.ts';

// The size worth reporting to the operator, and again each time it doubles.
const LONG_LOG_BYTES = 1024 * 1024 * 1024;
// At the start, a log left by a killed server is worth a line.
const LEFT_BYTES = 32 * 1024 * 1024;

/** @returns a step to be repeated */
export function checkpoints(file: StorageFile, logger: Logger): () => Promise<boolean> {
  let isFirst = true;
  let warnAt = LONG_LOG_BYTES;
  return async () => {
    const { logBytes, waitingBytes, more } = await file.checkpoint();
    if (isFirst && logBytes > LEFT_BYTES) {
      logger.info(
        { logBytes },
        'the write-ahead log of an earlier run is being moved into the database; requests are served meanwhile',
      );
    }
    isFirst = false;
    if (waitingBytes >= warnAt) {
      logger.warn(
        { logBytes, waitingBytes },
        'the write-ahead log is growing: a backup or another long read holds it back, or the disk is too slow',
      );
      warnAt *= 2;
    } else if (waitingBytes < LONG_LOG_BYTES) warnAt = LONG_LOG_BYTES;
    return more;
  };
}
