/** Verdicts on planted faults, kept between runs; each is valid until the fault, its file or its tests change. */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PlantedFault } from './fault.ts';

export type Verdict = 'noticed' | 'unnoticed' | 'timed out' | 'broken' | 'stale';

export interface Result {
  readonly verdict: Verdict;
  /** The test that noticed it, or why none did. */
  readonly detail: string;
}

type Kept = Result & { readonly fingerprint: string };

/** Identifies a fault and the content of the files that its verdict depends on, whose paths are relative to `root`. */
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

  /** Keeps verdicts reached by tests. A time-out depends on the machine, so the fault is tried again. */
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
