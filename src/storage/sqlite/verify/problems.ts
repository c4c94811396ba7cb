/**
 * Collects the problems found by the checks: a broken promise is often broken a million times, and a hundred examples
 * suffice.
 */

import type { VerifyProblem } from '../../../domain/storage.ts';

const MAX_REPORTED = 100;

export type Check =
  | 'file'
  | 'json'
  | 'catalog'
  | 'audiences'
  | 'references'
  | 'sequences'
  | 'members'
  | 'environments'
  | 'counters'
  | 'hours'
  | 'requests'
  | 'ledger'
  | 'chains'
  | 'history'
  | 'attributes'
  | 'attribute jobs'
  | 'values'
  | 'answers'
  | 'erasures'
  | 'checksums';

export class Problems {
  readonly #report: (problem: VerifyProblem) => void;
  readonly #counts = new Map<Check, number>();

  constructor(report: (problem: VerifyProblem) => void) {
    this.#report = report;
  }

  add(check: Check, message: string): void {
    const count = (this.#counts.get(check) ?? 0) + 1;
    this.#counts.set(check, count);
    if (count <= MAX_REPORTED) this.#report({ check, message });
  }

  /** Reports how many were withheld. */
  finish(): void {
    for (const [check, count] of this.#counts) {
      if (count > MAX_REPORTED) this.#report({ check, message: `and ${count - MAX_REPORTED} more` });
    }
  }
}

/** How a profile is named for people. */
export function profileName(id: number, integrationId: string): string {
  return `profile ${id} ('${integrationId.length > 100 ? `${integrationId.slice(0, 100)}…` : integrationId}')`;
}
