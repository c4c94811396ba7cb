/** Lists that gather unseen before they replace another: who may take over one that was left behind. */

// A claimed list that has not grown for so long may be taken over. Its time is written by the clock of the machine, which may have
// been set since: on either side of now it is trusted as far as this.
const STALLED_AFTER_MS = 60_000;

/**
 * Reports whether a staged list is still being gathered: only while whoever gathers it holds a claim, which ends with its process,
 * and only while the list grows.
 * @param movedAt when it grew last, and `now`, in ms since the epoch
 * @param isClaimed asked last: it may have to look at files or locks
 */
export function isUnderWay(movedAt: number, now: number, isClaimed: () => boolean): boolean {
  return Math.abs(now - movedAt) < STALLED_AFTER_MS && isClaimed();
}
