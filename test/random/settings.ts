/** How long the random tests run, with which seed, and what they print when they fail. */

import { randomInt } from 'node:crypto';
import { deriveSeed } from '../../src/simulate/random.ts';

/** A soak run: the same tests, round after round with a new seed each, for the requested time. */
export const SOAK = process.env['ROLLCALL_SOAK'] === '1';

// The suite uses the same seeds each time, so that a failure is caused by a change; a soak run uses new ones.
const FIRST_SEED = SOAK ? randomInt(2 ** 31) : 1;
const SEED = process.env['ROLLCALL_SEED'] === undefined ? FIRST_SEED : Number(process.env['ROLLCALL_SEED']);
const SOAK_MS = Number(process.env['ROLLCALL_SOAK_MINUTES'] ?? 30) * 60_000;

/** The longest a test may take outside a soak run, far more than it needs on an idle machine. */
export const PATIENCE_MS = SOAK ? SOAK_MS + 30 * 60_000 : 240_000;

/** Returns the smaller size for the suite, the larger for a soak run. */
export function size(small: number, large: number): number {
  return SOAK ? large : small;
}

/**
 * Runs `work` once, or in a soak run repeatedly until the time is up, with another seed each time. A failure names its
 * seed.
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

/** Fails with `message` unless `condition` holds; `details` are printed below it as JSON. */
export function check(condition: boolean, message: string, details?: unknown): asserts condition {
  if (condition) return;
  const text = details === undefined ? '' : `\n${JSON.stringify(details, null, 1)?.slice(0, 6000)}`;
  throw new Error(`${message}${text}`);
}
