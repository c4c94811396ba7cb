/** What the whole product works with; made once at start-up. Operations take the parts of it that they ask for. */

import type { WriteOperation } from './memberships/queue.ts';
import type { Storage } from './storage.ts';

export interface Core extends WriteOperation {
  readonly storage: Storage;
}
