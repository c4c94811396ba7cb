/** What the whole product works with; created once at start-up. Operations ask for the parts they need. */

import type { WriteOperation } from './memberships/queue.ts';
import type { Storage } from './storage.ts';

export interface Core extends WriteOperation {
  readonly storage: Storage;
}
