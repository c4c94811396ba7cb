/** What the end of retention takes from the ledger: its oldest entries, request by request, and no more at a time than is quick. */

/** A request at the old end of the ledger. */
export interface OldRequest {
  readonly id: number;
  /** ms since the epoch */
  readonly time: number;
  /** Number of the first of its ledger entries. */
  readonly firstChange: number;
}

/** The ledger as it is. */
export interface LedgerExtent {
  /** The first entry that is still there, or was when the ledger was last pruned. */
  readonly prunedBefore: number;
  /** Number that the next request gets. */
  readonly nextRequest: number;
  /** Number that the next entry gets. */
  readonly nextChange: number;
}

/** How much may be removed in one step. */
export interface PruningLimits {
  readonly requests: number;
  readonly entries: number;
}

/** What stays after a step. */
export interface Pruning {
  readonly firstKeptChange: number;
  readonly firstKeptRequest: number;
}

/**
 * Plans one step. A request goes once all of its entries are gone: it may have any number of them. Requests and their entries are
 * numbered in one order, so a prefix of the one is a prefix of the other.
 * @param oldest the oldest requests, ascending: one more than a step may remove, or all there are
 * @param before time in ms since the epoch; requests from then on stay
 * @returns undefined when nothing is old enough
 */
export function planPruning(
  oldest: readonly OldRequest[],
  before: number,
  { prunedBefore, nextRequest, nextChange }: LedgerExtent,
  limits: PruningLimits,
): Pruning | undefined {
  const [first] = oldest;
  if (first === undefined || first.time >= before) return undefined;
  const start = Math.max(first.firstChange, prunedBefore);
  const boundary = oldest.find(
    ({ time, firstChange }, index) =>
      index > 0 && (index === limits.requests || time >= before || firstChange - start >= limits.entries),
  );
  const end = boundary?.firstChange ?? nextChange;
  const firstKeptChange = Math.min(end, start + limits.entries);
  if (firstKeptChange === end) return { firstKeptChange, firstKeptRequest: boundary?.id ?? nextRequest };
  const partly = oldest.findLast(({ firstChange }) => firstChange <= firstKeptChange) ?? first;
  return { firstKeptChange, firstKeptRequest: partly.id };
}
