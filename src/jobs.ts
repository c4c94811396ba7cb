/** What goes on beside requests: watching the disk, removing what deletions left behind, ending retentions. */

import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { Core } from './domain/core.ts';

const DISK_EVERY_MS = 1000;
const PURGE_EVERY_MS = 1000;
const PRUNE_EVERY_MS = 60 * 60 * 1000;
// Between two steps of a long purge, so that hot writes get most of the writer.
const STEP_PAUSE_MS = 10;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Jobs {
  /** Stops all jobs; resolves once none runs. */
  stop(): Promise<void>;
}

/**
 * Starts the jobs.
 * @param databaseFile the file whose disk is watched; undefined for a store in memory
 */
export function startJobs(core: Core, config: Config, logger: Logger, databaseFile: string | undefined): Jobs {
  const stopping = new AbortController();
  const { signal } = stopping;

  /** Runs `step` every so often, and at once again while it says there is more. */
  async function repeat(name: string, everyMs: number, step: () => Promise<boolean>): Promise<void> {
    while (!signal.aborted) {
      let more = false;
      try {
        more = await step();
      } catch (error) {
        logger.error({ err: error, job: name }, 'job failed; it is tried again');
      }
      await delay(more ? STEP_PAUSE_MS : everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async function watchDisk(): Promise<boolean> {
    if (databaseFile === undefined || config.minFreeDiskBytes === 0) return false;
    const { bavail, bsize } = await statfs(dirname(databaseFile));
    const free = bavail * bsize;
    const paused = core.queue.pausedBecause !== undefined;
    if (free < config.minFreeDiskBytes && !paused) {
      core.queue.pause('The disk is nearly full; nothing was stored');
      core.accessLog.hold(true);
      logger.error(
        { freeBytes: free, minFreeDiskBytes: config.minFreeDiskBytes },
        'disk nearly full: writes are refused',
      );
    } else if (free >= config.minFreeDiskBytes && paused) {
      core.queue.resume();
      core.accessLog.hold(false);
      logger.info({ freeBytes: free }, 'disk has room again: writes are accepted');
    }
    return false;
  }

  async function pruneLedger(): Promise<boolean> {
    if (config.ledgerRetentionDays === 0) return false;
    return core.storage.pruneLedger(core.now() - config.ledgerRetentionDays * DAY_MS);
  }

  const forgetReplays = async (): Promise<boolean> =>
    core.storage.forgetReplays(core.now() - config.accessLogRetentionDays * DAY_MS);

  const running = [
    repeat('disk watch', DISK_EVERY_MS, watchDisk),
    repeat('purge', PURGE_EVERY_MS, () => core.storage.purge()),
    repeat('ledger retention', PRUNE_EVERY_MS, pruneLedger),
    repeat('retention of replays', PRUNE_EVERY_MS, forgetReplays),
    repeat('access log retention', PRUNE_EVERY_MS, () => core.accessLog.prune()),
  ];
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
