/** Repeats a step until stopped: at its own interval, and sooner while it reports more to do. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';

// The pause between two steps of long work.
const PAUSE_MS = 10;
// While writes wait, the work takes one of this many ms.
const SHARE = 4;

export interface Repetition {
  readonly name: string;
  readonly everyMs: number;
  /** Does a bounded part of the work. @returns whether there is more to do at once */
  readonly step: () => Promise<boolean>;
  /** Whether writes are waiting; long work then takes longer pauses. */
  readonly isBusy?: () => boolean;
}

/** Never rejects: a step that fails is logged and tried again. Resolves once stopped. */
export async function repeat({ name, everyMs, step, isBusy }: Repetition, logger: Logger, signal: AbortSignal) {
  while (!signal.aborted) {
    const started = performance.now();
    let more = false;
    try {
      more = await step();
    } catch (error) {
      logger.error({ err: error, job: name }, 'job failed; it will be tried again');
    }
    const pause = isBusy?.() === true ? (performance.now() - started) * (SHARE - 1) : 0;
    const wait = more ? Math.max(PAUSE_MS, pause) : everyMs;
    await delay(wait, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
