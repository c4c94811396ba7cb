/** How much a write changed. */

/** What a write came to. */
export interface ChangeCounts {
  /** Memberships that began and ended, net. */
  readonly joins: number;
  readonly leaves: number;
  /** Customer profiles that were created or changed. */
  readonly profiles: number;
}
