/** What an operation works with. Each asks for the ports it needs and no more; callers pass the whole `Core`. */

import type { Actor } from './actor.ts';

export interface Operation<Store> {
  readonly storage: Store;
  /** Who changes things: written to the audit log. A request of the back office works with an actor of its own. */
  readonly actor: Actor;
  /** Current time in ms since the epoch. */
  readonly now: () => number;
}
