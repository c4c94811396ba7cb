/** The background jobs, in one list. */

import type { Logger } from 'pino';
import type { Logged } from '../access-log/access-log.ts';
import type { Config } from '../config.ts';
import type { Core } from '../domain/core.ts';
import { finishErasures } from '../domain/privacy/erasure.ts';
import { applyAttributeJobs } from './attribute-jobs.ts';
import { checkpoints } from './checkpoints.ts';
import { diskWatch } from './disk-watch.ts';
import { fileWatch } from './file-watch.ts';
import { type Repetition, repeat } from './repeat.ts';
import { forgetAnswers, forgetReplays, pruneLedger } from './retention.ts';
import { writeProbe } from './write-probe.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const CHECKPOINT_EVERY_MS = 200;
const ATTRIBUTE_JOBS_MS = 200;
const PROBE_LOOK_MS = 100;

export interface Jobs {
  /** After the clock was set, runs each job that depends on it until it has nothing more to do. */
  catchUp(): Promise<void>;
  /** Stops all jobs; resolves once none is running. */
  stop(): Promise<void>;
}

/** Starts the jobs, some of which only a store in a file needs. */
export function startJobs(core: Core & Logged, config: Config, logger: Logger): Jobs {
  const stopping = new AbortController();
  const isBusy = (): boolean => core.queue.depth > 0;
  const timed: Repetition[] = [
    { name: 'purge', everyMs: SECOND_MS, step: async () => core.storage.purge(), isBusy },
    { name: 'ledger retention', everyMs: HOUR_MS, step: async () => pruneLedger(core, config), isBusy },
    { name: 'retention of answers', everyMs: MINUTE_MS, step: async () => forgetAnswers(core), isBusy },
    { name: 'retention of replays', everyMs: HOUR_MS, step: async () => forgetReplays(core, config), isBusy },
    { name: 'unfinished erasures', everyMs: 10 * MINUTE_MS, step: async () => finishErasures(core) },
    { name: 'access log retention', everyMs: HOUR_MS, step: async () => core.accessLog.prune() },
  ];
  const jobs: Repetition[] = [
    { name: 'attribute jobs', everyMs: ATTRIBUTE_JOBS_MS, step: applyAttributeJobs(core, logger), isBusy },
    ...timed,
  ];
  const { file } = core.storage;
  if (file !== undefined) {
    jobs.push({ name: 'file watch', everyMs: SECOND_MS, step: fileWatch(core, file, logger) });
    jobs.push({ name: 'write probe', everyMs: PROBE_LOOK_MS, step: writeProbe(core, logger) });
    jobs.push({ name: 'checkpoint', everyMs: CHECKPOINT_EVERY_MS, step: checkpoints(file, logger) });
    if (config.minFreeDiskBytes > 0) {
      const step = diskWatch(core, file.folder, config.minFreeDiskBytes, logger);
      jobs.push({ name: 'disk watch', everyMs: SECOND_MS, step });
    }
  }
  const running = jobs.map(async (job) => repeat(job, logger, stopping.signal));
  return {
    async catchUp() {
      for (const { step } of timed) while (await step());
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
