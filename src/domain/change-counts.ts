/** How much a write changed. */

/** The counts of one write. */
export interface ChangeCounts {
  /** Memberships started and ended, net. */
  readonly joins: number;
  readonly leaves: number;
  /** Customer profiles created or changed. */
  readonly profiles: number;
}
