/** Verdicts on planted faults, kept between runs: one stands as long as the fault, its file and its tests stay as they are. */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PlantedFault } from './fault.ts';

export type Verdict = 'noticed' | 'unnoticed' | 'timed out' | 'broken' | 'stale';

export interface Result {
  readonly verdict: Verdict;
  /** The test that noticed it, or why there is none. */
  readonly detail: string;
}

type Kept = Result & { readonly fingerprint: string };

/** Stands for a fault and the content of the files that its verdict depends on; their paths start at `root`. */
export function fingerprintOf(fault: PlantedFault, paths: readonly string[], root: string): string {
  const hash = createHash('sha256').update(JSON.stringify(fault));
  for (const path of paths) hash.update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

export class KeptVerdicts {
  readonly #file: string;
  readonly #byName: Map<string, Kept>;

  constructor(file: string) {
    this.#file = file;
    this.#byName = new Map(Object.entries(readKept(file)));
  }

  find(name: string, fingerprint: string): Result | undefined {
    const kept = this.#byName.get(name);
    return kept?.fingerprint === fingerprint ? kept : undefined;
  }

  /** Keeps what tests decided. A time-out says something about the machine, so the fault is tried again. */
  keep(name: string, fingerprint: string, result: Result): Result {
    if (result.verdict === 'noticed' || result.verdict === 'unnoticed') {
      this.#byName.set(name, { ...result, fingerprint });
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(this.#file, JSON.stringify(Object.fromEntries(this.#byName), null, 2));
    }
    return result;
  }
}

function readKept(file: string): Record<string, Kept> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Kept>;
  } catch {
    return {};
  }
}
