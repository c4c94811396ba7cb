/**
 * How many refusals of unknown callers are listed individually: this many per address and minute; the others are only
 * counted.
 */

const PER_MINUTE = 30;
const MINUTE_MS = 60_000;
// Addresses distinguished per minute; the others share one allowance.
const MAX_ADDRESSES = 1000;
const OTHERS = '';

export class RefusalAllowance {
  #minute = 0;
  readonly #taken = new Map<string, number>();

  /** True while the address has some allowance left. @param time ms since the epoch */
  take(address: string, time: number): boolean {
    const minute = Math.floor(time / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#taken.clear();
    }
    const name = this.#taken.has(address) || this.#taken.size < MAX_ADDRESSES ? address : OTHERS;
    const taken = this.#taken.get(name) ?? 0;
    this.#taken.set(name, taken + 1);
    return taken < PER_MINUTE;
  }
}
