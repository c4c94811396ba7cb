/** Writes the attributes that were set for whole audiences to their members. */

import type { Logger } from 'pino';
import type { Core } from '../domain/core.ts';

/** @returns a step of the work, which does nothing while writes that need room are refused */
export function applyAttributeJobs({ storage, queue }: Core, logger: Logger): () => Promise<boolean> {
  return async () => {
    if (queue.pausedBecause !== undefined) return false;
    const { more, finished } = await storage.applyAttributeJobs();
    for (const { id, audienceId, requestUuid, recorded, members, tooLarge } of finished) {
      const fields = {
        job: id,
        audienceId,
        requestUuid,
        recorded: new Date(recorded).toISOString(),
        members,
        tooLarge,
      };
      if (tooLarge === 0) logger.info(fields, 'attributes of an audience were set');
      else
        logger.warn(fields, 'attributes of an audience were set, except where a profile would have become too large');
    }
    return more;
  };
}
