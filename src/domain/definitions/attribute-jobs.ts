/**
 * Attribute jobs: values that all members of an audience at one moment have from then on.
 * `domain/memberships/attribute-jobs.ts` decides which profiles still lack them.
 */

import type { JsonValue } from '../json-value.ts';

/** A recorded job that has not been written to all of its profiles. */
export interface AttributeJob {
  /** Ascending in the order in which jobs were recorded. */
  readonly id: number;
  readonly audienceId: number;
  /** The set of the audience's members at that moment. */
  readonly memberSet: number;
  /** Checked values by name; null removes one. */
  readonly attributes: Readonly<Record<string, JsonValue>>;
  /** Size of the attributes as JSON text, in UTF-16 units. */
  readonly size: number;
  /** ms since the epoch */
  readonly recorded: number;
  /**
   * When the request first arrived, in ms since the epoch, if it was replayed and so yields to newer writes; otherwise
   * undefined.
   */
  readonly arrived: number | undefined;
}
