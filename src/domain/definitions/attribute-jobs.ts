/**
 * Attribute jobs: values that everyone who was in an audience at one moment has from then on. Which profiles still lack them is told
 * by `domain/memberships/attribute-jobs.ts`.
 */

import type { JsonValue } from '../json-value.ts';

/** A job that is recorded, and not yet written to all of its profiles. */
export interface AttributeJob {
  /** Ascending in the order in which jobs were recorded. */
  readonly id: number;
  readonly audienceId: number;
  /** The set that held the audience's members at that moment. */
  readonly memberSet: number;
  /** Checked values by name; null removes one. */
  readonly attributes: Readonly<Record<string, JsonValue>>;
  /** Size of the attributes as JSON text, in UTF-16 units. */
  readonly size: number;
  /** ms since the epoch */
  readonly recorded: number;
  /**
   * When the request first arrived, in ms since the epoch, for one that was replayed and yields to newer writes; undefined for
   * every other.
   */
  readonly arrived: number | undefined;
}
