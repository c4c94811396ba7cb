/** Imports of whole lists, as they are told and kept. */

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
}
