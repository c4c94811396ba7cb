/** A core on a real in-memory store, for tests of rules that need one. */

import type { Logged } from '../../src/access-log/access-log.ts';
import { NO_ACCESS_LOG } from '../../src/access-log/no-access-log.ts';
import { COMMAND_LINE } from '../../src/domain/actor.ts';
import type { Core } from '../../src/domain/core.ts';
import { WriteQueue, type WriteQueueLimits } from '../../src/domain/memberships/queue.ts';
import { MEMORY_URL, openStorage } from '../../src/storage/index.ts';

export const ROOMY: WriteQueueLimits = { maxRequests: 10_000, maxBytes: 64 * 1024 * 1024 };

export async function openCore(limits: WriteQueueLimits = ROOMY, now: () => number = Date.now): Promise<Core & Logged> {
  const storage = await openStorage(MEMORY_URL, { now });
  return { storage, queue: new WriteQueue(storage, limits), now, actor: COMMAND_LINE, accessLog: NO_ACCESS_LOG };
}
