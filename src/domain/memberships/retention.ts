/** What the end of retention removes from the ledger: its oldest requests and their entries, in small steps. */

/** A request at the old end of the ledger. */
export interface OldRequest {
  readonly id: number;
  /** ms since the epoch */
  readonly time: number;
  /** Number of the first of its ledger entries. */
  readonly firstChange: number;
}

/** The current extent of the ledger. */
export interface LedgerExtent {
  /** The oldest entry, as of the last pruning. */
  readonly prunedBefore: number;
  /** Number of the next request. */
  readonly nextRequest: number;
  /** Number of the next entry. */
  readonly nextChange: number;
}

/** How much one step may remove. */
export interface PruningLimits {
  readonly requests: number;
  readonly entries: number;
}

/** What remains after a step. */
export interface Pruning {
  readonly firstKeptChange: number;
  readonly firstKeptRequest: number;
}

/**
 * Plans one step. A request, which may have any number of entries, is removed once all of them are. Requests and their
 * entries are numbered in the same order, so the entries of the first requests are the first entries.
 * @param oldest the oldest requests, ascending: one more than a step may remove, or all that exist
 * @param before ms since the epoch; requests from that time on stay
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
  const boundary = oldest.find(({ time }, index) => index === limits.requests || time >= before);
  const end = boundary?.firstChange ?? nextChange;
  const firstKeptChange = Math.min(end, start + limits.entries);
  if (firstKeptChange === end) return { firstKeptChange, firstKeptRequest: boundary?.id ?? nextRequest };
  const partly = oldest.findLast(({ firstChange }) => firstChange <= firstKeptChange) ?? first;
  return { firstKeptChange, firstKeptRequest: partly.id };
}
