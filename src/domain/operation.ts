/** What an operation needs. Each asks only for the ports it uses; callers pass the whole `Core`. */

import type { Actor } from './actor.ts';

export interface Operation<Store> {
  readonly storage: Store;
  /** Who makes changes, for the audit log. A request to the back office has its own actor. */
  readonly actor: Actor;
  /** Current time in ms since the epoch. */
  readonly now: () => number;
}
