/** How long the random tests run, from which seed, and what they say when they fail. */

import { randomInt } from 'node:crypto';
import { deriveSeed } from '../../src/simulate/random.ts';

/** The drawn-out form: the same tests, round after round with a new seed each, for as long as asked. */
export const SOAK = process.env['ROLLCALL_SOAK'] === '1';

// The suite asks the same questions each time, so that a failure is the change's own; a soak run asks new ones.
const FIRST_SEED = SOAK ? randomInt(2 ** 31) : 1;
const SEED = process.env['ROLLCALL_SEED'] === undefined ? FIRST_SEED : Number(process.env['ROLLCALL_SEED']);
const SOAK_MS = Number(process.env['ROLLCALL_SOAK_MINUTES'] ?? 30) * 60_000;

/** Longest a test may take outside a soak run, far above what it needs on a quiet machine. */
export const PATIENCE_MS = SOAK ? SOAK_MS + 30 * 60_000 : 240_000;

/** The smaller size for every run of the suite, the larger for a soak run. */
export function size(small: number, large: number): number {
  return SOAK ? large : small;
}

/**
 * Runs `work` once, in a soak run again and again until the time is up, with another seed each time. A failure names the
 * seed that led to it.
 */
export async function rounds(work: (seed: number) => Promise<string>): Promise<void> {
  const deadline = Date.now() + SOAK_MS;
  for (let round = 0; round === 0 || (SOAK && Date.now() < deadline); round += 1) {
    const seed = round === 0 ? SEED : deriveSeed(SEED, round);
    try {
      const summary = await work(seed);
      if (SOAK) process.stderr.write(`round ${round}, seed ${seed}: ${summary}\n`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${message}\n\nTo repeat: ROLLCALL_SEED=${seed}`, { cause: error });
    }
  }
}

/** Fails with `message` unless `condition` holds; `details` go below it as JSON. */
export function check(condition: boolean, message: string, details?: unknown): asserts condition {
  if (condition) return;
  const text = details === undefined ? '' : `\n${JSON.stringify(details, null, 1)?.slice(0, 6000)}`;
  throw new Error(`${message}${text}`);
}
