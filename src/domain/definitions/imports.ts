/** Imports of whole lists: how they are described and stored. */

import type { WarningCounts } from '../list-warnings.ts';

/** A list that has taken effect. */
export interface Import {
  readonly id: number;
  /** ms since the epoch */
  readonly created: number;
  /** Undefined for the command line. */
  readonly userId: number | undefined;
  readonly entity: 'AudienceMembership' | 'AttributeAllowedList';
  /** Number of distinct entries in the list. */
  readonly amount: number;
  /** How many entries looked wrong, by kind of warning. */
  readonly warnings: WarningCounts;
}
