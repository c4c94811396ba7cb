/**
 * While writes fail, tries a small one every few seconds, so that readiness returns by itself and only after a proven
 * write.
 */

import type { Logger } from 'pino';
import type { Core } from '../domain/core.ts';
import { DomainError } from '../domain/errors.ts';

/** Pauses the queue after a write found the store unable to work. */
export const STORE_FAILED = 'store';

const PROBE_EVERY_MS = 2000;

/** @returns a step to be repeated often: it probes at once after a failure, and then every few seconds */
export function writeProbe(core: Core, logger: Logger): () => Promise<boolean> {
  let isFailing = false;
  let probedAt = 0;
  return async () => {
    if (!core.queue.isPausedBy(STORE_FAILED)) return false;
    if (isFailing && performance.now() - probedAt < PROBE_EVERY_MS) return false;
    try {
      await core.storage.probe();
      core.queue.resume(STORE_FAILED);
      if (isFailing) logger.info('writes are possible again and are accepted');
      isFailing = false;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (!isFailing) logger.error({ err: error }, 'writes fail: those that need room are refused until one succeeds');
      isFailing = true;
      probedAt = performance.now();
    }
    return false;
  };
}
