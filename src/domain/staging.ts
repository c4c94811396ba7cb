/** Lists that are gathered out of sight before they replace another: who may take over one that was left behind. */

// A claimed list that has not grown for this long may be taken over. Its time comes from the machine's clock, which may
// have been set since: it is trusted this far on either side of now.
const STALLED_AFTER_MS = 60_000;

/**
 * Reports whether a staged list is still being gathered: only while its owner holds a claim, which ends with the
 * owner's process, and only while the list grows.
 * @param movedAt when it last grew, and `now`, in ms since the epoch
 * @param isClaimed called last, because it may have to look at files or locks
 */
export function isUnderWay(movedAt: number, now: number, isClaimed: () => boolean): boolean {
  return Math.abs(now - movedAt) < STALLED_AFTER_MS && isClaimed();
}
