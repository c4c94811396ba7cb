/** Imports of whole lists, as they are told and kept. */

import type { WarningCounts } from '../list-warnings.ts';

/** A list that took effect. */
export interface Import {
  readonly id: number;
  /** ms since the epoch */
  readonly created: number;
  /** Undefined for the command line. */
  readonly userId: number | undefined;
  readonly entity: 'AudienceMembership' | 'AttributeAllowedList';
  /** Distinct entries of the list. */
  readonly amount: number;
  /** How many entries looked wrong, by what was wrong with them. */
  readonly warnings: WarningCounts;
}
