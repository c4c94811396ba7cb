/** Alternates between those who are compared, so that whatever else the machine does affects both. */

import { setTimeout as sleep } from 'node:timers/promises';

// What one side leaves behind, such as a checkpoint, must not count for the other.
const PAUSE_MS = 300;

/**
 * Lets each side have its turn in each round; every other round goes backwards.
 * @returns what was measured, by round and side
 */
export async function inTurns<Side extends string, Result>(
  rounds: number,
  sides: readonly Side[],
  measure: (side: Side, round: number) => Promise<Result>,
): Promise<Readonly<Record<Side, Result>>[]> {
  const all: Readonly<Record<Side, Result>>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const results: Partial<Record<Side, Result>> = {};
    for (const side of round % 2 === 1 ? sides : sides.toReversed()) {
      results[side] = await measure(side, round);
      await sleep(PAUSE_MS);
    }
    all.push(results as Record<Side, Result>);
  }
  return all;
}
