/** What every operation of the product works with; made once at start-up and passed as the first argument. */

import type { Actor } from './access/audit-log.ts';
import type { AccessLog } from './access-log.ts';
import type { WriteQueue } from './memberships/queue.ts';
import type { Storage } from './storage.ts';

export interface Core {
  readonly storage: Storage;
  /** The only way to the hot writes: gathers concurrent requests and commits them together. */
  readonly queue: WriteQueue;
  /** What was asked and answered. */
  readonly accessLog: AccessLog;
  /** Who changes things: written to the audit log. A request of the back office works with a core of its own. */
  readonly actor: Actor;
  /** Current time in ms since the epoch. */
  readonly now: () => number;
}
